"""Groups and topics of a wave, in the order of the organisation and of the instrument: never by value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboards.survey_words import EVERYBODY, interval_of, people_of, status_of, value_of
from surveys.instrument import FIVE_POINTS
from surveys.scales import ENGLISH, WORDS
from tribometer.intervals import difference
from tribometer.privacy.published import outward

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from surveys.instrument import Instrument
    from surveys.wave_results import WaveResults
    from tribometer.privacy.published import Published

Record = dict[str, Any]
CANNOT_TELL = "cannot tell"
INDENT = "\N{MIDDLE DOT} "
"""Drawn before a team below another, for charts cut blanks off."""
ACRONYMS = frozenset({"ci"})


@dataclass(frozen=True)
class Topic:
    """Something answered on five points: its stored key, a heading of its own, the wording, and the scale."""

    key: str
    heading: str
    wording: str
    scale: str
    reverse: bool

    @property
    def points(self) -> tuple[str, ...]:
        """The five points in words, from 1 to 5."""
        return WORDS[self.scale][ENGLISH]

    @property
    def favourable(self) -> str:
        """Which answers count as favourable."""
        best = self.points[1::-1] if self.reverse else self.points[3:]
        return " or ".join(f"“{each}”" for each in best)


def topics(instrument: Instrument) -> list[Topic]:
    """What is answered on five points, rows of grids one by one, in the order of the instrument."""
    found = [
        Topic(item.id, heading_of(item.measures), item.text[ENGLISH], item.scale, item.reverse)
        if row is None
        else Topic(
            f"{item.id}:{row.id}",
            f"{heading_of(item.measures)}: {row.label[ENGLISH]}",
            f"{item.text[ENGLISH]} {row.label[ENGLISH]}",
            item.scale,
            item.reverse,
        )
        for item in instrument.items
        if item.scale in FIVE_POINTS
        for row in item.rows or (None,)
    ]
    # two columns of one name would be drawn as one
    often = Counter(each.heading for each in found)
    return [
        each if often[each.heading] == 1 else Topic(each.key, f"{each.heading} ({each.key})", *_rest(each))
        for each in found
    ]


def _rest(topic: Topic) -> tuple[str, str, bool]:
    return topic.wording, topic.scale, topic.reverse


def heading_of(measures: str) -> str:
    """What an item is about, as a heading."""
    words = [word.upper() if word in ACRONYMS else word for word in measures.replace("_", " ").split(" ")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def in_tree_order(teams: Mapping[str, str | None]) -> list[tuple[str, int]]:
    """Every team with its depth, each below the one above it, by name: never by value."""
    below: dict[str | None, list[str]] = {}
    for team, parent in teams.items():
        below.setdefault(parent if parent in teams else None, []).append(team)

    def walk(parent: str | None, depth: int, seen: frozenset[str]) -> Iterator[tuple[str, int]]:
        for team in sorted(below.get(parent, ())):
            if team not in seen:
                yield team, depth
                yield from walk(team, depth + 1, seen | {team})

    found = list(walk(None, 0, frozenset()))
    reached = {team for team, _ in found}
    # those above each other in a circle stand at the end
    return found + [(team, 0) for team in sorted(teams) if team not in reached]


def rows_of(teams: Mapping[str, str | None]) -> list[tuple[str, dict[str, str]]]:
    """The groups of a table, label and scope: everybody first, then teams in their tree."""
    return [(EVERYBODY, {}), *((f"{INDENT * depth}{team}", {"team": team}) for team, depth in in_tree_order(teams))]


def told_of(
    wave: WaveResults | None, key: str, scope: Mapping[str, str], choice: str | None = None
) -> Published | None:
    """What a wave tells of a question and a group; None where it has no such cell."""
    cell = None if wave is None else wave.cell(key, scope, choice)
    return None if cell is None else cell.published


def heat_records(wave: WaveResults, asked: Sequence[Topic], teams: Mapping[str, str | None]) -> list[Record]:
    """One record a group and topic, for the heat map and its table."""
    return [
        {
            "group": label,
            "topic": topic.heading,
            "item": topic.key,
            "question": topic.wording,
            "good": topic.favourable,
            "share": None if told is None else told.value,
            "words": value_of(told),
            "interval": interval_of(told),
            "people": people_of(told),
            "status": status_of(told),
            "kind": "suppressed" if told is None else told.status,
        }
        for label, scope in rows_of(teams)
        for topic in asked
        for told in (told_of(wave, topic.key, scope),)
    ]


@dataclass(frozen=True)
class Change:
    """What lies between two published values: bounds rounded outwards, and better, worse, or nobody can tell."""

    low: float | None
    high: float | None
    verdict: str

    @property
    def least(self) -> float:
        """By how much it changed at least, in either direction; 0 where nobody can tell."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return 0.0
        return min(abs(self.low), abs(self.high))

    @property
    def words(self) -> str:
        """The change as a reader says it."""
        if self.low is None or self.high is None:
            return CANNOT_TELL
        return f"{self.verdict}: {_points(self.low)} to {_points(self.high)} points"


def _points(share: float) -> str:
    points = round(share * 100)
    return f"{points:+d}" if points else "0"


def change(this: Published | None, other: Published | None) -> Change:
    """The change from ``other`` to ``this``, of shares of which more is better, made from published values only.

    Of a group and one that it is a part of, the bounds are wider than they need be: both move together.
    """
    if this is None or other is None or this.value is None or other.value is None:
        return Change(None, None, CANNOT_TELL)
    if this.interval is None or other.interval is None:
        return Change(None, None, CANNOT_TELL)
    exact = difference(
        this.value, (this.interval.low, this.interval.high), other.value, (other.interval.low, other.interval.high)
    )
    low, high = outward(*exact, least=-1.0, most=1.0)
    if low <= 0 <= high:
        return Change(low, high, CANNOT_TELL)
    return Change(low, high, "better" if low > 0 else "worse")


def previous_of(wave: WaveResults, waves: Sequence[WaveResults]) -> WaveResults | None:
    """The wave of the same instrument that was closed before this one."""
    older = [each for each in waves if each.instrument == wave.instrument and each.closed_at < wave.closed_at]
    return max(older, key=lambda each: each.closed_at, default=None)


def favourite_first(wave: WaveResults, asked: Sequence[Topic]) -> list[tuple[Topic, Published]]:
    """The topics of everybody that are told, the most favourable first; ties in the order of the instrument."""
    told = [(topic, found) for topic in asked if (found := told_of(wave, topic.key, {})) is not None]
    return sorted((each for each in told if each[1].value is not None), key=lambda each: -(each[1].value or 0.0))
