"""Whether a platform team is worth it here: the hours it could return against those of its people, as ranges.

Neither side is measured. What is lost is an estimate, which share of it a team returns is an assumption; both are told.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import ceil
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from metrics.friction.telling import amount
from metrics.wording import share_text
from tribometer.errors import UsageError
from tribometer.settings.friction import WORKING_HOURS_A_YEAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from metrics.friction.board import Amount
    from tribometer.settings import Friction

Verdict = Literal["pays", "does_not_pay", "depends"]
Size = Literal["small", "between", "large", "unknown"]
FEW_ENGINEERS, MANY_ENGINEERS = 30, 40
MOST_ENGINEERS = 1_000_000
"""What pays only with more of them never pays."""
HOURS_A_MONTH = WORKING_HOURS_A_YEAR / 12
"""What an engineer works."""
RULE = (
    f"A rule of thumb, with no study behind it that could be checked: below {FEW_ENGINEERS} to {MANY_ENGINEERS} "
    "engineers a platform team rarely pays, because its people are a large part of all."
)
INSTEAD = (
    "Instead: one paved road (a template, a pipeline by reference, one way to deploy) that a few engineers keep beside "
    "their other work, with hours set aside for it; and buy what others run as a service."
)
UNKNOWN = "How many engineers there are is not known; their number would tell from how many on a team pays."
SAYS: Mapping[Verdict, str] = MappingProxyType(
    {
        "pays": "It pays: the least it could return is more than the most it costs.",
        "does_not_pay": "It does not pay: the most it could return is less than the least it costs.",
        "depends": "It depends: what it could return and what it costs overlap; its size and what it takes on decide.",
    }
)


@dataclass(frozen=True)
class Range:
    """From and to, in the unit of the field that has it."""

    low: float
    high: float


@dataclass(frozen=True)
class BreakEven:
    """From how many engineers on a team pays, at best and at worst; None: at no number that an organisation has."""

    low: float | None
    high: float | None


@dataclass(frozen=True)
class Worth:
    """What a platform team could return, what it costs (both hours a month), and what follows.

    ``break_even`` holds at ``hours_each``, today's hours lost a month for each engineer; both None where it is not
    known how many there are. ``money_returned`` and ``money_costs`` are a month at the loaded rate, None without one.
    ``size`` places the organisation beside the rule of thumb.
    """

    lost: Amount
    engineers: int | None
    hours_each: float | None
    returned: Range
    costs: Range
    break_even: BreakEven | None
    money_returned: Range | None
    money_costs: Range | None
    currency: str | None
    verdict: Verdict
    size: Size
    advice: tuple[str, ...]
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The answer ready for JSON: hours a month, engineers, money a month; what is not known is null."""
        return {
            "unit": "hours_per_month",
            **asdict(self),
            "lost": amount(self.lost),
            "advice": list(self.advice),
            "assumptions": list(self.assumptions),
        }


def worth(lost: Amount, engineers: int | None, settings: Friction) -> Worth:
    """Compare hours lost a month in the whole organisation with a team's; ``engineers`` None: not known how many.

    Raises `UsageError` where nothing was lost, which is no answer, or for a number of engineers below 1.
    """
    if not lost.value > 0:
        raise UsageError(
            "Nothing was lost that any source tells of, so what a platform team could return cannot be told. "
            "Connect more sources, or ask for a longer period."
        )
    if engineers is not None and engineers < 1:
        raise UsageError(f"{engineers}: how many engineers are there? Give a whole number from 1 on.")
    share_low, share_high = settings.returned
    least, most = _bounds(lost)
    returned = Range(least * share_low, most * share_high)
    costs = Range(*(size * HOURS_A_MONTH for size in settings.team_size))
    break_even = None if engineers is None else _break_even(returned, costs, engineers)
    verdict, size = _verdict(returned, costs), _size(engineers)
    return Worth(
        lost,
        engineers,
        None if engineers is None else lost.value / engineers,
        returned,
        costs,
        break_even,
        _priced(returned, settings),
        _priced(costs, settings),
        settings.currency if settings.loaded_rate else None,
        verdict,
        size,
        (SAYS[verdict], _ranges(returned, costs), *_from_how_many(break_even), *_advice(verdict, size)),
        _assumptions(lost, settings),
    )


def _bounds(lost: Amount) -> tuple[float, float]:
    return (
        lost.value if lost.low is None else lost.low,
        lost.value if lost.high is None else lost.high,
    )


def _verdict(returned: Range, costs: Range) -> Verdict:
    if returned.low > costs.high:
        return "pays"
    return "does_not_pay" if returned.high < costs.low else "depends"


def _break_even(returned: Range, costs: Range, engineers: int) -> BreakEven:
    return BreakEven(_enough(costs.low, returned.high / engineers), _enough(costs.high, returned.low / engineers))


def _enough(cost: float, each: float) -> float | None:
    return cost / each if each * MOST_ENGINEERS >= cost else None


def _priced(hours: Range, settings: Friction) -> Range | None:
    rate = settings.loaded_rate
    return Range(hours.low * rate, hours.high * rate) if rate else None


def _size(engineers: int | None) -> Size:
    if engineers is None:
        return "unknown"
    if engineers < FEW_ENGINEERS:
        return "small"
    return "between" if engineers <= MANY_ENGINEERS else "large"


def _ranges(returned: Range, costs: Range) -> str:
    return (
        f"A team could return {returned.low:,.0f} to {returned.high:,.0f} hours a month, and takes "
        f"{costs.low:,.0f} to {costs.high:,.0f}."
    )


def _from_how_many(found: BreakEven | None) -> Iterator[str]:
    if found is None:
        yield UNKNOWN
        return
    best, worst = ("never" if each is None else f"from {ceil(each):,} engineers on" for each in (found.low, found.high))
    yield f"At today's hours lost for each engineer it pays {best} at best, {worst} at worst."


def _advice(verdict: Verdict, size: Size) -> Iterator[str]:
    if size != "large":
        yield RULE
    if size in {"small", "between"} or verdict == "does_not_pay":
        yield INSTEAD


def _assumptions(lost: Amount, settings: Friction) -> tuple[str, ...]:
    share_low, share_high = (share_text(share) for share in settings.returned)
    fewest, most = settings.team_size
    told = (
        f"A team returns {share_low} to {share_high} of the hours lost; nothing measures that: [friction] returned.",
        f"It has {fewest:g} to {most:g} engineers of {WORKING_HOURS_A_YEAR:,} hours a year: [friction] team_size.",
        "It costs nothing but its people's time, and returns nothing but hours lost that some source tells of.",
        "Hours lost for each engineer stay as they are when there are more of them, or fewer.",
        "A platform may first slow down delivery (DORA): judge at 4, 12 and 26 weeks.",
    )
    if lost.low is not None:
        return told
    return (*told, "The hours lost have no interval, for fewer than eight teams tell of them: the true range is wider.")
