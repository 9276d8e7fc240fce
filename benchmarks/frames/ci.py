"""The CI metrics over frames: queue, execution, feedback, success, cost and attempts (C1-C4, C9, C10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from frames.reading import FAILED, LEAST, Frames, Window, mean_of_services, median_of_services, seconds

if TYPE_CHECKING:
    from collections.abc import Callable


def ended(frames: Frames) -> pd.DataFrame:
    """Attempts that are over, with who started them, what they checked, how they ended and their tree."""
    runs = frames["runs"]
    runs = runs[runs.completed_at.notna() & runs.conclusion.notna()]
    by = runs.actor_kind.fillna(runs.event.eq("schedule").map({True: "machine", False: "human"}))
    pulls = runs.event.str.startswith("pull_request")
    kind = pd.Series("other", runs.index).mask(runs.change_id.notna(), "pull_request")
    kind = kind.mask(runs.branch.eq("main"), "default").mask(pulls, "pull_request")
    outcome = pd.Series("undecided", runs.index).mask(runs.conclusion.eq("success"), "success")
    outcome = outcome.mask(runs.conclusion.isin(FAILED), "failure")
    outcome = outcome.mask(_superseded(frames["runs"], runs), "superseded")
    return runs.assign(triggered_by=by, branch_kind=kind, outcome=outcome)


def _superseded(every: pd.DataFrame, runs: pd.DataFrame) -> pd.Series:
    """Whether an attempt was cancelled after a newer commit came to its change, else its branch."""
    place = ["repository", "workflow", "line"]
    lines = every.assign(line=every.change_id.fillna(every.branch))[[*place, "sha", "created_at", "conclusion"]]
    stopped = lines.loc[lines.conclusion == "cancelled", place].dropna().drop_duplicates()
    pushes = lines.merge(stopped, on=place).groupby([*place, "sha"])[["created_at"]].min().reset_index()
    pushes = pushes.sort_values(["created_at", "sha"])
    pushes["replaced_at"] = pushes.groupby(place).created_at.shift(-1)
    cancelled = runs[runs.conclusion == "cancelled"]
    cancelled = cancelled.assign(line=cancelled.change_id.fillna(cancelled.branch)).reset_index()
    found = cancelled.merge(pushes[[*place, "sha", "replaced_at"]], on=[*place, "sha"])
    hit = (found.replaced_at >= found.created_at) & (found.replaced_at <= found.completed_at)
    return runs.index.to_series().isin(found.loc[hit, "index"])


def jobs_of(frames: Frames, runs: pd.DataFrame) -> pd.DataFrame:
    """The jobs that really ran in some attempts, with whether they are required, failed or repeated, and how long."""
    jobs = frames["jobs"]
    jobs = jobs[jobs.run_id.isin(runs.id)]
    told = jobs.required.notna().groupby(jobs.run_id).transform("any")
    required = jobs.required.eq(True).fillna(value=False) | ~told  # noqa: FBT003 - an element-wise comparison
    spent = seconds(jobs.started_at, jobs.completed_at)
    jobs = jobs.assign(required=required, failed=jobs.conclusion.isin(FAILED), seconds=spent)
    carried, repeated = _again(frames)
    jobs = jobs.assign(repeated=jobs.index.isin(repeated))
    return jobs[jobs.started_at.notna() & jobs.conclusion.ne("skipped") & ~jobs.index.isin(carried)]


def _again(frames: Frames) -> tuple[pd.Index, pd.Index]:
    """Rows of the jobs that a later attempt only carried over, and of those that had passed in an earlier one."""
    runs = frames["runs"]
    key = ["repository", "run"]
    again = runs.loc[runs.attempt > 1, key].drop_duplicates()
    attempts = runs.merge(again, on=key)[["id", *key, "attempt"]]
    jobs = frames["jobs"][["run_id", "name", "started_at", "conclusion"]]
    jobs = jobs[jobs.run_id.isin(attempts.id)].reset_index().merge(attempts, left_on="run_id", right_on="id")
    first = jobs.groupby([*key, "name", "started_at"]).attempt.transform("min")
    passed = jobs.attempt.where(jobs.conclusion == "success").groupby([jobs[name] for name in (*key, "name")])
    is_carried = jobs.started_at.notna() & (first < jobs.attempt)
    return pd.Index(jobs.loc[is_carried, "index"]), pd.Index(jobs.loc[passed.transform("min") < jobs.attempt, "index"])


def times_of(jobs: pd.DataFrame) -> pd.DataFrame:
    """By attempt: its first start, the end of its last required job, the first failure of one, and machine seconds."""
    told = jobs.assign(
        until=jobs.completed_at.where(jobs.required),
        failed_at=jobs.completed_at.where(jobs.required & jobs.failed),
    )
    return told.groupby("run_id").agg(
        first=("started_at", "min"),
        until=("until", "max"),
        failed_at=("failed_at", "min"),
        failed=("failed", "any"),
        machine=("seconds", "sum"),
    )


def in_gates(frames: Frames, spans: pd.DataFrame) -> pd.Series:
    """Seconds of each span (id, start, end) in which its attempt stood at gates; overlapping ones count once."""
    gates = frames["gates"]
    made = frames["deployments"].dropna(subset="run_id")[["id", "run_id"]]
    of_deployments = gates.drop(columns="run_id").merge(made, left_on="deployment_id", right_on="id")
    every = pd.concat([gates.dropna(subset="run_id"), of_deployments])[["run_id", "requested_at", "decided_at"]]
    every = every[every.run_id.isin(spans.id) & (every.decided_at > every.requested_at)]
    every = every.sort_values(["run_id", "requested_at", "decided_at"])
    reached = every.groupby("run_id").decided_at.cummax().groupby(every.run_id).shift()
    island = (~(reached >= every.requested_at)).cumsum()
    closed = every.groupby(["run_id", island]).agg(start=("requested_at", "min"), end=("decided_at", "max"))
    both = closed.reset_index("run_id").merge(spans, left_on="run_id", right_on="id", suffixes=("", "_span"))
    begin, finish = both[["start", "start_span"]].max(axis=1), both[["end", "end_span"]].min(axis=1)
    return spans.id.map(seconds(begin, finish).groupby(both.run_id).sum()).fillna(0.0)


def queue_time(frames: Frames, window: Window) -> float:
    """C1: the median wait of required jobs for a runner."""
    runs = ended(frames)
    runs = runs[window.holds(runs.completed_at)]
    jobs = jobs_of(frames, runs)
    jobs = jobs[jobs.required & jobs.queued_at.notna()]
    repository = jobs.run_id.map(runs.set_index("id").repository)
    return median_of_services(seconds(jobs.queued_at, jobs.started_at), repository, LEAST)


def execution_time(frames: Frames, window: Window) -> float:
    """C2: the median execution of decided attempts, without gates."""
    runs = ended(frames)
    runs = runs[window.holds(runs.completed_at) & runs.outcome.isin(("success", "failure"))]
    runs = runs.assign(start=runs.id.map(times_of(jobs_of(frames, runs))["first"]).fillna(runs.started_at))
    spans = runs[["id", "start"]].assign(end=runs.completed_at)
    lasted = (seconds(runs.start, runs.completed_at) - in_gates(frames, spans)).clip(lower=0.0)
    return median_of_services(lasted, runs.repository, LEAST)


def time_to_feedback(frames: Frames, window: Window) -> float:
    """C3: the median time from the creation of a pull request's run to its first bad news, else to its answer."""
    runs = ended(frames)
    runs = runs[window.holds(runs.completed_at) & (runs.branch_kind == "pull_request") & (runs.attempt == 1)]
    runs = runs[runs.triggered_by != "machine"]
    times = times_of(jobs_of(frames, runs)).reindex(runs.id).set_index(runs.index)
    answer = times.until.where(times["first"].notna(), runs.completed_at)
    answer = times.failed_at.fillna(answer.where(runs.outcome.isin(("success", "failure"))))
    runs = runs.assign(end=answer)[answer.notna()]
    spans = runs[["id", "end"]].assign(start=runs.created_at)
    waited = (seconds(runs.created_at, runs.end) - in_gates(frames, spans)).clip(lower=0.0)
    return median_of_services(waited, runs.repository, LEAST)


def _finals(frames: Frames, window: Window) -> pd.DataFrame:
    """Decided runs by their last attempt."""
    runs = ended(frames)
    last = runs.groupby(["repository", "run"]).attempt.transform("max")
    runs = runs[window.holds(runs.completed_at) & (last == runs.attempt)]
    return runs[runs.outcome.isin(("success", "failure"))]


def success_rate(frames: Frames, window: Window) -> float:
    """C4: the share of runs whose last attempt passed."""
    runs = _finals(frames, window)
    return mean_of_services(runs.outcome.eq("success").astype(float), runs.repository)


def machine_minutes(frames: Frames, window: Window) -> float:
    """C9: machine seconds for each merged change."""
    runs = ended(frames)
    runs = runs[window.holds(runs.completed_at)]
    changes = frames["changes"]
    changes = changes[window.holds(changes.merged_at) & changes.base.fillna("main").eq("main")]
    jobs = jobs_of(frames, runs)
    machine = jobs.seconds.groupby(jobs.run_id.map(runs.set_index("id").repository)).sum()
    return float((machine / changes.groupby("repository").size()).median())


def attempts_per_run(frames: Frames, window: Window) -> float:
    """C10: how often a run is attempted."""
    runs = _finals(frames, window)
    return mean_of_services(runs.attempt.astype(float), runs.repository)


COMPUTED: dict[str, Callable[[Frames, Window], float]] = {
    "ci_queue_time": queue_time,
    "ci_execution_time": execution_time,
    "ci_time_to_feedback": time_to_feedback,
    "ci_success_rate": success_rate,
    "ci_machine_minutes": machine_minutes,
    "ci_attempts_per_run": attempts_per_run,
}
