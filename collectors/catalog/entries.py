"""What a catalog file says, whatever its shape: services, teams, repositories and who owns them.

A row or object is checked as a whole: if one of its statements does not fit, none of them lands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.table_file import check_dates, check_order, instant, listed
from tribometer.errors import EventRejected
from tribometer.events import Event, Ownership, Service, Team, parse_event
from tribometer.settings.values import country, time_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from collectors.base import Rejection

DATES = ("created_at", "archived_at")
SPAN = ("valid_from", "valid_to")
TEAM_FIELDS = ("parent", "timezone", "holidays", "headcount")
SERVICE_FIELDS = ("repository", "paths", "kind", "tier", "template", *DATES)
KINDS = frozenset({"team", "service", "repository", "ownership"})
"""Types of event that a catalog can hold."""
COLUMNS = ("service", "team", *SERVICE_FIELDS, *TEAM_FIELDS)
"""Columns of a CSV catalog."""


@dataclass(frozen=True)
class Statement:
    """What is said about one thing: the fields of an event of a type; a field that is None was left empty."""

    kind: str
    name: object
    fields: Mapping[str, Any]

    def event(self, source: str) -> Event:
        """The event it makes; raise `EventRejected` with all that is wrong with it."""
        named = {} if self.kind in {"team", "ownership"} else {"name": self.name}
        return parse_event({**named, **self.fields, "type": self.kind, "source": source, "id": self.name})


@dataclass
class Entries:
    """What was read so far. Several statements about one thing add up; null stands where all left a field empty."""

    source: str
    said: dict[tuple[str, str], Statement] = field(default_factory=dict)
    rejected: list[Rejection] = field(default_factory=list)

    def take(self, statements: Sequence[Statement]) -> None:
        """Take them all; raise `EventRejected`, and take none, when one does not fit."""
        events = [statement.event(self.source) for statement in statements]
        for event in events:
            _check(event)
        for event, statement in zip(events, statements, strict=True):
            before = self.said.get((event.type, event.id))
            fields = dict(before.fields) if before else {}
            filled = {name: value for name, value in statement.fields.items() if value is not None}
            self.said[event.type, event.id] = Statement(
                statement.kind, statement.name, {**dict.fromkeys(statement.fields), **fields, **filled}
            )

    def events(self) -> Iterator[Event]:
        """One event per thing."""
        return (statement.event(self.source) for statement in self.said.values())


def claim(team: object, kind: str, name: object) -> Statement:
    """That a team owns a service or repository now."""
    return Statement("ownership", f"{kind}/{name}/{team}", {"team": team, kind: name})


def row_statements(cells: Mapping[str, str], columns: Sequence[str]) -> list[Statement]:
    """What a CSV row says of the service it names, else of the repository, else of the team; refuse one without any."""
    check_dates(cells, DATES)
    values = {name: CONVERT[name](cell) if name in CONVERT else cell for name, cell in cells.items()}
    service, team, repository = (values.get(name) for name in ("service", "team", "repository"))
    of_team = {name: values[name] for name in TEAM_FIELDS if name in values}
    if not (service or repository or team):
        raise EventRejected("names no service, repository or team; fill one of these columns")
    found = []
    if team and (of_team or not (service or repository)):
        found.append(Statement("team", team, of_team))
    if service:
        # an empty cell is null, so that what it said before can be cleared
        fields = {name: values.get(name) for name in SERVICE_FIELDS if name in columns}
        found.append(Statement("service", service, fields))
    if team and (service or repository):
        found.append(claim(team, "service" if service else "repository", service or repository))
    return found


def object_statements(kind: str, data: object) -> list[Statement]:
    """What an object of a JSON catalog says: the fields of the contract's event, and its owners as ``team``."""
    fields = _fields(data)
    name = fields.pop("id", fields.get("name")) if kind == "team" else fields.get("name")
    owners = fields.pop("team", None) or []
    claims = [claim(team, kind, name) for team in (owners if isinstance(owners, list) else [owners])]
    return [Statement(kind, name, fields), *claims]


def event_statements(data: object) -> list[Statement]:
    """What an event of the contract says; its source is the file."""
    fields = _fields(data)
    kind, name = fields.pop("type", None), fields.pop("id", None)
    if not isinstance(kind, str) or kind not in KINDS:
        raise EventRejected(f"a catalog holds no events of type {kind!r}; send them with tribometer import")
    return [Statement(kind, name, fields)]


def _fields(data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise EventRejected("not an object")
    dates = {*DATES, *SPAN}
    fields = {key: value for key, value in data.items() if key != "source"}
    check_dates(fields, dates)
    return {key: instant(value) if key in dates and isinstance(value, str) else value for key, value in fields.items()}


def _check(event: Event) -> None:
    """Raise `EventRejected` for what an event may say, and nobody who keeps a list can mean."""
    if isinstance(event, Service):
        check_order(event.created_at, event.archived_at, DATES)
    elif isinstance(event, Ownership):
        check_order(event.valid_from, event.valid_to, SPAN)
    elif isinstance(event, Team):
        _check_word("timezone", event.timezone, time_zone)
        _check_word("holidays", event.holidays, country)


def _check_word(name: str, word: str | None, taken: Callable[[str], str]) -> None:
    try:
        if word:
            taken(word)
    except ValueError as error:
        raise EventRejected(f"{name}: {error}") from None


def is_dated(event: Event) -> bool:
    """Whether a claim carries dates of its own."""
    return isinstance(event, Ownership) and bool(event.valid_from or event.valid_to)


def _count(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


CONVERT: Mapping[str, Callable[[str], Any]] = {
    "paths": listed, "headcount": _count, "created_at": instant, "archived_at": instant, "kind": str.lower,
}  # fmt: skip
