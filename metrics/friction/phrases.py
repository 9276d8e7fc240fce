"""Hours, money and ranks as a reader of a roadmap reads them, and names so that Markdown leaves them alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.wording import value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.friction.board import Amount


def hours_text(hours: float) -> str:
    """Hours a month."""
    return value_text("hours_per_month", hours)


def amount_text(each: Amount) -> str:
    """Hours a month with their interval, or that there is none."""
    if each.low is None or each.high is None:
        return f"{hours_text(each.value)} (fewer than eight teams: no interval)"
    low, high = (hours_text(bound).partition(" ")[0] for bound in (each.low, each.high))
    return f"{hours_text(each.value)} (95 % interval {low} to {high})"


def money_text(each: Amount, currency: str) -> str:
    """Money a month with its interval, where there is one."""
    between = "" if each.low is None or each.high is None else f" ({each.low:,.0f} to {each.high:,.0f})"
    return f"{each.value:,.0f}{between} {currency} per month"


def rank_text(rank: int, first: int | None, last: int | None) -> str:
    """A rank among all kinds by hours lost, as surely as it is known."""
    if first is None or last is None:
        return f"{rank}, but fewer than eight teams cannot tell the order"
    return str(rank) if first == last else f"{first} to {last}, cannot be told apart"


def code(name: str) -> str:
    """A name as a span of code, which mentions nobody and begins nothing."""
    words = " ".join(name.split()).replace("`", "'")
    return f"`{words}`"


def scope_text(scope: Mapping[str, str]) -> str:
    """What was asked of."""
    return ", ".join(f"{what} {code(name)}" for what, name in scope.items()) or "the whole organisation"
