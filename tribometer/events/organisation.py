"""Who owns what: teams, services, repositories, people and the dated ownership between them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from tribometer.events.base import Address, Branch, Count, Event, Instant, Personal, PersonRef, Text


class Team(Event):
    """A group of people that owns services; results are shown for teams, never for persons."""

    TYPE: ClassVar[str] = "team"

    name: Text | None = None
    """Shown on pages; the ``id`` is the key that other events use."""
    parent: Text | None = None
    """The team above it."""
    timezone: Text | None = None
    """IANA name, e.g. ``Europe/Berlin``; the business clock of its waits."""
    holidays: Text | None = None
    """ISO 3166 country code whose public holidays stop the business clock."""
    headcount: Count | None = None
    """People in the team."""


class Service(Event):
    """A deployable application or a library: the unit of analysis (DORA: one application or service at a time)."""

    TYPE: ClassVar[str] = "service"

    name: Text
    """The key that deployments, incidents and ownership use."""
    kind: Literal["deployable", "library"] | None = None
    """Absent counts as deployable."""
    created_at: Instant | None = None
    archived_at: Instant | None = None
    template: Text | None = None
    """Golden-path template it was created from."""
    tier: Text | None = None
    """Importance as the catalog states it."""
    repository: Text | None = None
    """Repository that holds its code."""
    paths: list[Text] | None = None
    """In a monorepo: path prefixes or globs that belong to this service."""


class Ownership(Event):
    """Which team owns a service or repository, or which a person belongs to, from when to when."""

    TYPE: ClassVar[str] = "ownership"
    ONE_OF: ClassVar[tuple[str, ...]] = ("service", "repository", "person")

    team: Text
    service: Text | None = None
    repository: Text | None = None
    person: PersonRef | None = None
    valid_from: Instant | None = None
    """Absent: since ever."""
    valid_to: Instant | None = None
    """Exclusive; absent: until now."""


class Repository(Event):
    """A repository; with no catalog it is one deployable service of its name."""

    TYPE: ClassVar[str] = "repository"

    name: Text
    url: Address | None = None
    default_branch: Branch | None = None
    created_at: Instant | None = None
    archived: bool | None = None
    fork: bool | None = None


class Person(Event):
    """A human or a bot. Stored only as a keyed pseudonym; ``id`` and ``handles`` are keyed before storing."""

    TYPE: ClassVar[str] = "person"

    kind: Literal["human", "bot"] | None = None
    start_date: Instant | None = None
    end_date: Instant | None = None
    handles: Annotated[list[Text], Personal()] | None = None
    """Logins and e-mail addresses, declared to be the same person."""
