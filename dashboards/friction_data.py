"""What the page Friction may ask of the service, and the board as records for charts and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from dashboards.friction_words import amount_words, factors_words, number, places_words, rank_words
from metrics.friction.corroboration import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.friction.board import Board, Line
    from metrics.friction.measuring import Measured
    from metrics.query import Query
    from tribometer.settings import Friction

Record = dict[str, Any]


class FrictionSource(Protocol):
    """Everything the page may ask. Safe to call from several threads."""

    @property
    def settings(self) -> Friction:
        """What the settings say that waiting costs."""

    def measured(self, query: Query) -> Measured:
        """What was lost, as the engine adds it up."""

    def board(self, query: Query, found: Measured) -> Board:
        """That ranked, beside what people say."""

    def rows(self, query: Query, kind: str, newest: int) -> list[dict[str, Any]]:
        """The newest business days of a kind's waits, newest first; no row names anybody."""


_attended: list[FrictionSource] = []


def attend(source: FrictionSource) -> None:
    """Give the page what it asks; the last one given counts."""
    _attended[:] = [source]


def source() -> FrictionSource | None:
    """What `attend` gave; None where the service runs without it."""
    return _attended[0] if _attended else None


def counted(board: Board) -> list[Line]:
    """The kinds that cost anything, in their order."""
    return [line for line in board.lines if line.hours is not None and line.hours.value > 0]


def bar_records(board: Board) -> list[Record]:
    """A bar for each kind: hours a month, its interval, or with too few teams the range over them."""
    return [
        {
            "title": line.kind.title,
            "hours": hours.value,
            "low": hours.low if hours.low is not None else line.least,
            "high": hours.high if hours.high is not None else line.most,
            "words": amount_words(hours),
            "rank": rank_words(line),
            "places": places_words(line),
        }
        for line in counted(board)
        if (hours := line.hours)
    ]


def tie_records(board: Board) -> list[Record]:
    """The runs of ranks that cannot be told apart, by the titles of their first and last; ``lane`` keeps them apart."""
    titles = {line.rank: line.kind.title for line in counted(board)}
    records: list[Record] = []
    ends: list[int] = []
    for first, last in board.ties if any(line.first is not None for line in board.lines) else ():
        if first not in titles or last not in titles:
            continue
        lane = next((at for at, end in enumerate(ends) if end < first), len(ends))
        ends[lane : lane + 1] = [last]
        names = [titles[rank] for rank in range(first, last + 1) if rank in titles]
        records.append({"first": titles[first], "last": titles[last], "lane": lane, "words": ", ".join(names)})
    return records


def table_records(board: Board) -> list[Record]:
    """The board as a reader's table; money only where there is a rate."""
    return [
        {
            "Rank": rank_words(line),
            "Friction": line.kind.title,
            "Hours a month": amount_words(line.hours) if line.hours else "",
            **({f"{board.currency} a month": f"{line.money.value:,.0f}"} if line.money else {}),
            "Waits": f"{line.waits:,}",
            "Most of it in": places_words(line),
            "Counted as": factors_words(line),
        }
        for line in counted(board)
    ]


def place_records(line: Line) -> list[Record]:
    """Where a kind's hours lie."""
    return [
        {
            "Where": f"{place.what} {place.name}",
            "Hours a month": number(place.hours),
            "Share": f"{place.share:.0%}",
            "Rank among them": rank_words(place),
        }
        for place in line.places
    ]


def row_records(rows: Sequence[Mapping[str, Any]]) -> list[Record]:
    """Business days of waits as a reader's table."""
    return [
        {
            "Day": f"{row['at']:%Y-%m-%d}",
            "What": row["subject"],
            "Where": row["pipeline"] or row["service"] or row["team"] or "",
            "From": f"{row['span_from']:%Y-%m-%d %H:%M}",
            "To": f"{row['span_to']:%Y-%m-%d %H:%M}",
            "Waited, h": round((row["waited"] or 0.0) / 3600, 2),
            "People": row["people"],
            "Attention": row["attention"],
            "Lost, h": round(row["lost_seconds"] / 3600, 2),
        }
        for row in rows
    ]


def journey_records(board: Board) -> list[Record]:
    """Every journey with what is measured, what people say, and what follows."""
    return [
        {
            "Journey": each.journey.replace("_", " "),
            "Hours a month": "not measured" if each.hours is None else number(each.hours),
            "Favourable": "" if each.felt is None or each.felt.favourable is None else f"{each.felt.favourable:.0%}",
            "Opportunity of 20": ""
            if each.felt is None or each.felt.opportunity is None
            else f"{each.felt.opportunity:.1f}",
            "Reading": WORDS[each.reading],
            "What to do": each.advice,
        }
        for each in board.journeys
    ]
