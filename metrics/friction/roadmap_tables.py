"""The roadmap as a table: CSV for a spreadsheet, Markdown for a page."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

from metrics.friction.corroboration import WORDS
from metrics.friction.phrases import amount_text, code, hours_text, money_text, rank_text, scope_text
from metrics.friction.roadmap import SAY_EFFORT
from metrics.wording import MISSING, share_text, value_text
from tribometer.spreadsheet import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metrics.friction.board import Amount
    from metrics.friction.roadmap import Item, Roadmap

COLUMNS = (
    "place", "kind", "title", "ordered_by",
    "hours_lost_per_month", "hours_lost_low", "hours_lost_high", "rank", "rank_first", "rank_last",
    "reducible_share", "reducible_from", "effort_days",
    "hours_returned_per_month", "hours_returned_low", "hours_returned_high", "hours_returned_per_day_of_effort",
    "money_lost_per_month", "money_lost_low", "money_lost_high",
    "money_returned_per_month", "money_returned_low", "money_returned_high", "currency",
    "reading", "where", "remedy", "definition",
)  # fmt: skip
HEAD = ("place", "friction", "lost", "returned", "effort", "per day of effort", "rank by hours", "people say", "where")

BAR = "\\|"
"""A bar within a cell of a Markdown table."""


def to_csv(roadmap: Roadmap) -> str:
    """RFC 4180 with a head and a row for each item; what is not known is empty, and no cell is a formula.

    Hours and money are a month's, with bounds of the 95 % interval; effort is in days. To be written in UTF-8, with the
    ends of lines as they are.
    """
    file = StringIO()
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    rows.writerows(_row(item, roadmap.currency) for item in roadmap.items)
    return file.getvalue()


def to_markdown(roadmap: Roadmap) -> str:
    """A table for those whose effort is known, one for the others, and what is assumed; names as code."""
    start, end = roadmap.days
    lines = [f"# Roadmap: hours lost from {start} to {end}, {scope_text(roadmap.scope)}", ""]
    known = [item for item in roadmap.items if item.delay is not None]
    unknown = [item for item in roadmap.items if item.delay is None]
    if not roadmap.items:
        lines += ["Nothing was lost that any source tells of in this period.", ""]
    if known:
        lines += ["## Ordered by the hours a month that a day of effort returns", "", *_table(known, roadmap), ""]
    if unknown:
        lines += ["## Ordered by the hours a month returned", "", f"Their effort is not known: {SAY_EFFORT}.", ""]
        lines += [*_table(unknown, roadmap), ""]
    return "\n".join([*lines, *_assumed(roadmap.items)])


def where(item: Item) -> list[str]:
    """Its costliest places: what each is, its name, and its hours."""
    return [f"{place.what} {code(place.name)}: {hours_text(place.hours)}" for place in item.places]


def _row(item: Item, currency: str | None) -> list[str]:
    kind, reading = item.kind, item.agreement.reading if item.agreement else None
    return [
        str(item.place), kind.name, plain(kind.title), "hours returned" if item.delay is None else "day of effort",
        *_numbers(item.hours), str(item.rank), _number(item.first), _number(item.last),
        _number(item.reducible), "assumed" if item.assumed else "settings", _number(item.effort),
        *_numbers(item.returned), _number(item.delay),
        *_numbers(item.cost), *_numbers(item.money), plain(currency or ""),
        WORDS[reading] if reading else "",
        plain("; ".join(f"{place.what} {place.name}" for place in item.places)),
        plain(kind.remedy), plain(kind.formula),
    ]  # fmt: skip


def _numbers(each: Amount | None) -> list[str]:
    return ["", "", ""] if each is None else [_number(each.value), _number(each.low), _number(each.high)]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _table(items: Sequence[Item], roadmap: Roadmap) -> list[str]:
    money = roadmap.currency is not None
    head = [*HEAD, "money returned"] if money else [*HEAD]
    rows = [[*_cells(item), *([_money(item, roadmap.currency)] if money else [])] for item in items]
    return [_line(head), _line(["---"] * len(head)), *(_line(row) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |"


def _cells(item: Item) -> list[str]:
    reading = item.agreement.reading if item.agreement else None
    return [
        str(item.place),
        item.kind.title,
        amount_text(item.hours),
        amount_text(item.returned),
        value_text("days", item.effort),
        MISSING if item.delay is None else hours_text(item.delay),
        rank_text(item.rank, item.first, item.last),
        WORDS[reading] if reading else MISSING,
        "; ".join(where(item)) or MISSING,
    ]


def _money(item: Item, currency: str | None) -> str:
    return MISSING if item.money is None else money_text(item.money, currency or "")


def _assumed(items: Sequence[Item]) -> list[str]:
    """Which share of each is taken to come back, and from where that is known."""
    shares = [
        f"- {item.kind.title}: {share_text(item.reducible)}"
        + (" (assumed; [friction] reducible says otherwise)" if item.assumed else "")
        for item in items
    ]
    return ["Share of the hours that is taken to come back:", "", *shares, ""] if shares else []
