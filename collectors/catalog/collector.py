"""The catalog collector: services, teams, repositories and their owners from one file, CSV or JSON.

CSV, separated by commas or semicolons, with these columns in any order, all but the first two optional, and letter case
of no matter::

    service,team,repository,paths,kind,tier,template,created_at,archived_at,parent,timezone,holidays,headcount
    checkout,payments,acme/shop,services/checkout/;lib/money/,deployable,1,service-go,2026-01-05,,,,,
    ,platform,,,,,,,,engineering,Europe/Berlin,DE,7

A row is about the service it names, else the repository, else the team; ``parent`` and what follows it are the team's.
``paths`` are separated by semicolons (in quotes where those separate the cells); a date without a time is its midnight
in UTC.

JSON, one of::

    {"teams": [{"id": "platform", "parent": "engineering"}],
     "repositories": [{"name": "acme/shop", "team": "payments"}],
     "services": [{"name": "checkout", "team": "payments", "repository": "acme/shop", "paths": ["services/checkout/"]}]}
    [{"type": "service", "id": "checkout", "name": "checkout"}, …]

with the fields of the contract's events, and ``team`` for the owner or a list of them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from collectors.base import NO_ETAGS, Page, Rejection, SourceSettings
from collectors.catalog.entries import (
    COLUMNS,
    KINDS,
    Entries,
    event_statements,
    is_dated,
    object_statements,
    row_statements,
)
from collectors.kept_file import WHOLE, FileCollector
from collectors.ownership import dated
from collectors.table_file import read_table, unknown_columns
from tribometer.errors import EventRejected, SourceGone
from tribometer.events import Ownership
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from collectors.base import Cursor, ETags
    from collectors.table_file import Row

LISTS = {"teams": "team", "repositories": "repository", "services": "service"}
SHAPE = 'Write {"teams": […], "services": […], "repositories": […]}, or a list of events'


@dataclass(frozen=True)
class CatalogCollector(FileCollector):
    """One catalog file. Cursor: ``digest`` of its content, and ``owners``, the claims it has made so far.

    A claim the file no longer makes ends when that is seen. A service that is no longer in it is not deleted: it was
    there.
    """

    kind = "catalog"
    reads = KINDS

    def position(self, cursor: Cursor) -> str:
        """Count the claims there are now."""
        count = sum("valid_to" not in row for row in cursor.get("owners", ()))
        return f"{count:,} owner{'' if count == 1 else 's'}"

    def collect(self, since: Cursor | None, etags: ETags = NO_ETAGS) -> Generator[Page]:
        """Yield all the file says, when it has changed; raise `SourceError` when it cannot be read."""
        del etags  # the digest tells what is new
        content, before = self.content(), since or {}
        digest = hashlib.sha256(content).hexdigest()
        entries, remarks = self.parsed(self.decoded(content))
        if digest == before.get("digest"):
            yield Page((), before, remarks=remarks)
            return
        events = list(entries.events())
        claims = [event for event in events if isinstance(event, Ownership) and not is_dated(event)]
        facts = [event for event in events if not isinstance(event, Ownership) or is_dated(event)]
        # an empty or half-read file ends nothing: whoever writes it may not be done
        whole = bool(claims) and not entries.rejected
        owners, said = dated(claims, before.get("owners", ()), source=self.name, at=self.clock(), whole=whole)
        after = {"digest": digest, "owners": said}
        yield Page([*facts, *owners], after, entries.rejected, remarks=remarks, whole=WHOLE)

    def parsed(self, text: str) -> tuple[Entries, Sequence[Remark]]:
        """What the file says, and what to remark about it; raise `SourceGone` for one that is no catalog."""
        entries = Entries(self.name)
        try:
            if self.file.suffix.lower() == ".json":
                _take_json(entries, text)
                columns: Sequence[str] = ()
            else:
                columns = _take_csv(entries, text)
        except (ValueError, RecursionError) as error:
            raise SourceGone(self.name, f"{self.file}: {error}", "Correct it and collect again") from None
        remarks = [*unknown_columns(columns, COLUMNS)]
        if not entries.said:
            remarks.append(Remark("the catalog names no service and no team", "Add a row for each service"))
        return entries, remarks


def _take_csv(entries: Entries, text: str) -> Sequence[str]:
    """Take every row, and return the columns; raise `ValueError` without a column that is known."""
    table = read_table(text, COLUMNS)
    entries.rejected += [_refused(row, reason) for row, reason in table.rejected]
    for row in table.rows:
        try:
            entries.take(row_statements(row.cells, table.columns))
        except EventRejected as error:
            entries.rejected.append(_refused(row, error.reason))
    return table.columns


def _refused(row: Row, reason: str) -> Rejection:
    return Rejection(", ".join(f"{column}={cell}" for column, cell in row.cells.items()), reason, row.line)


def _take_json(entries: Entries, text: str) -> None:
    """Take every object; raise `ValueError` for what is no catalog."""
    data = json.loads(text)
    if isinstance(data, list):
        parts: dict[str, Any] = {"": data}
    elif isinstance(data, dict) and data and data.keys() <= LISTS.keys():
        parts = data
    else:
        raise ValueError(f"this is no catalog. {SHAPE}")
    for key, items in parts.items():
        if not isinstance(items, list):
            raise ValueError(f"{key!r} is no list. {SHAPE}")  # noqa: TRY004 - the file is wrong, not the caller
        for number, item in enumerate(items):
            _take_object(entries, f"{key}[{number}]", LISTS.get(key), item)


def _take_object(entries: Entries, place: str, kind: str | None, item: object) -> None:
    try:
        entries.take(object_statements(kind, item) if kind else event_statements(item))
    except EventRejected as error:
        entries.rejected.append(Rejection(json.dumps(item, ensure_ascii=False), f"{place}: {error.reason}"))


class CatalogSettings(SourceSettings):
    """A ``[[sources]]`` table of kind catalog; ``[catalog] file = "catalog.csv"`` is short for one."""

    kind: Literal["catalog"]
    file: Path
    """CSV, or JSON if its name ends in ``.json``: services, teams, repositories and who owns them."""
    name: Annotated[str, Field(min_length=1)] | None = None
    """What the source is called; default: the file's name."""

    def collector(self, data: Path) -> CatalogCollector:
        """Make the collector; it keeps nothing on disk."""
        del data
        return CatalogCollector(self.file.expanduser().absolute(), self.name or self.file.name)


SETTINGS = CatalogSettings
