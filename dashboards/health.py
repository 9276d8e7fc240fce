"""What the Data health page shows and lets its reader do: the service fills it in, the doctor prints the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tribometer.errors import TribometerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dashboards.health_sources import Collection, CredentialHealth, SourceHealth

BROKEN, AWAY, WAITING, NOTE = "broken", "unreachable", "waiting", "note"
"""Somebody has to act; a server is away, which may mend itself; it does mend itself; worth a look."""
FAILURES = frozenset({BROKEN, AWAY})
UNTRIED = "untried credentials"
"""What a finding is about that a click mends at once."""
EXPLICIT, TAGS = "explicit", "tags"


@dataclass(frozen=True)
class Finding:
    """Something that is broken or deserves a note, what to do about it, and which part of the report it is about."""

    level: str
    what: str
    do: str
    about: str


@dataclass(frozen=True)
class SecretPlace:
    """A key whose value is a secret, and what is wrong with its place; never the secret."""

    key: str
    problem: str | None


@dataclass(frozen=True)
class Configuration:
    """The settings in force; ``from_this_clone``: nothing is configured, the clone around the caller is the source.

    ``problems``: what is wrong with tables of sources, each with its place and what to do.
    """

    file: str | None
    sources: tuple[str, ...]
    from_this_clone: bool
    problems: tuple[str, ...]
    secrets: tuple[SecretPlace, ...]


@dataclass(frozen=True)
class DataFolder:
    """The folder and the event store in it; sizes in bytes, modes in octal, None where there is nothing yet."""

    path: str
    exists: bool
    mode: str | None
    key_file_mode: str | None
    store_bytes: int | None
    store_version: int | None
    spill_bytes: int
    free_bytes: int
    memory_limit: str


@dataclass(frozen=True)
class Records:
    """The record store: ``place`` without its password; ``answers`` is None where none was made yet."""

    kind: str
    place: str
    answers: bool | None
    schema: str | None
    problem: str | None


@dataclass(frozen=True)
class CoverageHealth:
    """What share of its population a metric could judge: the contract's ``coverage``, and what would raise it."""

    metric: str
    title: str
    status: str
    coverage: Mapping[str, Any] | None
    problem: str | None
    do: str | None


@dataclass(frozen=True)
class RejectedLine:
    """One event that could not land; ``content`` is its beginning, its people keyed as they are stored."""

    number: int
    origin: str
    line: int | None
    reason: str
    content: str
    rejected_at: datetime


@dataclass(frozen=True)
class ReasonCount:
    """How many events were rejected for one reason."""

    reason: str
    count: int


@dataclass(frozen=True)
class RejectedHealth:
    """All rejected events: how many, why, and the newest."""

    count: int
    reasons: tuple[ReasonCount, ...]
    newest: tuple[RejectedLine, ...]


@dataclass(frozen=True)
class UnmappedEnvironment:
    """An environment whose tier nobody has said, what it holds back, and the line that would map it."""

    environment: str
    deployments: int
    services: int
    line: str


@dataclass(frozen=True)
class MappedEnvironment:
    """An environment mapped here; ``settings_tier`` is what the settings say, which goes first."""

    environment: str
    tier: str
    settings_tier: str | None
    line: str


@dataclass(frozen=True)
class Origin:
    """What counts as a deployment of one service: ``explicit`` events or release ``tags``; ``aside`` tags do not."""

    service: str | None
    counts: str
    deployments: int
    aside: int
    why: str | None


@dataclass(frozen=True)
class SharedRepository:
    """A repository of several services, and how many deployments to production name none of them but it."""

    repository: str
    services: tuple[str, ...]
    deployments: int


@dataclass(frozen=True)
class HealthReport:
    """Everything the numbers rest on; ``ok`` is false when something is broken or out of reach."""

    ok: bool
    findings: tuple[Finding, ...]
    checked_at: datetime
    demo: bool
    service_running: bool
    configuration: Configuration
    data_folder: DataFolder
    records: Records
    sources: tuple[SourceHealth, ...]
    coverage: tuple[CoverageHealth, ...]
    rejected: RejectedHealth
    unmapped_environments: tuple[UnmappedEnvironment, ...]
    mapped_environments: tuple[MappedEnvironment, ...]
    tiers: tuple[str, ...]
    origins: tuple[Origin, ...]
    versions: Mapping[str, str | None]
    suggested_people: int = 0
    shared_repositories: tuple[SharedRepository, ...] = ()
    """Pairs of handles that may be one person's."""
    credentials: tuple[CredentialHealth, ...] | None = None
    """What trying them came to; None: they were not tried."""


@dataclass(frozen=True)
class Visitor:
    """Who looks at a page: the address of their machine, None for this one, and what their browser sent."""

    address: str | None
    headers: Mapping[str, str]


class Keeper(Protocol):
    """What the page may ask about the data's state and have done about it; actions return what came of them in words.

    Actions raise `TribometerError`. Whether a visitor may act is for ``forbids`` to say, before any action.
    """

    def health(self) -> HealthReport:
        """The doctor's report; one that is a few seconds old may come again while nothing has landed."""

    def rejected(self, reason: str | None, limit: int) -> Sequence[RejectedLine]:
        """The newest rejected events, of one reason or of all."""

    def forbids(self, visitor: Visitor) -> str | None:
        """Why this visitor may not act; None: they may."""

    def resend(self, numbers: Sequence[int] | None) -> str:
        """Try rejected events again; None: all. Raise `NothingLanded` when none of them landed."""

    def discard(self, numbers: Sequence[int] | None) -> str:
        """Drop rejected events for good; None: all."""

    def map_environment(self, environment: str, tier: str | None) -> str:
        """Give an environment a tier; None takes the one given here away again."""

    def collect(self, source: str) -> str:
        """Begin to collect a source now."""

    def collections(self) -> Sequence[Collection]:
        """What is being collected now, from memory."""

    def check_credentials(self) -> str:
        """Try every source's credential; the report has what came of it from then on."""


class NothingLanded(TribometerError):
    """Events were sent again and every one of them was rejected again."""


class NoKeeper(TribometerError):
    """The page script was started without the service around it."""

    def __init__(self) -> None:
        """Say how the pages are meant to be started."""
        super().__init__("Data health is kept by `tribometer up`; the page has nobody to ask when started alone.")


_attending: list[Keeper] = []


def attend(keeper: Keeper) -> None:
    """Give the pages their keeper, as `dashboards.data.provide` gives them their reader; the last one counts."""
    _attending[:] = [keeper]


def keeper() -> Keeper:
    """Return the keeper that `attend` gave; raise `NoKeeper` when there is none."""
    if not _attending:
        raise NoKeeper
    return _attending[0]
