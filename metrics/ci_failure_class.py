"""CI failure class (C5): whether a failure was the change's, the machines' or chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics.ci_statistics import BLENDED, BRANCHES
from metrics.definition import Metric
from metrics.statistics import Proportion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.sample import Sample

CLASSES = ("change", "flake", "infrastructure", "unknown")


def class_parts(sample: Sample) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Each bucket's failed attempts by class, unknown among them: their share and number."""
    query = f"SELECT bucket, class, COUNT(*) AS n FROM {sample.units} WHERE counted GROUP BY bucket, class"  # noqa: S608 - ours
    counts: dict[str, dict[str, int]] = {bucket: {} for bucket in sample.buckets}
    for bucket, name, n in sample.reader.rows(query):
        counts[bucket][name] = n
    return {bucket: _parts(found) for bucket, found in counts.items() if found}


def _parts(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    total = sum(counts.values())
    return [
        {"class": name, "value": n / total, "share": n / total, "n": n}
        for name in CLASSES
        for n in (counts.get(name, 0),)
    ]


METRIC = Metric(
    name="ci_failure_class",
    version=1,
    title="CI failures by class",
    unit="share",
    better="lower",
    group="CI",
    question="How many failures of CI are not the change's fault?",
    source="The class that the CI service or the job names, else the tree; the classes stand in `parts`.",
    formula="Failed attempts classed as flake or infrastructure, divided by all failed attempts; a share.",
    caveats=(
        "Unknown stays unknown: it is in the denominator only, so the share is a lower bound.",
        "Where nobody names a class, a failure is a flake if the same tree turned green within 14 days.",
        BLENDED,
    ),
    not_comparable=(
        "Statistics that count what is unknown as infrastructure.",
        "Failure rates: only failures are here.",
    ),
    rules=("E18", "E19"),
    reads=frozenset({"run", "job", "commit"}),
    needs=frozenset({"run"}),
    statistic=Proportion(),
    keeps=("workflow", "pipeline", "triggered_by", "branch_kind", "class"),
    cuts=BRANCHES,
    parts=class_parts,
    placed="unit",
)
