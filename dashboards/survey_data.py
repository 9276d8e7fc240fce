"""What the survey pages may ask of the service, and results as tables: published cells, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pandas as pd

from dashboards.survey_words import as_csv

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from dashboards.survey_groups import Record
    from surveys.instrument import Instrument
    from surveys.wave_results import WaveResults
    from tribometer.store.answers import WaveFacts


@dataclass(frozen=True)
class Asked:
    """A team that was asked: how many people, and which share has answered, both in bands; None: not told."""

    team: str
    people: str
    response: str | None


@dataclass(frozen=True)
class Unreached:
    """Why some could not be reached: by which channel, the problem, and how many; never who."""

    channel: str
    problem: str
    people: str


@dataclass(frozen=True)
class WaveStanding:
    """How a wave stands; times are aware UTC, counts of people and messages are bands.

    ``messages`` are by state. ``imported``: nobody was invited by it. ``promises``: whether an action can be noted.
    """

    wave: str
    instrument: str
    state: str
    opens_at: datetime
    closes_at: datetime | None
    closed_at: datetime | None
    invited: str | None
    teams: tuple[Asked, ...] = ()
    messages: Mapping[str, str] | None = None
    unreached: tuple[Unreached, ...] = ()
    action: str | None = None
    action_at: datetime | None = None
    keep_until: datetime | None = None
    imported: bool = False
    promises: bool = True


class SurveySource(Protocol):
    """Everything a survey page may ask. Safe to call from several threads."""

    def closed_waves(self) -> Sequence[WaveResults]:
        """Every closed wave, the newest first."""

    def instrument(self, slug: str) -> Instrument:
        """The instrument of a slug."""

    def facts(self, wave: str) -> WaveFacts:
        """What a wave was opened with: its teams, each with the one above it, and its thresholds."""

    def action(self, wave: str) -> tuple[str, datetime | None] | None:
        """What was promised after a wave, and when; None while nothing is."""

    def standings(self) -> Sequence[WaveStanding]:
        """How every wave stands, the one that opens last first."""


_attended: list[SurveySource] = []


def attend(source: SurveySource) -> None:
    """Give the pages what they ask; the last one given counts."""
    _attended[:] = [source]


def source() -> SurveySource | None:
    """What `attend` gave; None where the service runs without surveys."""
    return _attended[0] if _attended else None


def heat_table(records: Sequence[Record]) -> pd.DataFrame:
    """The heat map as a table: a row a group, a column a topic."""
    frame = pd.DataFrame(records)
    wide = frame.pivot_table(index="group", columns="topic", values="words", aggfunc="first", sort=False)
    return wide.reset_index().rename(columns={"group": "Group"}).rename_axis(columns=None)


def published_csv(wave: WaveResults) -> str:
    """The cells of a wave that are told, as CSV: item, choice, group, value, bounds, bands."""
    return pd.DataFrame(as_csv(wave)).to_csv(index=False)
