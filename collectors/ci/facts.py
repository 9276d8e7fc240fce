"""What all CI servers tell in their own words, in the words of events: revisions, repositories, changes.

Servers of CI know a repository by the URL they cloned and a pull request by its number; the change itself is an event
of its forge. `Forge` says which forge that is, so that a run can point at it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from collectors.git.clone import SCP_LIKE, name_from_url
from collectors.parsed import Parsed
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

Forge = Literal["github", "gitlab", "gitea"]
MOST_NAMED = 5
REVISION = re.compile(r"[0-9a-f]{7,64}")
PUBLIC_FORGES: Mapping[str, Forge] = {"github.com": "github", "gitlab.com": "gitlab"}
CHANGE_MARKS: Mapping[Forge, str] = {"github": "#", "gitlab": "!", "gitea": "#"}


@dataclass
class Facts(Parsed):
    """Gathers what one answer of ``source`` says; what is None is not known, and not carried."""

    source: str = ""

    def say(self, event_type: str, raw: object, *, null: Collection[str] = (), **fields: object) -> None:
        """Make an event of the fields that are known, or reject ``raw`` with the reason.

        Those in ``null`` are carried even when they are None, for that is what the source says.
        """
        known = {name: value for name, value in fields.items() if value is not None or name in null}
        self.add(event_type, raw, source=self.source, **known)


def revision(value: object) -> str | None:
    """A commit's sha; a branch name or ``HEAD``, which servers say before they know, is none."""
    return value if isinstance(value, str) and REVISION.fullmatch(value) else None


def latest(times: Iterable[datetime | None]) -> datetime | None:
    """The latest of the times that are known."""
    return max((each for each in times if each), default=None)


def repository_of(url: object) -> str | None:
    """The repository's name by the URL it was cloned from; None for a URL that names none."""
    return name_from_url(url) if isinstance(url, str) else None


def host_of(url: str) -> str | None:
    """The host that a repository was cloned from."""
    if "://" not in url and SCP_LIKE.fullmatch(url):
        return url.partition(":")[0].rpartition("@")[2].lower()
    return urlsplit(url).hostname


def named(name: str, patterns: Mapping[str, str]) -> str | None:
    """What the first pattern that fits ``name`` stands for, e.g. the repository of a job."""
    return next((value for pattern, value in patterns.items() if fnmatchcase(name, pattern)), None)


def fits(name: str, patterns: Iterable[str]) -> bool:
    """Whether any pattern (``*``, ``?``) fits a name, letter case aside."""
    return any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)


def change_reference(forge: Forge | None, url: object, repository: str, number: object) -> Mapping[str, str] | None:
    """The change event of a pull request at its forge; None where the forge is not known.

    ``forge`` is the configured one; without it only the public forges are known, by their hosts.
    """
    at = forge or (PUBLIC_FORGES.get(host_of(url) or "") if isinstance(url, str) else None)
    if at is None or not str(number).isdecimal():
        return None
    return {"source": f"{at}:{repository}", "id": f"{repository}{CHANGE_MARKS[at]}{number}"}


def without_revision(jobs: Sequence[str]) -> list[Remark]:
    """Remark on jobs whose builds name no commit: they cannot be runs, which are of one."""
    if not jobs:
        return []
    more = f" and {len(jobs) - MOST_NAMED} more" if len(jobs) > MOST_NAMED else ""
    what = f"builds of {', '.join(jobs[:MOST_NAMED])}{more} name no git revision, so nothing is told of them"
    return [Remark(what, "If they build a repository, let the server's own git step check it out")]
