"""What the survey pages may ask of the service, and the shapes in which they show it: published cells, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from tribometer.intervals import difference
from tribometer.privacy.published import outward

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from surveys.instrument import Instrument, Item
    from surveys.results import Cell, WaveResults
    from tribometer.privacy.published import Published

Record = dict[str, Any]
EVERYBODY = "Everybody"
HIDDEN, NOBODY = "hidden", "no answer"
CANNOT_TELL = "cannot tell"


class SurveySource(Protocol):
    """Everything a survey page may ask. Safe to call from several threads."""

    def closed_waves(self) -> Sequence[WaveResults]:
        """Every closed wave, the newest first."""

    def instrument(self, slug: str) -> Instrument:
        """The instrument of a slug."""

    def teams(self, wave: str) -> Mapping[str, str | None]:
        """The teams of a wave, each with the team above it."""

    def action(self, wave: str) -> tuple[str, datetime | None] | None:
        """What was promised after a wave, and when; None while nothing is."""


_attended: list[SurveySource] = []


def attend(source: SurveySource) -> None:
    """Give the pages what they ask; the last one given counts."""
    _attended[:] = [source]


def source() -> SurveySource | None:
    """What `attend` gave; None where the service runs without surveys."""
    return _attended[0] if _attended else None


@dataclass(frozen=True)
class Change:
    """What happened between two published values: bounds rounded outwards, and better, worse, or nobody can tell."""

    low: float | None
    high: float | None
    verdict: str

    @property
    def words(self) -> str:
        """The change as a reader says it."""
        if self.low is None or self.high is None or self.verdict == CANNOT_TELL:
            return CANNOT_TELL
        return f"{self.verdict}: {self.low * 100:+.0f} to {self.high * 100:+.0f} points"


def change(this: Published | None, other: Published | None) -> Change:
    """The change from ``other`` to ``this``, of shares of which more is better, made from published values only."""
    if this is None or other is None or this.value is None or other.value is None:
        return Change(None, None, CANNOT_TELL)
    if this.interval is None or other.interval is None:
        return Change(None, None, CANNOT_TELL)
    exact = difference(
        this.value, (this.interval.low, this.interval.high), other.value, (other.interval.low, other.interval.high)
    )
    low, high = outward(*exact, least=-1.0, most=1.0)
    if exact[0] <= 0 <= exact[1]:
        return Change(low, high, CANNOT_TELL)
    return Change(low, high, "better" if exact[0] > 0 else "worse")


def topics(instrument: Instrument) -> list[Item]:
    """The items that are answered on five points, in the order of the instrument."""
    return [item for item in instrument.items if item.scale == "agreement" and not item.rows]


def topic_of(item: Item) -> str:
    """What an item is about, as a heading."""
    return item.measures.replace("_", " ")


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


def heat_records(wave: WaveResults, instrument: Instrument, teams: Mapping[str, str | None]) -> list[Record]:
    """One record a team and topic: group, topic, share, words, status; everybody first, then teams in their tree."""
    rows: list[tuple[str, dict[str, str]]] = [(EVERYBODY, {})]
    rows += [(f"{'  ' * depth}{team}", {"team": team}) for team, depth in in_tree_order(teams)]
    return [_heat(label, item, wave.cell(item.id, scope)) for label, scope in rows for item in topics(instrument)]


def _heat(label: str, item: Item, cell: Cell | None) -> Record:
    published = None if cell is None else cell.published
    value = None if published is None else published.value
    return {
        "group": label,
        "topic": topic_of(item),
        "item": item.id,
        "question": item.text["en"],
        "share": value,
        "words": words_of(published),
        "interval": interval_of(published),
        "people": (published.n_band if published else None) or "",
        "status": "told" if value is not None else words_of(published),
    }


def words_of(published: Published | None) -> str:
    """A published share in words; what is not told says so."""
    if published is None or published.status == "suppressed":
        return HIDDEN
    if published.value is None:
        return NOBODY
    return f"{published.value * 100:.0f} %"


def interval_of(published: Published | None) -> str:
    """The bounds of a published share in words; empty where there are none."""
    if published is None or published.interval is None:
        return ""
    return f"{published.interval.low * 100:.0f} to {published.interval.high * 100:.0f} %"


def heat_table(records: Sequence[Record]) -> pd.DataFrame:
    """The heat map as a table: a row a group, a column a topic."""
    frame = pd.DataFrame(records)
    wide = frame.pivot_table(index="group", columns="topic", values="words", aggfunc="first", sort=False)
    return wide.reset_index().rename(columns={"group": "Group"}).rename_axis(columns=None)


def topic_table(
    wave: WaveResults, other: WaveResults | None, item: str, teams: Mapping[str, str | None]
) -> pd.DataFrame:
    """One topic by group: share, interval, people, and the change from another wave."""
    rows: list[tuple[str, dict[str, str]]] = [(EVERYBODY, {})]
    rows += [(f"{'  ' * depth}{team}", {"team": team}) for team, depth in in_tree_order(teams)]
    records = []
    for label, scope in rows:
        cell, before = wave.cell(item, scope), other.cell(item, scope) if other else None
        told = None if cell is None else cell.published
        record = {
            "Group": label,
            "Favourable": words_of(told),
            "Interval": interval_of(told),
            "People": (told.n_band if told else None) or "",
        }
        if other is not None:
            record["Change"] = change(told, None if before is None else before.published).words
        records.append(record)
    return pd.DataFrame(records)


def ranked_topics(wave: WaveResults, instrument: Instrument) -> list[tuple[Item, Published]]:
    """The topics of everybody that are told, the most favourable first; ties in the order of the instrument."""
    told = [(item, cell.published) for item in topics(instrument) if (cell := wave.cell(item.id, {})) is not None]
    return sorted((each for each in told if each[1].value is not None), key=lambda each: -(each[1].value or 0.0))


def previous_of(wave: WaveResults, waves: Sequence[WaveResults]) -> WaveResults | None:
    """The wave of the same instrument that was closed before this one."""
    older = [each for each in waves if each.instrument == wave.instrument and each.closed_at < wave.closed_at]
    return max(older, key=lambda each: each.closed_at, default=None)
