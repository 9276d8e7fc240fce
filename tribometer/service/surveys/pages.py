"""What the survey pages ask of this service: closed waves as they are published, and what was promised after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tribometer.clock import now_utc
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from surveys.instrument import Instrument
    from surveys.results import WaveResults
    from tribometer.service.instance import Instance


class SurveyPages:
    """The surveys of an instance, for `dashboards.survey_data.attend`."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def closed_waves(self) -> Sequence[WaveResults]:
        """Every closed wave, the newest first."""
        answers, numbers = self._instance.store.answers, self._instance.survey_numbers
        closed = [each for each in answers.waves() if each.closed_at is not None]
        closed.sort(key=lambda each: (each.closed_at or now_utc(), each.wave), reverse=True)
        return [numbers.of(each.wave) for each in closed]

    def instrument(self, slug: str) -> Instrument:
        """The instrument of a slug."""
        return self._instance.survey_numbers.instruments()[slug]

    def teams(self, wave: str) -> Mapping[str, str | None]:
        """The teams of a wave, each with the team above it."""
        facts = self._instance.store.answers.wave(wave)
        return {} if facts is None else facts.teams

    def action(self, wave: str) -> tuple[str, datetime | None] | None:
        """What was promised after a wave, and when; None while nothing is."""
        try:
            found = self._instance.records.surveys.wave(wave)
        except UsageError:
            return None
        return None if found.action is None else (found.action, found.action_at)
