"""What an outbox hands over, what came of it, and how long a message waits for its next try."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tribometer.service.delivery.wording import Invite
    from tribometer.store.records.survey_records import Message

Result = Literal["sent", "bounced", "failed", "later", "rest", "unsure"]
BACKOFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""Waits before the second, third, ... try; after the last one a message is given up."""
RECHECK = timedelta(minutes=10)
"""How long a channel rests whose settings need a person."""


@dataclass(frozen=True)
class Outgoing:
    """One message on its way: where to, and what to say."""

    message: Message
    address: str = field(repr=False)
    invite: Invite = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """What came of a message.

    ``sent``: taken, ``reference`` is the taker's own name for it. ``bounced``: nobody is there. ``failed``: refused for
    good. ``later``: try again, after ``after`` where the taker says when. ``rest``: nothing about this message, the
    whole channel cannot send for ``after``. ``unsure``: handed over, and nobody knows whether it was taken.
    ``problem`` is in words, and holds neither an address nor a link.
    """

    message: Message
    result: Result
    problem: str = ""
    reference: str | None = None
    after: timedelta | None = None


class Sender(Protocol):
    """Sends the messages of one channel."""

    def send(self, batch: Iterable[Outgoing]) -> Iterator[Outcome]:
        """Hand over one message after the other, over one connection where there is such a thing.

        The batch is lazy: taking the next message claims it, so the outcome of one is yielded before the next is taken.
        A sender that cannot go on yields ``rest`` for the message it holds, and ends.
        """
        ...


@dataclass(frozen=True)
class NoSender:
    """Stands for a channel that cannot reach a person; ``problem`` says why and what to do."""

    problem: str

    def send(self, batch: Iterable[Outgoing]) -> Iterator[Outcome]:
        """Leave everything where it is: once the settings are mended it goes out."""
        for outgoing in batch:
            yield Outcome(outgoing.message, "rest", self.problem, after=RECHECK)
            return


def next_wait(attempts: int) -> timedelta | None:
    """How long to wait after so many tries; None: no further one."""
    return BACKOFF[attempts - 1] if attempts <= len(BACKOFF) else None
