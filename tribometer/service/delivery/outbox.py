"""Hands planned messages over, each at most once: claimed before, noted after, and unsure when a crash came in between.

Channels go side by side, so that a slow one keeps no other waiting. A message is claimed only when its sender is ready
to take it, so a crash leaves one a channel unsure, and what it says is looked up at that moment.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event, Lock
from typing import TYPE_CHECKING

from tribometer.errors import TribometerError
from tribometer.service.delivery.sending import RECHECK, Outgoing, next_wait
from tribometer.service.delivery.wanted import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from tribometer.service.delivery.sending import Outcome, Sender
    from tribometer.service.delivery.wording import Invite
    from tribometer.store.records.survey_records import Invitation, Message, Wave
    from tribometer.store.records.surveys import Surveys

LOST_AFTER = timedelta(minutes=10)
"""Nobody hands one message over for so long: whoever claimed it is gone."""
PASS = timedelta(seconds=45)
"""After this a pass takes up nothing more: the next one looks again at all channels."""
GIVEN_UP = "given up after {tries} tries"


@dataclass(frozen=True)
class Sent:
    """What a pass did. ``problems`` are channels that cannot send, in words: no address and no link is in them."""

    sent: int = 0
    failed: int = 0
    bounced: int = 0
    retried: int = 0
    unsure: int = 0
    """Of an earlier pass, or one that was cut off: nobody knows whether they were taken, and none is repeated."""
    dropped: int = 0
    problems: tuple[str, ...] = ()


def at_once(_: Invitation, moment: datetime) -> datetime:
    """Write to people at any time."""
    return moment


@dataclass
class Outbox:
    """The messages of one record store, on their way by ``senders``; safe to use from several threads.

    ``invite_of`` words what an invitation is told, ``may_write`` is the first moment from a given one at which somebody
    may be written to. In a ``demo`` nothing is sent.
    """

    surveys: Surveys
    senders: Mapping[str, Sender]
    invite_of: Callable[[Invitation, Wave, str], Invite]
    clock: Callable[[], datetime]
    may_write: Callable[[Invitation, datetime], datetime] = at_once
    demo: bool = False
    _passing: Lock = field(default_factory=Lock)
    _ended: Event = field(default_factory=Event)
    _resting: dict[str, datetime] = field(default_factory=dict)

    def send_due(self, limit: int = 500) -> Sent:
        """Send what is due, so many messages a channel; one pass at a time, a second one meanwhile does nothing.

        Raise `StoreError` where the records cannot be kept; what was handed over by then is told ``unsure`` later.
        """
        if self.demo or not self._passing.acquire(blocking=False):
            return Sent()
        try:
            unsure = len(self.surveys.unsure(before=self.clock() - LOST_AFTER))
            counts, problems = self._all_channels(limit)
            return Sent(
                sent=counts["sent"],
                failed=counts["failed"],
                bounced=counts["bounced"],
                retried=counts["later"],
                unsure=unsure,
                dropped=counts["dropped"],
                problems=tuple(problems),
            )
        finally:
            self._passing.release()

    def end(self) -> None:
        """Take up nothing more, for the process is about to end; what is being handed over is finished."""
        self._ended.set()

    def _all_channels(self, limit: int) -> tuple[Counter[str], list[str]]:
        now, counts = self.clock(), Counter[str]()
        awake = [name for name in self.senders if self._resting.get(name, now) <= now]
        passes = [_Pass(self, name, limit, now + PASS) for name in awake]
        with ThreadPoolExecutor(max(1, len(passes)), thread_name_prefix="deliver") as pool:
            running = [pool.submit(each.run) for each in passes]
            try:
                for each in running:
                    counts += each.result()
            except BaseException:
                self._stop(passes)
                raise
        for each_pass in passes:
            if each_pass.rests_until is not None:
                self._resting[each_pass.channel] = each_pass.rests_until
        return counts, [each_pass.problem for each_pass in passes if each_pass.problem]

    def _stop(self, passes: list[_Pass]) -> None:
        for each in passes:
            each.limit = 0


@dataclass
class _Pass:
    """One channel's part of a pass."""

    outbox: Outbox
    channel: str
    limit: int
    ends_at: datetime
    counts: Counter[str] = field(default_factory=Counter)
    problem: str = ""
    rests_until: datetime | None = None

    def run(self) -> Counter[str]:
        """Send until nothing is due, enough was sent, or the channel cannot send."""
        for outcome in self.outbox.senders[self.channel].send(self._claimed()):
            self._note(outcome)
        return self.counts

    def _claimed(self) -> Iterator[Outgoing]:
        """Claim message after message, and pass on those that are still wanted."""
        box = self.outbox
        while self.limit > 0 and box.clock() < self.ends_at and not box._ended.is_set():  # noqa: SLF001 - its own part
            found = box.surveys.claim(1, self.channel)
            if not found:
                return
            self.limit -= 1
            outgoing = self._wanted(found[0])
            if outgoing is not None:
                yield outgoing

    def _wanted(self, message: Message) -> Outgoing | None:
        """What to hand over; None where the message is needless, or its time has not come."""
        box, now = self.outbox, self.outbox.clock()
        invitation = box.surveys.invitation(message.invitation)
        wave = None if invitation is None else box.surveys.wave_numbered(invitation.wave)
        if invitation is None or wave is None or invitation.address is None:
            self._drop(message)
            return None
        told = standing(message, invitation, wave, now)
        if told == "needless":
            self._drop(message)
            return None
        again = now + RECHECK if told == "early" else box.may_write(invitation, now)
        if again > now:
            box.surveys.put_back(message, again)
            return None
        return self._worded(message, invitation, wave)

    def _worded(self, message: Message, invitation: Invitation, wave: Wave) -> Outgoing | None:
        """Word it; where that fails it was not handed over, so it waits."""
        box = self.outbox
        try:
            invite = box.invite_of(invitation, wave, message.kind)
        except BaseException as error:
            worded = isinstance(error, TribometerError)
            box.surveys.put_back(message, box.clock() + RECHECK, str(error) if worded else None)
            if not worded:
                raise
            self.problem = f"wave {wave.name}: {error}"
            return None
        return Outgoing(message, str(invitation.address), invite)

    def _drop(self, message: Message) -> None:
        self.outbox.surveys.drop(message)
        self.counts["dropped"] += 1

    def _note(self, outcome: Outcome) -> None:
        """Note what came of a message; an unsure one stays claimed, and is told when nobody can be at it any more."""
        surveys, message, now = self.outbox.surveys, outcome.message, self.outbox.clock()
        self.counts[outcome.result] += 1
        if outcome.result == "sent":
            surveys.sent(message, outcome.reference)
        elif outcome.result in {"bounced", "failed"}:
            surveys.not_sent(message, outcome.problem, again_at=None, bounced=outcome.result == "bounced")
        elif outcome.result == "later":
            self._later(outcome, now)
        elif outcome.result == "rest":
            self.problem = f"{self.channel}: {outcome.problem}"
            self.rests_until = now + (outcome.after or RECHECK)
            surveys.put_back(message, self.rests_until, outcome.problem)

    def _later(self, outcome: Outcome, now: datetime) -> None:
        message, wait = outcome.message, next_wait(outcome.message.attempts)
        if wait is None:
            self.counts.update(failed=1, later=-1)
            given_up = GIVEN_UP.format(tries=message.attempts)
            self.outbox.surveys.not_sent(message, f"{outcome.problem}; {given_up}", again_at=None)
        else:
            again_at = now + max(wait, outcome.after or wait)
            self.outbox.surveys.not_sent(message, outcome.problem, again_at=again_at)
