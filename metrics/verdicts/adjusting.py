"""Many verdicts at once: the p-values that Holm's (1979) step-down procedure leaves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from metrics.verdicts.finding import LEVEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metrics.verdicts.finding import Finding


def holm(ps: Sequence[float | None]) -> tuple[float | None, ...]:
    """Each p-value adjusted for all of them, in the order given; None where there is none, which counts as no test."""
    known = sorted((p, at) for at, p in enumerate(ps) if p is not None)
    found: list[float | None] = [None] * len(ps)
    most = 0.0
    for passed, (p, at) in enumerate(known):
        most = max(most, min(1.0, p * (len(known) - passed)))
        found[at] = most
    return tuple(found)


def adjusted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings of several metrics, horizons or interventions, adjusted together from their bare ``p``.

    Pass all findings of `judge` that are read side by side. Among more, a finding's adjusted p can only grow, so a
    verdict can become ``no_detectable_change`` and never the other way round.
    """
    levels = holm([finding.p for finding in findings])
    return tuple(_adjusted(finding, p) for finding, p in zip(findings, levels, strict=True))


def _adjusted(finding: Finding, p: float | None) -> Finding:
    if p is None or p < LEVEL:
        return replace(finding, p_adjusted=p)
    return replace(finding, p_adjusted=p, verdict="no_detectable_change")
