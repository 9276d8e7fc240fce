"""Lead time by stage (D2a-f): where the time between the first commit and production goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metrics.change_lead_time import COMMITS_KNOWN, NEEDS, READS
from metrics.definition import Metric
from metrics.statistics import Duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.sample import Sample

STAGES = ("coding", "pickup", "review", "merge_wait", "release_wait", "gate_wait", "deploy")


def stage_parts(sample: Sample) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Each bucket's stages: median seconds of the units that went through, and mean share of the whole time."""
    columns = ", ".join(
        f"PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY {stage}) AS {stage}_value, "
        f"AVG(CASE WHEN value > 0 THEN COALESCE({stage}, 0.0) / NULLIF(value, 0.0) END) AS {stage}_share, "
        f"COUNT({stage}) AS {stage}_n"
        for stage in STAGES
    )
    query = f"SELECT bucket, {columns} FROM {sample.units} WHERE counted GROUP BY bucket"  # noqa: S608 - names of ours
    found = {bucket: numbers for bucket, *numbers in sample.reader.rows(query)}
    empty = [None, None, 0] * len(STAGES)
    return {bucket: _parts(found.get(bucket, empty)) for bucket in sample.buckets}


def _parts(numbers: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {"stage": stage, "value": value, "share": share, "n": n}
        for stage, value, share, n in zip(STAGES, numbers[::3], numbers[1::3], numbers[2::3], strict=True)
    ]


METRIC = Metric(
    name="lead_time_stages",
    version=1,
    title="Lead time by stage",
    unit="seconds",
    better="lower",
    group="Delivery in detail",
    question="In which stage does a change spend its time on the way to production?",
    source="The stages of change lead time; the headline is the median of the whole, the stages stand in `parts`.",
    formula="From one boundary of a change to the next, in seconds; per stage the median and the mean share.",
    caveats=(
        "Medians of stages do not add up to the median of the whole; the mean shares do add up to one.",
        "Without a review, pickup and review are empty and the time counts as merge wait.",
        "A change pushed directly has release wait and deploy only.",
        "Waiting for gates is taken out of the release wait and shown for itself.",
    ),
    not_comparable=(
        "Medians of stages added up with the change lead time: medians do not add up, the mean shares do.",
        "Review times per request: here the review is one span of the change, however many rounds it had.",
    ),
    rules=("E1", "E2", "E3", "E4", "E5", "E14", "E15", "E16", "E17", "E20", "E26"),
    reads=READS | {"review", "gate"},
    needs=NEEDS,
    statistic=Duration(),
    minimum_n=6,
    bots="exclude",
    keeps=STAGES,
    counted_flags={"negative": "E3"},
    coverage=COMMITS_KNOWN,
    waiting="waiting_commits",
    parts=stage_parts,
)
