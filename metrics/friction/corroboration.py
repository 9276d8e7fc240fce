"""What is measured beside what is felt, by journey of the survey: where both agree, and what to do where not."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from metrics.friction.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

Reading = Literal["felt_and_measured", "measured_only", "felt_only", "neither", "unknown"]
HIGH_OPPORTUNITY = 10.0
"""S8 from which a journey counts as felt (Ulwick: ten of twenty)."""
TOP_SHARE = 3
"""Measured: among the costliest third of the journeys that can be measured."""
WORDS: Mapping[Reading, str] = MappingProxyType(
    {
        "felt_and_measured": "felt and measured",
        "measured_only": "measured only",
        "felt_only": "felt only",
        "neither": "neither",
        "unknown": "nobody was asked",
    }
)
ADVICE: Mapping[Reading, str] = MappingProxyType(
    {
        "felt_and_measured": "Act: people say so, and the hours are there.",
        "measured_only": "Check how much attention the wait really takes, and whether anybody waits for it at all.",
        "felt_only": "Look at what is measured first: where people and telemetry disagree, telemetry is usually wrong.",
        "neither": "Leave it.",
        "unknown": "Ask: no survey with results says how this feels.",
    }
)


@dataclass(frozen=True)
class Felt:
    """What people say of one journey.

    ``hours`` they lost in a week in the mean, ``favourable`` the share that is satisfied (S6), ``opportunity`` S8 of
    20; None where too few answered or nobody was asked.
    """

    hours: float | None
    favourable: float | None
    opportunity: float | None


@dataclass(frozen=True)
class Agreement:
    """One journey: hours a month as measured (None: nothing can tell), what is felt, and what follows."""

    journey: str
    kinds: tuple[str, ...]
    hours: float | None
    felt: Felt | None
    reading: Reading
    advice: str


def agreements(measured: Mapping[str, float], felt: Mapping[str, Felt] | None) -> tuple[Agreement, ...]:
    """Every journey that is measured or asked about, the costliest first.

    ``measured`` gives hours a month of the kinds that can be observed. Felt is a journey whose favourable share lies
    below the median of all journeys, or whose opportunity is 10 or more; measured one of the costliest third.
    """
    hours = _by_journey(measured)
    told = felt or {}
    journeys = sorted({*hours, *told}, key=lambda journey: (-hours.get(journey, -1.0), journey))
    costly = _costliest(hours)
    shares = [each.favourable for each in told.values() if each.favourable is not None]
    middle = median(shares) if shares else None
    return tuple(
        Agreement(
            journey,
            tuple(kind.name for kind in KINDS if kind.journey == journey and kind.name in measured),
            hours.get(journey),
            told.get(journey),
            reading := _reading(told.get(journey), middle, measured=journey in costly),
            ADVICE[reading],
        )
        for journey in journeys
    )


def _by_journey(measured: Mapping[str, float]) -> dict[str, float]:
    hours: dict[str, float] = {}
    for kind in KINDS:
        if kind.journey is not None and kind.name in measured:
            hours[kind.journey] = hours.get(kind.journey, 0.0) + measured[kind.name]
    return hours


def _costliest(hours: Mapping[str, float]) -> set[str]:
    ordered = sorted(
        (journey for journey in hours if hours[journey] > 0), key=lambda journey: (-hours[journey], journey)
    )
    return set(ordered[: ceil(len(hours) / TOP_SHARE)])


def _reading(felt: Felt | None, middle: float | None, *, measured: bool) -> Reading:
    if felt is None or (felt.favourable is None and felt.opportunity is None):
        return "unknown"
    below = felt.favourable is not None and middle is not None and felt.favourable < middle
    is_felt = below or (felt.opportunity is not None and felt.opportunity >= HIGH_OPPORTUNITY)
    if measured:
        return "felt_and_measured" if is_felt else "measured_only"
    return "felt_only" if is_felt else "neither"
