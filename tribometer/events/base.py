"""What all events share: identity, merging, times, references and personal fields.

An event is one JSON object with ``type``, ``source`` (who says so), ``id`` (unique within type and source) and
the fields of its type. Shapes and rules: the contract, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

INT64 = 2**63 - 1
IDENTITY = frozenset({"type", "source", "id", "version"})


@dataclass(frozen=True)
class Personal:
    """Marks a field that names a person; it is turned into a keyed pseudonym before it is stored."""


@dataclass(frozen=True)
class Written:
    """Marks a field that people wrote freely: people it mentions and secrets are replaced before it is stored."""


@dataclass(frozen=True)
class Addressed:
    """Marks a field that is a URL: user, password, query and fragment are taken away before it is stored."""


@dataclass(frozen=True)
class Branched:
    """Marks a field that names a branch: a login in it is turned into a keyed pseudonym before it is stored."""


@dataclass(frozen=True)
class Titled:
    """Marks a name for people to read: logins that it mentions are turned into keyed pseudonyms before it is stored."""


@dataclass(frozen=True)
class References:
    """Marks a field whose value is the ``id`` of another event of type ``target``."""

    target: str


class Reference(BaseModel):
    """The ``id`` of another event; ``source`` is absent when it is the referring event's own source."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    source: Annotated[str, StringConstraints(min_length=1)] | None = None
    id: Annotated[str, StringConstraints(min_length=1)]


def _whole_number_as_text(value: object) -> object:
    """APIs number their runs; the number is a name here, so its digits are kept."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _reference_from_id(value: object) -> object:
    value = _whole_number_as_text(value)
    return {"id": value} if isinstance(value, str) else value


def _instant_from_text(value: object) -> object:
    """Read RFC 3339 only: pydantic would also take epoch numbers and bare dates, which hide unit and zone errors."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or len(value) < len("2026-01-01T00:00Z"):
        raise ValueError("a time is written as RFC 3339 text with an offset, like 2026-01-31T09:30:00Z")
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{error}; write it as RFC 3339 with an offset, like 2026-01-31T09:30:00Z") from None


def _version(value: object) -> object:
    """A whole number or a time, told apart here so that a wrong one gets one clear message."""
    if isinstance(value, bool) or not isinstance(value, int | str | datetime | None):
        raise ValueError("a version is a whole number or an RFC 3339 time")
    if isinstance(value, int) and abs(value) > INT64:
        raise ValueError("a version number has at most 63 bits")
    instant = _instant_from_text(value) if isinstance(value, str) else value
    return _utc(instant) if isinstance(instant, datetime) else instant


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("this time has no offset; say which, like 2026-01-31T09:30:00Z or +02:00")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("this time lies outside the years 1 to 9999 in UTC") from None


Text = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
"""A name, path or address: what is longer is no name, and grouping by it would fill the memory."""
Name = Annotated[str, BeforeValidator(_whole_number_as_text), StringConstraints(min_length=1, max_length=4096)]
Title = Annotated[Text, Titled()]
NumberedTitle = Annotated[Name, Titled()]
Prose = Annotated[str, Written()]
Address = Annotated[str, StringConstraints(min_length=1, max_length=4096), Addressed()]
Branch = Annotated[str, StringConstraints(min_length=1, max_length=4096), Branched()]
Count = Annotated[int, Field(ge=0, le=INT64)]
Whole = Annotated[int, Field(ge=-INT64, le=INT64)]
Instant = Annotated[datetime, BeforeValidator(_instant_from_text), AfterValidator(_utc)]
PersonRef = Annotated[str, StringConstraints(min_length=1, max_length=4096), Personal()]
ReferenceTo = Annotated[Reference, BeforeValidator(_reference_from_id)]


class FileChange(BaseModel):
    """Lines added and removed in one path; None where git counts no lines (binary files)."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")

    path: Text
    additions: Count | None = None
    deletions: Count | None = None


class Event(BaseModel):
    """One statement by one source about one thing.

    ``carried`` names the fields this event says something about (null included): those replace what is stored,
    the others stay. Unknown fields are kept in ``model_extra``.
    """

    # built at first use: a command that only reads numbers would pay for all types at its start
    model_config = ConfigDict(frozen=True, strict=True, extra="allow", defer_build=True)

    TYPE: ClassVar[str] = ""
    ONE_OF: ClassVar[tuple[str, ...]] = ()

    source: Text
    """Who says so, e.g. ``github:acme/checkout``."""
    id: Name
    """Unique within type and source."""
    version: Annotated[int | datetime | None, BeforeValidator(_version)] = None
    """A time or an integer; a lower one never replaces a higher one."""

    @model_validator(mode="before")
    @classmethod
    def _unfold_extra(cls, data: object) -> object:
        """An exported event carries its unknown fields under ``extra``; sent again they must not nest."""
        if not isinstance(data, dict) or not isinstance(data.get("extra"), dict):
            return data
        return {**data["extra"], **{key: value for key, value in data.items() if key != "extra"}}

    @model_validator(mode="after")
    def _has_one_of(self) -> Event:
        if self.ONE_OF and all(getattr(self, name) is None for name in self.ONE_OF):
            raise ValueError(f"needs one of: {', '.join(self.ONE_OF)}")
        return self

    @property
    def type(self) -> str:
        """The event type's name in the contract."""
        return self.TYPE

    @property
    def carried(self) -> frozenset[str]:
        """Names of the type's own fields that this event carries, null included."""
        return frozenset(self.model_fields_set) & frozenset(type(self).model_fields) - IDENTITY

    @property
    def extra(self) -> dict[str, Any]:
        """Fields that the contract does not know, kept as they came."""
        return {name: value for name, value in (self.model_extra or {}).items() if name != "type"}

    @property
    def order(self) -> int | None:
        """``version`` as a whole number: an integer as it is, a time in microseconds since 1970."""
        if self.version is None or isinstance(self.version, int):
            return self.version
        since = self.version - datetime(1970, 1, 1, tzinfo=UTC)
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
