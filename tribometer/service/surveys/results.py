"""Results of closed waves, and the survey metrics made from them: the same object for pages, API and command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any

from tribometer.clock import utc_midnight
from tribometer.errors import UsageError
from tribometer.privacy import PSEUDONYM
from tribometer.service import asked as asking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from surveys.catalogue import Found, SurveyMetric
    from surveys.instrument import Instrument
    from surveys.wave_results import WaveResults
    from tribometer.privacy.published import Bounds
    from tribometer.service.instance import Instance
    from tribometer.service.operations import Tell
    from tribometer.settings import SurveySettings
    from tribometer.store import EventStore

SOMEBODY = "[somebody]"
NAMED = re.compile(PSEUDONYM)
NOT_ASKED = ("service", "clock", "unit", "blame", "bots", "version", "compare")
BY = ("team", "tenure", "wave")


class SurveyNumbers:
    """What closed waves tell. A closed wave never changes, so what was computed of it is kept."""

    def __init__(self, store: EventStore, settings: SurveySettings) -> None:
        self._store = store
        self._settings = settings
        self._guard = Lock()
        self._kept: dict[str, WaveResults] = {}

    def instruments(self) -> dict[str, Instrument]:
        """Every instrument by slug: the shipped ones and those of the settings' folder."""
        from surveys.instrument import instruments  # noqa: PLC0415 - commands that ask nobody need none

        return instruments(self._settings.instruments)

    def catalogue(self) -> dict[str, SurveyMetric]:
        """The survey metrics by name."""
        from surveys.catalogue import catalogue  # noqa: PLC0415 - commands that ask nobody need none

        return catalogue(self._settings.contracted_hours)

    def of(self, wave: str) -> WaveResults:
        """Everything a closed wave tells; `UsageError` for one that is unknown or open."""
        from surveys.results import results  # noqa: PLC0415 - it loads pandas

        with self._guard:
            kept = self._kept.get(wave)
        facts = self._store.answers.wave(wave)
        if kept is not None and facts is not None and facts.closed_at == kept.closed_at:
            return kept
        closed = self._store.answers.closed(wave)
        made = results(closed, self._instrument(closed.facts.instrument), self._redacted)
        with self._guard:
            self._kept[wave] = made
        return made

    def closed(self, start: datetime, end: datetime) -> list[WaveResults]:
        """The waves that were closed in a window, the newest first."""
        facts = [each for each in self._store.answers.waves() if each.closed_at and start <= each.closed_at < end]
        newest_first = sorted(facts, key=lambda each: (each.closed_at or start, each.wave), reverse=True)
        return [self.of(each.wave) for each in newest_first]

    def ever_asked(self, metric: SurveyMetric) -> bool:
        """Whether any wave, open or closed, asked what a metric needs: without, no source could have told."""
        known = self.instruments()
        asked = {each.instrument for each in self._store.answers.waves()}
        return any(metric.asks(known[slug]) for slug in asked & known.keys())

    def _instrument(self, slug: str) -> Instrument:
        known = self.instruments()
        if slug not in known:
            raise UsageError(f"The wave was asked with {slug}, which is not there: put its file back into the folder.")
        return known[slug]

    def _redacted(self, text: str) -> str:
        return NAMED.sub(SOMEBODY, self._store.pseudonyms.key_text(text))


def survey_results(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Tell what a closed wave says: of everybody, and with ``by`` of every team or band of tenure too."""
    del tell
    by, item = arguments.get("by"), arguments.get("item")
    if by not in {None, "team", "tenure"}:
        raise UsageError(f"survey results have no --by {by!r}; choose team or tenure. No person is ever told of.")
    found = instance.survey_numbers.of(arguments["wave"])
    cells = [each for each in found.cells if not each.scope or by in each.scope]
    if item is not None:
        cells = [each for each in cells if item == each.item or each.item.startswith(f"{item}:")]
        if not cells:
            known = dict.fromkeys(each.item for each in found.cells)
            raise UsageError(f"{found.wave} asked no {item!r}; it asked {', '.join(known)}.")
    told = found.to_dict()
    comments = [each for each in told["comments"] if item in {None, each["item"]}]
    return {**told, "cells": [each.to_dict() for each in cells], "comments": comments}


def is_survey_metric(name: str) -> bool:
    """Whether a metric is made of answers; every such name begins so."""
    return name.startswith("survey_")


def metric(instance: Instance, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Compute a survey metric: the contract's result object, without any count of people."""
    asked = _Asked(instance, arguments)
    waves = instance.survey_numbers.closed(*asked.window)
    whole = asked.result(asked.newest(waves), asked.scope)
    return {**whole, "series": asked.series(waves)}


def explain(instance: Instance, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return a survey metric's definition and result; there is no SQL and no unit that could be told."""
    asked = _Asked(instance, arguments)
    found = asked.metric
    return {
        "metric": found.name,
        "version": found.version,
        "title": found.title,
        "question": found.question,
        "formula": found.formula,
        "source": found.source,
        "caveats": list(found.caveats),
        "not_comparable": list(found.not_comparable),
        "rules": list(found.rules),
        "sql": "",
        "counted": None,
        "excluded": {},
        "waiting": None,
        "by_hand": [],
        "units": [],
        "result": metric(instance, arguments),
    }


def refuse_rows(name: str) -> None:
    """Refuse to list what a survey metric was made from."""
    raise UsageError(
        f"{name} is made of people's answers: no row of them is ever told. `tribometer explain {name}` works."
    )


class _Asked:
    """A question to a survey metric, checked."""

    def __init__(self, instance: Instance, arguments: Mapping[str, Any]) -> None:
        numbers = instance.survey_numbers
        known = numbers.catalogue()
        if arguments["name"] not in known:
            raise asking.UnknownMetric(arguments["name"], list(known))
        self.metric = known[arguments["name"]]
        self._numbers, self._now = numbers, instance.clock()
        self._by, self._team = arguments.get("by"), arguments.get("team")
        for name in NOT_ASKED:
            if arguments.get(name) is not None:
                raise UsageError(f"{self.metric.name} knows no --{asking.spelled(name)}: it can be asked of a team.")
        if self._by in asking.PEOPLE:
            raise UsageError(f"There is no series by {self._by}: no person is ever told of. Choose {', '.join(BY)}.")
        if self._by is not None and self._by not in BY:
            raise UsageError(f"{self.metric.name} has no series by {self._by!r}; choose {', '.join(BY)}.")
        self.window = self._window(arguments.get("start"), arguments.get("end"))

    def _window(self, start: str | None, end: str | None) -> tuple[datetime, datetime]:
        # a wave that was closed today counts today: it never changes, unlike a day that is not over
        last = asking.instant(end, "--to") if end else utc_midnight(self._now) + timedelta(days=1)
        first = asking.instant(start, "--from") if start else last - timedelta(days=self.metric.window_days)
        if first >= last:
            raise UsageError(f"The window from {first:%Y-%m-%d} to {last:%Y-%m-%d} is empty; `to` is exclusive.")
        return first, last

    @property
    def scope(self) -> dict[str, str]:
        """Whom it is asked of."""
        return {} if self._team is None else {"team": self._team}

    def newest(self, waves: Sequence[WaveResults]) -> WaveResults | None:
        """The newest wave that asked what the metric needs."""
        known = self._numbers.instruments()
        return next(
            (each for each in waves if each.instrument in known and self.metric.asks(known[each.instrument])), None
        )

    def series(self, waves: Sequence[WaveResults]) -> list[dict[str, Any]]:
        """The same by team or tenure of the newest wave, or by wave."""
        if self._by is None:
            return []
        if self._by == "wave":
            asking_it = [each for each in reversed(waves) if self.newest([each]) is not None]
            return [self._bucket(each.wave, each, self.scope) for each in asking_it]
        newest = self.newest(waves)
        names = sorted({each.scope[self._by] for each in newest.cells if self._by in each.scope}) if newest else []
        return [self._bucket(name, newest, {self._by: name}) for name in names]

    def _bucket(self, label: str, wave: WaveResults | None, scope: dict[str, str]) -> dict[str, Any]:
        return {**self.result(wave, scope), "series": [], "bucket": {"label": label, "partial": False}}

    def result(self, wave: WaveResults | None, scope: dict[str, str]) -> dict[str, Any]:
        """The contract's object of one wave and group."""
        from surveys.catalogue import told  # noqa: PLC0415 - as above

        instrument = self._numbers.instruments()[wave.instrument] if wave is not None else None
        found = told(self.metric, instrument, wave, scope)
        status = found.published.status if self._numbers.ever_asked(self.metric) else "not_observable"
        return {
            "metric": self.metric.name,
            "version": self.metric.version,
            "unit": self.metric.unit,
            "better": self.metric.better,
            "scope": scope,
            "window": {"from": _text(self.window[0]), "to": _text(self.window[1])},
            "status": status,
            "statistic": self.metric.statistic,
            "value": found.published.value,
            "n": None,
            "interval": _interval(found.published.interval),
            "percentiles": {},
            "coverage": None,
            "exclusions": None,
            "clock": "calendar",
            "benchmark": None,
            "services": None,
            "pooled": None,
            "parts": _parts(found),
            "series": [],
            "data_as_of": _text(wave.closed_at) if wave is not None else None,
            "computed_at": _text(self._now),
            "wave": wave.wave if wave is not None else None,
            "instrument": wave.instrument if wave is not None else None,
            "n_band": found.published.n_band,
            "response": found.published.response,
            **found.extra,
        }


def _parts(found: Found) -> list[dict[str, Any]]:
    return [
        {"class": name, "value": each.value, "share": None, "n": None, "status": each.status, "n_band": each.n_band}
        for name, each in found.parts
    ]


def _interval(bounds: Bounds | None) -> dict[str, Any] | None:
    if bounds is None:
        return None
    return {"low": bounds.low, "high": bounds.high, "level": bounds.level, "method": bounds.method}


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
