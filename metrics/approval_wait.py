"""Approval wait (A1): how long what is ready waits until a person lets it pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from metrics.ci_statistics import Beside
from metrics.definition import Cell, Measure, Metric, Observability
from metrics.survival import Survival
from metrics.waits import spread, spreads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.query import Query
    from metrics.sample import Sample
    from tribometer.store import Reader

KINDS = ("human", "timer", "policy")
FURTHER = (
    ("rejection_share", "AVG(CASE WHEN decision = 'rejected' THEN 1.0 WHEN decision IS NOT NULL THEN 0.0 END)"),
    ("rubber_stamp_share", "AVG(CASE WHEN decided_in < 120 THEN 1.0 WHEN decided_in IS NOT NULL THEN 0.0 END)"),
)
"""Of what was decided: refused, and decided in under two minutes by the wall clock."""
NO_GATES = (
    "No approval is known: sources of kind github, gitlab, circleci, buildkite and jenkins tell how long deployments "
    "and runs wait for one, or import `gate` events."
)


@dataclass(frozen=True)
class BothClocks(Survival):
    """Median wait; further field ``calendar``: p50 and p90 by the calendar, n, and how many are ``waiting``."""

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """As `Survival`, with the same by the calendar."""
        told = spreads(sample, "lasted", "censored")
        return {
            cell: replace(found, extra={**found.extra, "calendar": told[cell]})
            for cell, found in super().measure(sample).items()
        }


def parts(sample: Sample) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The waits for people, for timers and for policy checks apart; ``share`` is that of all gates."""
    rows = sample.reader.rows(
        f"SELECT bucket, kind, value, censored FROM {sample.units} WHERE counted OR rule IN ('timer', 'policy')"  # noqa: S608 - our own
    )
    waits: dict[str, dict[str, tuple[list[float], list[float]]]] = {}
    for bucket, kind, seconds, goes_on in rows:
        waits.setdefault(bucket, {}).setdefault(kind, ([], []))[bool(goes_on)].append(seconds)
    return {bucket: [_part(kind, kinds) for kind in KINDS if kind in kinds] for bucket, kinds in waits.items()}


def _part(kind: str, kinds: Mapping[str, tuple[list[float], list[float]]]) -> Mapping[str, Any]:
    own = spread(*kinds[kind])
    gates = sum(len(ended) + len(ongoing) for ended, ongoing in kinds.values())
    return {"class": kind, "value": own["p50"], "p90": own["p90"], "share": (own["n"] or 0) / gates, "n": own["n"]}


def observe(reader: Reader, _query: Query) -> Observability:
    """Approvals can be told where any gate was landed, or a source that is collected reads them."""
    [(known,)] = reader.rows("""
SELECT EXISTS (SELECT 1 AS found FROM gates)
    OR EXISTS (SELECT 1 AS found FROM source_states WHERE ARRAY_CONTAINS(reads, 'gate')) AS known
""")
    return Observability() if known else Observability(observable=False, hint=NO_GATES)


METRIC = Metric(
    name="approval_wait",
    version=1,
    title="Approval wait",
    unit="seconds",
    better="lower",
    group="Platform",
    question="How long does what is ready wait until a person approves it?",
    source="Gates of deployments, runs and requests that a person opens; approval by external bodies is one of DORA's "
    "change-approval questions.",
    formula="Time of the decision minus the time it was asked for, in business seconds; the median over approvals.",
    caveats=(
        "Business hours are those of the team that waits, not of whoever decides.",
        "A quick approval may be a good one or an unread one: the share decided in under two minutes only asks.",
        "An approval given by word of mouth or in a ticket that is not collected is not in it.",
        "Which share of the lead time goes to gates of all kinds is told by lead_time_stages, part gate_wait.",
        "GitHub tells no time of an approval: it is taken from when the deployment went on.",
    ),
    not_comparable=(
        "Review response time: there a change waits for an answer, here a finished one for permission.",
        "Waits for timers and policy checks, which nobody can answer sooner: `parts` has them apart.",
        "Approvals of deployments and of requests to the platform: `--by subject` takes them apart.",
    ),
    rules=("E3", "E20", "E24"),
    reads=frozenset({"gate", "deployment", "run", "request"}),
    needs=frozenset({"gate"}),
    statistic=Beside(BothClocks(), FURTHER),
    minimum_n=6,
    clock="business",
    span=("requested_at", "waited_until"),
    keeps=("kind", "subject", "decision", "decided_in", "lasted", "censored"),
    counted_flags={"negative": "E3"},
    cuts={"subject": "subject"},
    beside={"censored": "count", "calendar": "seconds", "rejection_share": "share", "rubber_stamp_share": "share"},
    placed="unit",
    observe=observe,
    parts=parts,
)
