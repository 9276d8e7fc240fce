"""Time to the first deploy of a service (O2), with its milestones, and whether templates make it shorter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from metrics.definition import POOLED, Cell, Measure, Metric
from metrics.survival import Survival, kaplan_meier, log_rank

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.sample import Sample

MILESTONES = {
    "first_commit": "to_commit",
    "first_green_run": "to_green",
    "first_other_deployment": "to_trial",
    "first_production_deployment": "to_live",
    "first_objective": "to_objective",
}
WAITS = {"share": "waits", "approvals": "approvals", "requests": "requests"}
OF_REPOSITORY = frozenset({"first_commit", "first_green_run"})
ARMS = ("template", "none")
ENOUGH = 8
"""Services of each kind below which a difference between them is only indicative."""
SURE = 0.05

Durations = tuple[list[float], list[float]]
"""Those that ended and those that go on, in seconds."""


@dataclass(frozen=True)
class FirstDeploy(Survival):
    """Median by Kaplan-Meier; further field ``by_template``: services made from a template against the others.

    It holds n, p50, p80 (seconds) of both, the log-rank test's ``p_value`` and a ``verdict``: different,
    cannot_tell, or indicative where either has fewer than eight services. Further field ``waiting``, of the ``n``
    services that run: the mean share of the time since their creation in which they waited, for ``approvals`` and
    for ``requests`` to the platform; None where no source tells of either.
    """

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """As `Survival`, with the comparison for all services of a bucket."""
        arms, waits = _arms(sample), _waiting(sample)
        return {
            cell: replace(
                found,
                extra={**found.extra, "by_template": _compared(arms[cell[0]]), "waiting": waits[cell[0]]},
            )
            if cell[1] is POOLED
            else found
            for cell, found in super().measure(sample).items()
        }


def _waiting(sample: Sample) -> dict[str, dict[str, float | int | None]]:
    shares = ", ".join(f"AVG({column} / NULLIF(to_live, 0.0)) AS {name}" for name, column in WAITS.items())
    rows = sample.reader.rows(
        f"SELECT bucket, {shares}, COUNT(to_live) AS n FROM {sample.units} WHERE counted GROUP BY bucket"  # noqa: S608 - names of ours
    )
    return {bucket: {**dict(zip(WAITS, numbers, strict=True)), "n": n} for bucket, *numbers, n in rows}


def _arms(sample: Sample) -> dict[str, dict[str, Durations]]:
    rows = sample.reader.rows(
        f"SELECT bucket, origin, value, censored FROM {sample.units} WHERE counted"  # noqa: S608 - a relation of our own
    )
    found: dict[str, dict[str, Durations]] = {}
    for bucket, origin, value, waits in rows:
        arms = found.setdefault(bucket, {arm: ([], []) for arm in ARMS})
        arms[origin][bool(waits)].append(value)
    return found


def _compared(arms: Mapping[str, Durations]) -> dict[str, Any]:
    told = {arm: _spread(durations) for arm, durations in arms.items()}
    enough = all(each["n"] >= ENOUGH for each in told.values())
    p_value = log_rank(arms["template"], arms["none"]) if enough and any(arms[arm][0] for arm in ARMS) else None
    verdict = "indicative" if not enough else "different" if p_value is not None and p_value < SURE else "cannot_tell"
    return {**told, "p_value": p_value, "verdict": verdict}


def _spread(durations: Durations) -> dict[str, Any]:
    curve = kaplan_meier(*durations) if any(durations) else None
    quantiles = {name: curve.quantile(q) if curve else None for name, q in (("p50", 0.5), ("p80", 0.8))}
    return {"n": len(durations[0]) + len(durations[1]), **quantiles}


def milestones(sample: Sample) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """When half of the services had reached each milestone, and which share has by now."""
    columns = ", ".join(MILESTONES.values())
    query = f"SELECT bucket, is_alone, existed, {columns} FROM {sample.units} WHERE counted"  # noqa: S608 - names of ours
    found: dict[str, dict[str, Durations]] = {}
    for bucket, alone, existed, *reached in sample.reader.rows(query):
        stages = found.setdefault(bucket, {stage: ([], []) for stage in MILESTONES})
        for stage, seconds in zip(MILESTONES, reached, strict=True):
            if alone or stage not in OF_REPOSITORY:
                stages[stage][seconds is None].append(existed if seconds is None else seconds)
    return {bucket: [_stage(stage, each) for stage, each in stages.items()] for bucket, stages in found.items()}


def _stage(stage: str, durations: Durations) -> dict[str, Any]:
    told = _spread(durations)
    share = len(durations[0]) / told["n"] if told["n"] else None
    return {"stage": stage, "value": told["p50"], "p80": told["p80"], "share": share, "n": told["n"]}


METRIC = Metric(
    name="service_time_to_first_deploy",
    version=1,
    title="Time to the first deploy of a service",
    unit="seconds",
    better="lower",
    group="Onboarding",
    question="How long is it from creating a service until it first runs in production?",
    source="Milestones of a new service; those that have not got there are censored (Kaplan & Meier 1958).",
    formula="Finish of the first production deployment minus the service's creation, in seconds; the median.",
    caveats=(
        "Services that are not deployed yet count as still on the way, experiments that nobody means to deploy too.",
        "A service's creation is what the catalog says, else its repository's.",
        "Services made from a template may be the simpler ones: the difference need not come from the template.",
        "Waiting is what gates and requests tell: for an answer in a chat, or for time to go on, one waits unseen.",
        "In a repository of several services nobody can say whose the first commit and the first green run were.",
    ),
    not_comparable=(
        "Change lead time, which is that of a change to a service that runs already.",
        "Numbers that leave out services which have not been deployed: they are always shorter.",
    ),
    rules=("E6", "E7", "E11", "E12", "E20", "E24"),
    reads=frozenset({"service", "repository", "commit", "run", "deployment", "slo", "gate", "request"}),
    needs=frozenset({"deployment"}),
    statistic=FirstDeploy(further=(("p80", 0.8),)),
    minimum_n=6,
    window_days=365,
    span=("created_at", "waited_until"),
    keeps=("censored", "is_alone", "existed", *MILESTONES.values(), *WAITS.values(), "origin", "cohort"),
    beside={"censored": "count", "waiting": "share", "by_template": "seconds"},
    cuts={"cohort": "cohort"},
    over="units",
    parts=milestones,
)
