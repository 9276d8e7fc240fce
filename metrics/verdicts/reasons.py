"""What is missing for a verdict, or weakens one, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metrics.verdicts.finding import TRANSITION
from metrics.verdicts.interrupted import LEAST_WEEKS
from metrics.verdicts.scale import NEVER
from metrics.verdicts.series import LEAST_AFTER, LEAST_BEFORE, WEEKS_BEFORE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from metrics.verdicts.finding import Estimate, Signal
    from metrics.verdicts.panel import Panel
    from metrics.verdicts.scale import Grid


def missing(panel: Panel, measured: Grid, horizon: int, later: int | None) -> str:
    """Why there is no verdict, and when to ask again; ``later`` is the week from which on a test is possible."""
    if not (measured.released < NEVER).any():
        return "No unit of the panel has a release."
    if not measured.measured.any():
        return "Nothing was measured in the weeks of the panel."
    after = _most(measured, [(week + TRANSITION, week + horizon) for week in measured.released.tolist()])
    if later is not None and later > measured.now:
        least, again = min(LEAST_WEEKS, horizon - TRANSITION), f"ask again on {panel.monday(later)}."
        if after < least:
            return f"Needs {least} weeks behind the transition; {_there(after)}; {again}"
        return f"Needs more units with {least} weeks behind their transition; {again}"
    return _for_a_chart(panel, measured, horizon, after)


def _for_a_chart(panel: Panel, measured: Grid, horizon: int, after: int) -> str:
    before = _most(measured, [(max(0, week - WEEKS_BEFORE), week) for week in measured.released.tolist()])
    if before < LEAST_BEFORE:
        return f"Needs {LEAST_BEFORE} measured weeks before the release; {_there(before)}."
    releases = [week for week in measured.released.tolist() if week < NEVER]
    soon = max(measured.now + 1, min(releases) + TRANSITION + LEAST_AFTER)
    again = f"; ask again on {panel.monday(soon)}" if measured.now < max(releases) + horizon else ""
    if after < LEAST_AFTER:
        return f"Needs {LEAST_AFTER} measured weeks behind the transition; {_there(after)}{again}."
    return (
        f"No unit has {LEAST_BEFORE} measured weeks before its release and {LEAST_AFTER} behind its transition{again}."
    )


def _there(weeks: int) -> str:
    return "there is 1" if weeks == 1 else f"there are {weeks}"


def _most(measured: Grid, windows: Sequence[tuple[int, int]]) -> int:
    """The most measured weeks that a reached unit has in its window."""
    rows = zip(measured.measured, measured.released.tolist(), windows, strict=True)
    return max(int(row[begin:end].sum()) for row, week, (begin, end) in rows if week < NEVER)


def weakness(panel: Panel, measured: Grid, found: Estimate, horizon: int) -> str | None:
    """What a reader must know beside the verdict."""
    reached = measured.released[measured.released < measured.now]
    over = int(reached.max()) + horizon
    said = []
    if over > measured.now:
        said.append(f"Judged on what there is: the last unit's {horizon} weeks are over on {panel.monday(over)}.")
    if left := len(reached) - found.treated:
        said.append(
            f"{left} of {len(reached)} reached units were left out, with too few measured weeks on a side of their"
            " release or nobody to compare them with."
        )
    if found.signal:
        said.append(_charted(found.signal))
    elif not found.controls:
        said.append("Without controls: whatever else changed at the time is in the effect.")
    if found.p is not None and (found.low is None or found.high is None):
        said.append("The interval has no bound on a side: units of unlike noise are compared.")
    return " ".join(said) or None


def _charted(signal: Signal) -> str:
    if signal.side:
        return "A chart's signal and no test: it tells a change from usual noise, not what caused it."
    if signal.seen:
        return "The chart signals, but charts of mere noise as short as this one do so too often for a verdict."
    return "A chart's limits and no test: too few weeks for one."
