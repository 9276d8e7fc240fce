"""How the things of the forges become events: what they are called, who says so, and what is not known.

One object of an answer or of a delivery tells a few `Facts`; what it does not say is absent from the event, so that a
short delivery wipes out nothing that a collection has stored.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from collectors.base import Rejection
from collectors.ci.facts import CHANGE_MARKS, Facts, Forge
from collectors.git.log import BOT, REVERTS
from collectors.git.release import PRODUCTION
from collectors.people import handle

Raw = Mapping[str, Any]
RELEASES = re.compile(PRODUCTION)
"""Tags that are production releases unless the configuration says otherwise."""
RUBY = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)[ T](?P<time>\d\d:\d\d:\d\d(?:\.\d+)?) ?(?P<zone>UTC|Z|[+-]\d\d:?\d\d)")
"""RFC 3339, and how GitLab's webhooks write it: ``2021-04-28 21:50:00 +0200``, ``… UTC``."""
FULL_SHA = 40
KNOWN_SINCE = datetime(1970, 1, 2, tzinfo=UTC)
"""Gitea writes year 1, or the first second of 1970, where it knows no time."""


@dataclass(frozen=True)
class Place:
    """One repository as events name it: ``acme/shop/checkout`` of ``gitlab:acme/shop/checkout``.

    ``host`` stands in the source of a forge whose servers are told apart by it.
    """

    forge: Forge
    repository: str
    host: str = ""

    @property
    def source(self) -> str:
        """Who says so."""
        return f"{self.forge}:{self.host}{'/' if self.host else ''}{self.repository}"

    def change(self, number: object) -> str | None:
        """Id of a pull or merge request; None, as of the others, of what has no number."""
        return _named(f"{self.repository}{CHANGE_MARKS[self.forge]}", number)

    def issue(self, number: object) -> str | None:
        """Id of an issue that is an incident."""
        return _named(f"{self.repository}#", number)

    def run(self, run: object, attempt: object) -> str | None:
        """Id of one attempt of a run."""
        return _named(f"{self.repository}/runs/", run, attempt)

    def job(self, job: object) -> str | None:
        """Id of a job."""
        return _named(f"{self.repository}/jobs/", job)

    def deployment(self, identity: object) -> str | None:
        """Id of a deployment."""
        return _named(f"{self.repository}/deployments/", identity)

    def release(self, release: object) -> str | None:
        """Id of the deployment that a release is taken for."""
        return _named(f"{self.repository}/releases/", release)

    def person(self, login: object) -> str | None:
        """The handle of somebody with this login."""
        return handle(self.forge, login) if isinstance(login, str) else None

    def facts(self) -> ForgeFacts:
        """Nothing told yet."""
        return ForgeFacts(source=self.source, repository=self.repository)

    def told(self, kind: str, identity: str | None, /, *, null: Collection[str] = (), **fields: object) -> ForgeFacts:
        """Nothing but one event (`ForgeFacts.tell`)."""
        facts = self.facts()
        facts.tell(kind, identity, null=null, **fields)
        return facts


@dataclass
class ForgeFacts(Facts):
    """Facts of one repository, with the words of `tell`."""

    repository: str = ""

    def tell(self, kind: str, identity: str | None, /, *, null: Collection[str] = (), **fields: object) -> None:
        """Make an event of the fields that are known; those in ``null`` are carried even when they are None."""
        self.say(kind, f"{kind} {identity or f'of {self.repository}'}", null=null, id=identity, **fields)

    def reject(self, raw: object, reason: str) -> None:
        """Keep what it is called, with the reason why it is no event: what came may name people."""
        self.rejected.append(Rejection(str(raw), reason))


def when(value: object) -> datetime | None:
    """Read a time with its offset exactly; None for anything else, a time without offset included."""
    found = RUBY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    zone = "+00:00" if found["zone"] in {"UTC", "Z"} else found["zone"]
    try:
        at = datetime.fromisoformat(f"{found['day']}T{found['time']}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at >= KNOWN_SINCE else None


def below(identity: str | None, *path: object) -> str | None:
    """Id of a part of what has this id, e.g. ``acme/checkout!12/notes/7``; None where either is not known."""
    return None if identity is None else _named(f"{identity}/", *path)


def _named(begin: str, *path: object) -> str | None:
    known = all(isinstance(each, str | int) and each != "" and not isinstance(each, bool) for each in path)
    return f"{begin}{'/'.join(map(str, path))}" if known else None


def reverted_commit(message: object) -> str | None:
    """Sha of the commit that a message says to undo, as git words it."""
    found = REVERTS.search(message.encode()) if isinstance(message, str) else None
    sha = found[1].decode() if found else ""
    return sha if len(sha) == FULL_SHA else None


def written_by_bot(*names: object) -> Literal["bot"] | None:
    """Whether any of a commit author's names or addresses is a bot's; None: nothing says so."""
    return "bot" if any(BOT.search(name) for name in names if isinstance(name, str)) else None
