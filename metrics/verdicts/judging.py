"""The verdict on an intervention, by the best method that the panel allows at each horizon.

In order: staggered difference-in-differences where enough assignments of the releases exist; an interrupted time series
where LEAST_WEEKS are measured on each side; a process behaviour chart, unless a better method only has to be waited
for. A horizon that is not over is judged on what there is once its method has the weeks that it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.verdicts import behaviour_chart, interrupted, staggered
from metrics.verdicts.adjusting import adjusted
from metrics.verdicts.finding import HORIZONS, Finding
from metrics.verdicts.reasons import missing, weakness
from metrics.verdicts.scale import detectable_of, effect_of, grid
from metrics.verdicts.series import series_of
from metrics.verdicts.waiting import awaited

if TYPE_CHECKING:
    from metrics.verdicts.finding import Estimate, Verdict
    from metrics.verdicts.panel import Better, Panel
    from metrics.verdicts.scale import Grid

SEED = 20_260_302


def judge(panel: Panel, *, better: Better, now_week: int | None = None, seed: int = SEED) -> tuple[Finding, ...]:
    """A finding for each of HORIZONS, adjusted over them; ``improved`` is a move in the direction of ``better``.

    ``now_week`` is the index of the week that is not over yet, None where all of the panel's are; weeks from it on are
    not read. The same panel and seed always give the same answer, in whatever order its units come.
    """
    now = len(panel.weeks) if now_week is None else max(0, min(now_week, len(panel.weeks)))
    measured = grid(panel, now)
    return adjusted([_judged(panel, measured, horizon, better, seed) for horizon in HORIZONS])


def _judged(panel: Panel, measured: Grid, horizon: int, better: Better, seed: int) -> Finding:
    later = awaited(measured, horizon)
    found = best(measured, horizon, seed, chart=later in (None, measured.now))
    if found is None:
        return _without(measured, horizon, missing(panel, measured, horizon, later))
    low, high = (
        None if each is None else effect_of(each, found.level, panel.scale) for each in (found.low, found.high)
    )
    least = None if found.detectable is None else detectable_of(found.detectable, found.level, panel.scale, better)
    return Finding(
        horizon, verdict(found, better), found.method, effect_of(found.shift, found.level, panel.scale), low, high,
        found.p, None, least, found.treated, found.controls, found.weeks_before, found.weeks_after,
        weakness(panel, measured, found, horizon),
    )  # fmt: skip


def _without(measured: Grid, horizon: int, reason: str) -> Finding:
    """The finding that there is none; nothing entered it."""
    treated, controls = int((measured.released < measured.now).sum()), int((measured.released >= measured.now).sum())
    return Finding(
        horizon, "not_enough_data", None, None, None, None, None, None, None, treated, controls, 0, 0, reason
    )  # fmt: skip


def best(measured: Grid, horizon: int, seed: int, *, chart: bool) -> Estimate | None:
    """What the first method finds that has what it needs; None where none has."""
    if found := staggered.estimate(measured, horizon, seed):
        return found
    series = series_of(measured, horizon)
    if series is None:
        return None
    if interrupted.enough(series):
        return interrupted.estimate(series, seed)
    return behaviour_chart.estimate(series, seed) if chart and behaviour_chart.enough(series) else None


def verdict(found: Estimate, better: Better) -> Verdict:
    """The verdict that stands if the adjusted p is small enough, or at once where the method knows none."""
    side = found.shift if found.signal is None else found.signal.side
    if not side:
        return "no_detectable_change"
    return "improved" if (side < 0) == (better == "lower") else "worse"
