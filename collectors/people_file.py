"""The people collector: who works here since when and in which teams, from a CSV file of the personnel office.

These columns in any order, letter case of no matter, separated by commas or semicolons; one that names the person is
enough::

    id,email,handles,github,gitlab,gitea,start_date,end_date,team,kind
    1234,ann@example.org,,ann,ann.b,,2026-01-05,,payments,human

``id`` is a number or name of the office's own. ``handles`` and ``team`` take several, separated by semicolons (in
quotes where those separate the cells); a handle of a forge other than GitHub is written ``gitlab:dave``. A date without
a time is its midnight in UTC. All handles of a row are declared to be one person's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import Field

from collectors.base import NO_ETAGS, Page, Rejection, SourceSettings
from collectors.kept_file import WHOLE, FileCollector
from collectors.ownership import dated
from collectors.people import handle
from collectors.table_file import BadHeader, check_dates, check_order, instant, listed, read_table, unknown_columns
from tribometer.errors import EventRejected, SourceGone
from tribometer.events import Ownership, Person, parse_event
from tribometer.privacy import Pseudonyms
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence

    from collectors.base import Cursor, ETags
    from collectors.table_file import Row, Table

FORGES = ("github", "gitlab", "gitea")
DATES = ("start_date", "end_date")
NAMING = ("id", "email", "handles", *FORGES)
COLUMNS = (*NAMING, *DATES, "team", "kind")
OFFICE = "people"
"""Before the office's own ids, so that a number is nobody's login."""


@dataclass(frozen=True)
class PeopleFileCollector(FileCollector):
    """One file of people. Cursor: ``digest`` of its content, ``teams``, who belonged where so far, and ``people`` seen.

    The cursor knows pseudonyms only. Who is no longer in the file is not forgotten: what was told stays.
    """

    pseudonyms: Callable[[], Pseudonyms] = field(kw_only=True)

    kind = "people"
    reads = frozenset({"person", "ownership"})

    def position(self, cursor: Cursor) -> str:
        """Count the people seen so far."""
        count = len(cursor.get("people", ()))
        return f"{count:,} {'person' if count == 1 else 'people'}"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield everybody, when the file has changed; raise `SourceError` when it cannot be read."""
        del etags  # the digest tells what is new
        pseudonyms, before = self.pseudonyms(), since or {}
        content = self.content()
        digest = pseudonyms.digest(content)
        table = self.parsed(self.decoded(content))
        people, rejected = parse_people(table, self.name)
        keyed = [pseudonyms.of(person.id) for person, _ in people]
        gone = sorted({*before.get("people", ())} - {*keyed})
        remarks = [*unknown_columns(table.columns, COLUMNS), *_about(people, gone)]
        if digest == before.get("digest"):
            yield Page((), before, remarks=remarks)
            return
        claims = memberships(people, pseudonyms, self.name)
        whole = bool(people) and not rejected
        teams, said = dated(claims, before.get("teams", ()), source=self.name, at=self.clock(), whole=whole)
        after = {"digest": digest, "teams": said, "people": sorted({*keyed, *gone})}
        yield Page([*(person for person, _ in people), *teams], after, rejected, remarks=remarks, whole=WHOLE)

    def parsed(self, text: str) -> Table:
        """The rows; raise `SourceGone` for a header that is none."""
        try:
            return read_table(text, COLUMNS)
        except BadHeader as error:
            raise SourceGone(self.name, f"{self.file}: {error}", "Correct it and collect again") from None


def parse_people(table: Table, source: str) -> tuple[list[tuple[Person, list[str]]], list[Rejection]]:
    """Everybody with their teams, and the rows that fit nobody: as events that can be corrected and sent."""
    rejected = [_refused(row, reason, {}) for row, reason in table.rejected]
    found: list[tuple[Person, list[str]]] = []
    lines: dict[str, int] = {}
    for row in table.rows:
        data = {"type": "person", "source": source, **_fields(row.cells, table.columns)}
        try:
            person = _person(row, data)
        except EventRejected as error:
            rejected.append(_refused(row, error.reason, data))
            continue
        names = {each.casefold() for each in (person.id, *(person.handles or ()))}
        twice = next((lines[name] for name in sorted(names) if name in lines), None)
        if twice is not None:
            # two rows with a handle in common would be taken for one person
            rejected.append(_refused(row, f"has an id or handle that line {twice} has too", data))
            continue
        lines |= dict.fromkeys(names, row.line)
        found.append((person, listed(row.cells.get("team", ""))))
    return found, rejected


def _person(row: Row, data: Mapping[str, Any]) -> Person:
    """The event of a row; raise `EventRejected` for one that names nobody, or dates that cannot be."""
    if data["id"] is None:
        raise EventRejected(f"names nobody; fill one of the columns {', '.join(NAMING)}")
    check_dates(row.cells, DATES)
    person = cast("Person", parse_event(data))
    check_order(person.start_date, person.end_date, DATES)
    return person


def memberships(people: Iterable[tuple[Person, Sequence[str]]], pseudonyms: Pseudonyms, source: str) -> list[Ownership]:
    """That each belongs to their teams now; the claims name pseudonyms, for their ids and the cursor are not keyed."""
    keyed = ((pseudonyms.of(person.id), team) for person, teams in people for team in teams)
    return [Ownership(source=source, id=f"person/{who}/{team}", team=team, person=who) for who, team in keyed]


def _fields(cells: Mapping[str, str], columns: Sequence[str]) -> dict[str, Any]:
    """The fields of a person event; a date's column that is there and empty is null, so that a cell can be cleared."""
    own = handle(OFFICE, cells.get("id"))
    handles = [
        cells.get("email"),
        *listed(cells.get("handles", "")),
        *(handle(each, cells.get(each)) for each in FORGES),
    ]
    known = list(dict.fromkeys(each for each in handles if each))
    fields: dict[str, Any] = {"id": own or next(iter(known), None), "handles": known}
    fields |= {name: instant(cells[name]) if name in cells else None for name in DATES if name in columns}
    return fields | ({"kind": cells["kind"].lower()} if "kind" in cells else {})


def _refused(row: Row, reason: str, data: Mapping[str, Any]) -> Rejection:
    """A row as an event, in which it is known what names a person; of one that cannot be that, only its line."""
    return Rejection(json.dumps(data or {"line": row.line}, ensure_ascii=False), reason, row.line)


def _about(people: Sequence[tuple[Person, Sequence[str]]], gone: Sequence[str]) -> list[Remark]:
    remarks = []
    if not people:
        remarks.append(Remark("the file names nobody", "Add a row for each person"))
    elif not any(person.start_date for person, _ in people):
        what = "nobody has a start date, so onboarding times cannot be told"
        remarks.append(Remark(what, "Fill the column start_date with the first working day"))
    if gone:
        many = f"{len(gone):,} {'person is' if len(gone) == 1 else 'people are'}"
        what = f"{many} no longer in the file; what was told of them is kept, only their place in a team ends"
        remarks.append(Remark(what, "Give leavers an end_date rather than taking their rows out"))
    return remarks


class PeopleSettings(SourceSettings):
    """A ``[[sources]]`` table of kind people."""

    kind: Literal["people"]
    file: Path
    """CSV: who works here, under which handles, since when, in which teams."""
    name: Annotated[str, Field(min_length=1)] | None = None
    """What the source is called; default: the file's name."""

    def collector(self, data: Path) -> PeopleFileCollector:
        """Make the collector; people are keyed with the key of the data folder."""
        file = self.file.expanduser().absolute()
        pseudonyms = partial(Pseudonyms.load_or_make, data)
        return PeopleFileCollector(file, self.name or file.name, pseudonyms=pseudonyms)


SETTINGS = PeopleSettings
