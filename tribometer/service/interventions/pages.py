"""What the page on interventions asks of this service: the record as it stands, and verdicts that are kept."""

from __future__ import annotations

from datetime import UTC
from threading import Lock
from typing import TYPE_CHECKING

from dashboards.interventions import JudgedMetric, Judgement, Standing
from tribometer.service.interventions import verdicts
from tribometer.service.interventions.operations import remarks_of, status_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from tribometer.service.instance import Instance
    from tribometer.store.records import Intervention


class InterventionPages:
    """The interventions of an instance, for `dashboards.interventions.attend`."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._guard = Lock()
        self._kept: dict[str, tuple[Hashable, Judgement]] = {}

    def standings(self) -> Sequence[Standing]:
        """Every intervention as it stands, the one that is released last first."""
        today = self._instance.clock().astimezone(UTC).date()
        return [
            Standing(each, status_of(each, today), tuple(remarks_of(each)))
            for each in reversed(self._instance.records.interventions.all())
        ]

    def history(self, name: str) -> Sequence[Intervention]:
        """Every change that was recorded of one, the first one first."""
        return [each for each in self._instance.records.interventions.history() if each.name == name]

    def kept(self, intervention: Intervention) -> Judgement | None:
        """How it was judged since anything landed, or it was changed, or a day began."""
        stamp, judgement = self._kept.get(intervention.name, (None, None))
        return judgement if stamp == self._stamp(intervention) else None

    def judged(self, intervention: Intervention) -> Judgement:
        """Judge it, or return what is kept; one at a time, for two readers who open the same wait for one answer."""
        with self._guard:
            kept = self.kept(intervention)
            if kept is None:
                stamp, kept = self._stamp(intervention), self._judge(intervention)
                self._kept[intervention.name] = stamp, kept
        return kept

    def _stamp(self, intervention: Intervention) -> Hashable:
        """What a verdict follows from: weeks are whole, so the time of day changes nothing."""
        today = self._instance.clock().astimezone(UTC).date()
        return intervention.revision, intervention.registered_at, today, self._instance.numbers.generation

    def _judge(self, intervention: Intervention) -> Judgement:
        from metrics.verdicts.aligned import aligned  # noqa: PLC0415 - pages that nobody opens load no catalogue

        return Judgement(
            level=verdicts.compared(intervention.plan),
            as_of=self._instance.clock(),
            metrics=tuple(
                JudgedMetric(
                    each.expectation,
                    verdicts.better(each.expectation),
                    each.panel,
                    each.findings,
                    aligned(each.panel),
                    tuple(each.not_measured),
                )
                for each in verdicts.judged_of(self._instance, intervention)
            ),
            caveats=(verdicts.OWNERS_NOW, verdicts.J_CURVE),
        )
