"""What a user asks, as text from a command line or a URL, turned into a `metrics.Query`."""

from __future__ import annotations

import difflib
import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypedDict

from tribometer.errors import UsageError

if TYPE_CHECKING:
    from metrics import Query

OFFSET = r"Z|[+-]\d{2}:?\d{2}"
DATE = re.compile(rf"(\d{{4}}-\d{{2}}-\d{{2}})({OFFSET})?")
PEOPLE = {"person", "author", "reviewer", "committer", "developer", "user"}
UNESCAPED_PLUS = re.compile(r" (?=\d{2}:\d{2}$)")


class Asked(TypedDict, total=False):
    """The options of ``tribometer metric``, also the parameters of its URL; all text, absent or None: the default."""

    service: str | None
    team: str | None
    start: str | None
    end: str | None
    by: str | None
    clock: str | None
    unit: str | None
    blame: str | None
    bots: str | None
    owners: str | None
    version: str | None
    compare: str | None


def spelled(key: str) -> str:
    """Return how a user writes a key of `Asked`; some are no names in Python, or mean something else to a command."""
    return {"start": "from", "end": "to", "version": "definition"}.get(key, key)


class UnknownMetric(UsageError):
    """There is no metric of that name."""

    def __init__(self, name: str, known: list[str]) -> None:
        """Suggest names that look like it."""
        close = difflib.get_close_matches(name, known, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "`tribometer metric` lists them."
        super().__init__(f"There is no metric {name!r}. {hint}")


def instant(text: str, option: str) -> datetime:
    """Read a date (its UTC midnight, or the midnight of the offset given) or an RFC 3339 time."""
    text = UNESCAPED_PLUS.sub("+", text.strip())  # a plus sign in a URL arrives as a space
    day = DATE.fullmatch(text)
    try:
        if day:
            date.fromisoformat(day[1])
            text = f"{day[1]}T00:00:00{day[2] or 'Z'}"
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text!r}: write a date like 2026-01-31, or a time with its offset.") from None
    if moment.tzinfo is None:
        raise UsageError(f"{option} {text!r}: a time needs its offset, like 2026-01-31T09:30:00Z.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise UsageError(f"{option} {text!r}: this lies outside the years 1 to 9999.") from None


def _whole(text: str | None, option: str) -> int | None:
    if text is not None and not text.isdecimal():
        raise UsageError(f"{option} {text!r}: give the number of a version, as `tribometer metric --json` lists them.")
    return None if text is None else int(text)


def query(name: str, asked: Asked, now: datetime) -> Query:
    """Check names, times and choices; raise `UsageError` that says what would be accepted."""
    from metrics import CATALOGUE, Query  # noqa: PLC0415 - the catalogue loads every definition

    if name not in CATALOGUE:
        raise UnknownMetric(name, list(CATALOGUE))
    if asked.get("by") in PEOPLE:
        raise UsageError(f"There is no series by {asked.get('by')}: no person is ever ranked. Choose service or team.")
    start, end = asked.get("start"), asked.get("end")
    return Query(
        metric=name,
        service=asked.get("service"),
        team=asked.get("team"),
        start=instant(start, "--from") if start else None,
        end=instant(end, "--to") if end else None,
        by=asked.get("by"),
        clock=asked.get("clock"),
        unit=asked.get("unit") or "change",
        blame=asked.get("blame") or "first",
        bots=asked.get("bots"),
        owners=asked.get("owners") or "then",
        version=_whole(asked.get("version"), "--definition"),
        now=now,
    )
