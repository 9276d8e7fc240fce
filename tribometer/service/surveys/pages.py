"""What the survey pages ask of this service: closed waves as they are published, how waves stand, what was promised."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from dashboards.survey_data import Asked, Unreached, WaveStanding
from tribometer.clock import now_utc
from tribometer.errors import UsageError
from tribometer.privacy.published import n_band
from tribometer.service.surveys import operations, waves

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from surveys.instrument import Instrument
    from surveys.wave_results import WaveResults
    from tribometer.service.instance import Instance
    from tribometer.store.answers import WaveFacts

FEW = 5
FEWER = "fewer than 5"


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

    def facts(self, wave: str) -> WaveFacts:
        """What a wave was opened with; `UsageError` for one that is unknown."""
        found = self._instance.store.answers.wave(wave)
        if found is None:
            raise UsageError(f"There is no wave {wave!r}. `tribometer survey list` lists them.")
        return found

    def action(self, wave: str) -> tuple[str, datetime | None] | None:
        """What was promised after a wave, and when; None while nothing is."""
        try:
            found = self._instance.records.surveys.wave(wave)
        except UsageError:
            return None
        return None if found.action is None else (found.action, found.action_at)

    def standings(self) -> Sequence[WaveStanding]:
        """How every wave stands, the one that opens last first; those of a demo have answers only."""
        recorded = {each.name for each in self._instance.records.surveys.waves()}
        return [
            self._recorded(each["wave"]) if each["wave"] in recorded else _answered(self.facts(each["wave"]))
            for each in waves.every(self._instance)
        ]

    def _recorded(self, name: str) -> WaveStanding:
        told = operations.status(self._instance, {"wave": name}, _nobody)
        wave = self._instance.records.surveys.wave(name)
        facts = self._instance.store.answers.wave(name)
        return WaveStanding(
            wave=name,
            instrument=wave.instrument,
            state=wave.state,
            opens_at=wave.opens_at,
            closes_at=wave.closes_at,
            closed_at=wave.closed_at,
            invited=_band(told["invited"]),
            teams=tuple(Asked(each["team"], each["invited"], each["response"]) for each in told["teams"]),
            messages={state: _many(count) for state, count in sorted(told["messages"].items())},
            unreached=_unreached(told["trouble"]),
            action=wave.action,
            action_at=wave.action_at,
            keep_until=None if facts is None else facts.keep_until,
            imported=not wave.channels,
        )


def _nobody(_told: object) -> None:
    """Nothing of what an operation tells on its way is for a page."""


def _answered(facts: WaveFacts) -> WaveStanding:
    """A wave that nobody was invited to here."""
    return WaveStanding(
        wave=facts.wave,
        instrument=facts.instrument,
        state="closed" if facts.closed_at else "open",
        opens_at=facts.opened_at,
        closes_at=facts.closed_at,
        closed_at=facts.closed_at,
        invited=None,
        keep_until=facts.keep_until,
        imported=True,
        promises=False,
    )


def _unreached(trouble: Sequence[dict[str, Any]]) -> tuple[Unreached, ...]:
    """Problems by channel, never by person."""
    found = Counter((each["channel"], each["problem"] or "no reason was given") for each in trouble)
    return tuple(Unreached(channel, problem, _many(count)) for (channel, problem), count in sorted(found.items()))


def _band(people: int | None) -> str | None:
    return None if people is None else _many(people)


def _many(count: int) -> str:
    """A count as a band: an exact number of messages that became needless would tell how many have answered."""
    return n_band(count) if count >= FEW else FEWER
