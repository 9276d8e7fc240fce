"""One topic group by group, and what it is compared with: another wave, everybody, or a team."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dashboards.survey_groups import change, rows_of, told_of
from dashboards.survey_words import EVERYBODY, interval_of, people_of, status_of, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.survey_groups import Record, Topic
    from surveys.wave_results import WaveResults
    from tribometer.privacy.published import Published

NOTHING, BEFORE = "Nothing", "The wave before"


@dataclass(frozen=True)
class Against:
    """What a topic is compared with: the same group in a ``wave``, or another group (``scope``) in the same one."""

    words: str
    wave: WaveResults | None = None
    scope: Mapping[str, str] | None = None

    def of(self, wave: WaveResults, key: str, scope: Mapping[str, str]) -> Published | None:
        """The other side of a comparison."""
        return told_of(self.wave, key, scope) if self.scope is None else told_of(wave, key, self.scope)


def choices(before: WaveResults | None, teams: Sequence[str]) -> list[str]:
    """What a reader may compare with."""
    return [*([BEFORE] if before else []), EVERYBODY, *teams, NOTHING]


def against(choice: str, before: WaveResults | None) -> Against | None:
    """What a reader chose; None for nothing."""
    if choice == NOTHING or (choice == BEFORE and before is None):
        return None
    if choice == BEFORE and before is not None:
        return Against(before.wave, wave=before)
    return Against(choice, scope={} if choice == EVERYBODY else {"team": choice})


def topic_records(
    wave: WaveResults, topic: Topic, teams: Mapping[str, str | None], other: Against | None
) -> list[Record]:
    """One record a group: what is told of the topic, and how it differs from the other side."""
    records = []
    for label, scope in rows_of(teams):
        told = told_of(wave, topic.key, scope)
        interval = None if told is None else told.interval
        records.append({
            "group": label,
            "name": scope.get("team", EVERYBODY),
            "share": None if told is None else told.value,
            "low": None if interval is None else interval.low,
            "high": None if interval is None else interval.high,
            "words": value_of(told),
            "interval": interval_of(told),
            "people": people_of(told),
            "status": status_of(told),
            "change": "" if other is None or other.scope == scope else change(
                told, other.of(wave, topic.key, scope)
            ).words,
        })  # fmt: skip
    return records


def topic_table(records: Sequence[Record], other: Against | None) -> list[Record]:
    """The records as a reader's table."""
    columns = {"group": "Group", "words": "Favourable", "interval": "Interval (95 %)", "people": "People"}
    if other is not None:
        columns["change"] = f"Against {other.words}"
    return [{title: record[name] for name, title in columns.items()} for record in records]
