"""An owner or group of repositories: which of them are wanted; each is a source of its own, with one client for all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from collectors.base import NO_ETAGS, Page
from collectors.forge.reading import Reading
from collectors.http.client import Client
from tribometer.errors import SourceGone
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Sequence
    from datetime import datetime, timedelta

    from collectors.base import Collector, Cursor, ETags, Permission
    from collectors.forge.reading import Part
    from collectors.http.server import Server

GLOB = frozenset("*?[")
R = TypeVar("R", bound=Reading)


@dataclass(frozen=True)
class Listed:
    """Which repositories there are, and how far the list was read."""

    members: Sequence[Collector]
    cursor: Cursor
    remarks: Sequence[Remark] = ()
    etags: ETags = field(default_factory=dict)


@dataclass(frozen=True)
class Family(ABC, Generic[R]):
    """An owner or group, ``selection`` of whose repositories are read by the same ``parts``, ``at_once`` at a time.

    The cursor says how many of them there were.
    """

    kind: str
    server: Server
    parts: tuple[Part[R], ...]
    selection: Selection
    at_once: int

    resumable: ClassVar[bool] = True
    overlap: ClassVar[timedelta]
    personal: ClassVar[frozenset[str]]

    @property
    def name(self) -> str:
        """The family of sources."""
        return self.server.source

    @property
    def reads(self) -> frozenset[str]:
        """What is read of the repositories."""
        return frozenset({"repository"}).union(*(part.reads for part in self.parts))

    def position(self, cursor: Cursor) -> str:
        """Count the repositories, collected or not."""
        return f"{cursor.get(self.selection.key, 0):,} {self.selection.key}"

    @abstractmethod
    def listed(self, client: Client, since: Cursor, etags: ETags) -> Listed:
        """Ask which repositories there are; raise `SourceError`."""

    @abstractmethod
    def check(self) -> Sequence[Permission]:
        """Try the credential on the first repository; raise `SourceError` when the server does not answer."""

    def starting(self, at: datetime) -> Cursor:
        """The list is read anew; the repositories begin at the time themselves."""
        del at
        return {}

    def unfinished(self, cursor: Cursor) -> Cursor:
        """Nothing: the repositories know of it themselves."""
        del cursor
        return {}

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield the list of repositories, which are collected before this goes on; `SourceGone` if none is wanted."""
        with Client(self.server) as client:
            found = self.listed(client, since or {}, etags)
            idle = bool(self.selection.patterns) and not found.members
            yield Page(
                (),
                found.cursor,
                requests=client.take_requests(),
                remarks=() if idle else tuple(found.remarks),
                etags=found.etags,
                quota=client.quota,
                members=found.members,
            )
            if idle:
                # whatever the table names, nothing of it is there: that is no collection
                problem = "; ".join(each.what for each in found.remarks)
                raise SourceGone(self.name, problem, found.remarks[-1].do)


@dataclass(frozen=True)
class Selection:
    """Names and globs of a table's ``key``; without any, each ``thing`` that is not archived is wanted.

    What is archived is wanted by its name only.
    """

    key: str
    thing: str
    patterns: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """The patterns that are names."""
        return tuple(pattern for pattern in self.patterns if not GLOB.intersection(pattern))

    def wants(self, *names: str, archived: bool) -> bool:
        """Whether what has these names is to be collected."""
        fitting = not self.patterns or any(fnmatchcase(name, glob) for name in names for glob in self.patterns)
        return any(name in self.patterns for name in names) or (fitting and not archived)

    def remarks(self, owner: str, found: Collection[str], told: Collection[str] = ()) -> list[Remark]:
        """What is to be said of patterns that select nothing, and of an owner with nothing to collect.

        ``found`` are the names of all that was selected; ``told`` are those that were asked for by name: what could
        not be read of them is said already, and a server may answer with another spelling.
        """
        idle = [pattern for pattern in self.patterns if not any(fnmatchcase(name, pattern) for name in found)]
        idle = [pattern for pattern in idle if not found or pattern not in told]
        if idle:
            do = f"Correct or remove it in `{self.key}`, or let the token see more; archived ones need their whole name"
            return [Remark(f"no {self.thing} of {owner} fits {', '.join(idle)}", do)]
        if found:
            return []
        do = f"Check that the token may see them; archived ones are collected only by their name in `{self.key}`"
        return [Remark(f"{owner} has no {self.thing} to collect", do)]
