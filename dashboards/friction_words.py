"""The friction board in words, as the page says them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.friction.phrases import hours_text

if TYPE_CHECKING:
    from metrics.friction.board import Amount, Board, Line, Place

FEW = (
    "Fewer than eight teams lost any hour, so neither an interval nor an order can be told: whiskers are the smallest "
    "and the largest team."
)


def amount_words(each: Amount) -> str:
    """Hours a month as a number, with their interval where there is one."""
    if each.low is None or each.high is None:
        return number(each.value)
    return f"{number(each.value)} ({number(each.low)} to {number(each.high)})"


def number(hours: float) -> str:
    """Hours a month without the words."""
    return hours_text(hours).partition(" ")[0]


def rank_words(line: Line | Place) -> str:
    """A rank and the bounds of it."""
    if line.first is None or line.last is None:
        return f"{line.rank}?"
    return str(line.rank) if line.first == line.last else f"{line.rank} ({line.first} to {line.last})"


def places_words(line: Line) -> str:
    """The first place of each sort with its share."""
    first: dict[str, Place] = {}
    for place in line.places:
        first.setdefault(place.what, place)
    return ", ".join(f"{place.name} {place.share:.0%}" for place in first.values())


def factors_words(line: Line) -> str:
    """By which factors a kind was counted."""
    if line.factors is None:
        return ""
    each, days = line.factors, line.factors.at_most_days
    if each.minutes is not None:
        return f"{each.minutes:g} minutes each x {each.people:g} x {each.attention:g}"
    beyond = f", beyond {each.beyond_minutes:g} minutes" if each.beyond_minutes else ""
    return f"x {each.people:g} people x {each.attention:g} attention{beyond}, at most {days} day{'s' * (days > 1)}"


def headline(board: Board, titles: list[str]) -> str:
    """What costs most, and whether that is sure."""
    if not titles:
        return "Nothing was lost that any source tells of in this period."
    tie = next((each for each in board.ties if each[0] == 1), None)
    if board.total.low is None:
        return f"**{titles[0]}** has the most hours; with so few teams nobody can say that it is more than chance."
    if tie is None:
        return f"**{titles[0]}** costs most."
    names = titles[: tie[1]]
    return f"**{names[0]}** has the most hours, but cannot be told apart from {', '.join(names[1:])}."
