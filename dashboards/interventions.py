"""What the page on interventions may ask of the service: what is on record, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from metrics.verdicts import Better, Finding, Panel
    from metrics.verdicts.aligned import Aligned
    from tribometer.store.records import Expectation, Intervention


@dataclass(frozen=True)
class Standing:
    """An intervention as it stands: ``planned``, ``rolling out``, ``released`` or ``withdrawn``.

    ``remarks`` are what whoever reads of it has to know first.
    """

    intervention: Intervention
    status: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class JudgedMetric:
    """One metric of an intervention: what was expected of it, a finding a horizon, and the weeks behind them.

    ``not_measured`` are teams, or services, without any value.
    """

    expectation: Expectation
    better: Better
    panel: Panel
    findings: tuple[Finding, ...]
    aligned: Aligned
    not_measured: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """How an intervention is judged, all of its metrics corrected together; ``as_of`` is aware UTC.

    ``level`` is what is compared: ``team`` or ``service``. ``caveats`` hold for all of it.
    """

    level: str
    as_of: datetime
    metrics: tuple[JudgedMetric, ...]
    caveats: tuple[str, ...] = ()


class InterventionSource(Protocol):
    """Everything the page may ask. Safe to call from several threads."""

    def standings(self) -> Sequence[Standing]:
        """Every intervention as it stands, the one that is released last first."""

    def history(self, name: str) -> Sequence[Intervention]:
        """Every change that was recorded of one, the first one first."""

    def kept(self, intervention: Intervention) -> Judgement | None:
        """How it was judged since anything landed; None where it was not."""

    def judged(self, intervention: Intervention) -> Judgement:
        """Judge it, which takes seconds, or return what is kept; `UsageError` where it cannot be."""


_attended: list[InterventionSource] = []


def attend(source: InterventionSource) -> None:
    """Give the page what it asks; the last one given counts."""
    _attended[:] = [source]


def source() -> InterventionSource | None:
    """What `attend` gave; None where the service runs without interventions."""
    return _attended[0] if _attended else None
