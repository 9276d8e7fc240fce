"""The CI metrics over frames that look at the same tree twice, or at the default branch (C5-C8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from frames.ci import ended, jobs_of, times_of
from frames.reading import Frames, Window, mean_of_services, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

PAIR = ["repository", "workflow", "tree"]
FORTNIGHT = pd.Timedelta(days=14)
HOUR, WEEK = 3600.0, 7 * 86_400.0


def on_trees(frames: Frames) -> pd.DataFrame:
    """Attempts with the tree they looked at: their own, else their commit's, else the commit stands for it."""
    runs = ended(frames)
    known = frames["commits"].dropna(subset="tree_sha").drop_duplicates(["repository", "sha"])
    commit = runs[["repository", "sha"]].merge(known, on=["repository", "sha"], how="left").set_index(runs.index)
    return runs.assign(tree=runs.tree_sha.fillna(commit.tree_sha).fillna(runs.sha))


def firsts(runs: pd.DataFrame) -> pd.DataFrame:
    """Pairs of tree and workflow with their first attempt, decided or not, and how long a later success counts."""
    decided = runs.completed_at.where(runs.outcome.isin(("success", "failure")))
    found = runs.assign(decided_at=decided).groupby(PAIR, as_index=False)
    pairs = found.agg(any_at=("completed_at", "min"), decided_at=("decided_at", "min"))
    return pairs.assign(until=pairs.decided_at.fillna(pairs.any_at) + FORTNIGHT)


def recovered(runs: pd.DataFrame) -> pd.DataFrame:
    """Failed attempts (id and pair) of which the same pair turned green later and soon enough."""
    failed = runs.loc[runs.outcome == "failure", ["id", *PAIR, "completed_at"]]
    touched = runs.merge(failed[PAIR].drop_duplicates(), on=PAIR)
    passed = touched.loc[touched.outcome == "success", [*PAIR, "completed_at"]]
    both = failed.merge(passed, on=PAIR, suffixes=("", "_passed")).merge(firsts(touched), on=PAIR)
    hit = (both.completed_at_passed > both.completed_at) & (both.completed_at_passed <= both.until)
    return both.loc[hit, ["id", *PAIR]].drop_duplicates()


def failure_class(frames: Frames, window: Window) -> float:
    """C5: the share of failed attempts that are not the change's fault."""
    runs = on_trees(frames)
    failed = runs[window.holds(runs.completed_at) & (runs.outcome == "failure")]
    jobs = jobs_of(frames, failed)
    jobs = jobs[jobs.failed]
    place = jobs.failure_class.map({"change": 1.0, "infrastructure": 2.0, "flake": 3.0})
    told = failed.id.map((place + (~jobs.required) * 3).groupby(jobs.run_id).min())
    lucky = failed.id.isin(recovered(runs).id)
    mild = told.isin((2.0, 5.0)) | (~told.isin((1.0, 2.0, 4.0, 5.0)) & (told.isin((3.0, 6.0)) | lucky))
    return mean_of_services(mild.astype(float), failed.repository)


def flake_rate(frames: Frames, window: Window) -> float:
    """C6: the share of pairs that failed and then passed."""
    runs = on_trees(frames)
    pairs = firsts(runs)
    pairs = pairs[window.holds(pairs.decided_at)]
    flaky = recovered(runs)[PAIR].drop_duplicates().assign(flaky=1.0)
    told = pairs.merge(flaky, on=PAIR, how="left")
    return mean_of_services(told.flaky.fillna(0.0), told.repository)


def rerun_waste(frames: Frames, window: Window) -> float:
    """C7: machine seconds of failed jobs that passed later, of repeated ones and of superseded runs."""
    runs = on_trees(frames)
    pairs = firsts(runs)
    runs = runs.merge(pairs[window.holds(pairs.any_at)], on=PAIR)
    attempts = runs.set_index("id")[[*PAIR, "outcome", "until"]]
    jobs = jobs_of(frames, runs).join(attempts, on="run_id")
    passed = jobs.completed_at.where((jobs.conclusion == "success") & (jobs.completed_at <= jobs.until))
    passed = passed.groupby([jobs[name] for name in (*PAIR, "name")]).transform("max")
    vain = (jobs.outcome == "superseded") | (jobs.failed & (passed > jobs.completed_at)) | jobs.repeated
    return float(jobs.seconds.where(vain, 0.0).sum())


def breakage(frames: Frames, window: Window) -> float:
    """C8 by the calendar: hours a week in which a default branch is broken."""
    runs = ended(frames)
    runs = runs[(runs.branch_kind == "default") & runs.outcome.isin(("success", "failure")) & runs.event.ne("schedule")]
    times = times_of(jobs_of(frames, runs[runs.outcome == "failure"])).reindex(runs.id).set_index(runs.index)
    optional = times.failed_at.isna() & times.failed.eq(True).fillna(value=False)  # noqa: FBT003 - element-wise
    runs = runs[(runs.outcome == "success") | ~optional]
    runs = runs.sort_values(["repository", "workflow", "completed_at", "outcome", "id"])
    line = [runs.repository, runs.workflow]
    before = runs.outcome.groupby(line).shift().fillna("success")
    green = runs.completed_at.where(runs.outcome == "success").groupby(line).bfill()
    breaks = runs.assign(end=green.fillna(window.now))[(runs.outcome == "failure") & (before == "success")]
    breaks = breaks.sort_values(["repository", "completed_at", "workflow"])
    reached = breaks.groupby("repository").end.cummax().groupby(breaks.repository).shift()
    start = breaks.completed_at.where(~(reached > breaks.completed_at), reached)
    lasted = seconds(start, breaks.end)[window.holds(breaks.completed_at)]
    looked_at = runs.loc[window.holds(runs.completed_at), "repository"].unique()
    weeks = (min(window.end, window.now) - window.start).total_seconds() / WEEK
    hours = lasted.groupby(breaks.repository).sum().reindex(looked_at).fillna(0.0) / HOUR / weeks
    return float(hours.median())


COMPUTED: dict[str, Callable[[Frames, Window], float]] = {
    "ci_failure_class": failure_class,
    "ci_flake_rate": flake_rate,
    "ci_rerun_waste": rerun_waste,
    "default_branch_breakage": breakage,
}
