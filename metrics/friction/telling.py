"""The board as an object ready for JSON: hours a month, money where a rate is set, nothing missing as 0."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from metrics.friction.board import Amount, Board, Line
    from metrics.friction.corroboration import Agreement

METHOD = "cluster bootstrap over teams, percentile interval; ranks by simultaneous differences of all pairs (max-t)"


def told(board: Board) -> dict[str, Any]:
    """The board: window, total, kinds in their order with bounds of their rank, runs of ties, and journeys."""
    start, end = board.window
    return {
        "window": {"from": _instant(start), "to": _instant(end)},
        "scope": dict(board.scope),
        "unit": "hours_per_month",
        "total": amount(board.total),
        "money": amount(board.money, board.currency),
        "teams": board.teams,
        "method": METHOD if board.total.low is not None else None,
        "kinds": [_line(line, board) for line in board.lines],
        "ties": [{"first": first, "last": last} for first, last in board.ties],
        "journeys": [_journey(each) for each in board.journeys],
    }


def amount(each: Amount | None, currency: str | None = None) -> dict[str, Any] | None:
    """Value and 95 % interval (None where too few teams tell one), and the currency of money."""
    if each is None:
        return None
    interval = None if each.low is None else {"low": each.low, "high": each.high, "level": 0.95}
    told: dict[str, Any] = {"value": each.value, "interval": interval}
    return told if currency is None else {**told, "currency": currency}


def _line(line: Line, board: Board) -> dict[str, Any]:
    kind = line.kind
    about: dict[str, Any] = {
        "kind": kind.name,
        "title": kind.title,
        "status": line.status,
        "question": kind.question,
        "formula": kind.formula,
        "caveats": list(kind.caveats),
        "remedy": kind.remedy,
        "metric": kind.metric,
        "journey": kind.journey,
        "factors": line.factors.model_dump() if line.factors else None,
        "needs": sorted(kind.needs),
    }
    if line.status != "ok":
        return {**about, "hours": None, "rank": None}
    return {
        **about,
        "hours": amount(line.hours),
        "money": amount(line.money, board.currency),
        "rank": line.rank,
        "rank_interval": None if line.first is None else {"first": line.first, "last": line.last, "level": 0.95},
        "range_over_teams": {"low": line.least, "high": line.most},
        "waits": line.waits,
        "places": [asdict(place) for place in line.places],
    }


def _journey(each: Agreement) -> dict[str, Any]:
    return {
        "journey": each.journey,
        "kinds": list(each.kinds),
        "hours": each.hours,
        "felt": asdict(each.felt) if each.felt else None,
        "reading": each.reading,
        "advice": each.advice,
    }


def _instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
