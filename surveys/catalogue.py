"""The survey metrics S1 to S8, each from what a closed wave has published: none tells more than its cells do."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

from surveys.keys import A_DAY, FELT, ON_INFRASTRUCTURE, derived
from tribometer.privacy.published import Published

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from surveys.instrument import Instrument
    from surveys.wave_results import WaveResults

    Tell = Callable[[str, str | None], Published]
    Find = Callable[[Instrument, Tell], "Found"]
    Asks = Callable[[Instrument], bool]

Status = Literal["ok", "suppressed", "no_data", "not_observable"]
GROUP = "Survey"
DAYS = 365
CONFIDENTIAL = (
    "Told of five people or more, in steps of five points between 5 and 95 %; how many they are is told in bands.",
    "What a team answers is for that team to improve with: it is no ranking of teams.",
)
ONE_WAVE = "The newest closed wave of the window that asked this counts; waves are never pooled."


@dataclass(frozen=True)
class Found:
    """What a wave tells of one group: a value with its bounds, and the parts it is made of."""

    published: Published
    parts: tuple[tuple[str, Published], ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SurveyMetric:
    """A metric of a survey. ``asks`` tells whether an instrument asks what it needs, ``find`` reads its cells."""

    name: str
    title: str
    unit: str
    better: Literal["lower", "higher", "neither"]
    statistic: str
    question: str
    formula: str
    source: str
    asks: Asks
    find: Find
    caveats: tuple[str, ...] = ()
    not_comparable: tuple[str, ...] = ("Surveys with other wording: a new wording begins a new series.",)
    version: int = 1
    group: str = GROUP
    window_days: int = DAYS
    rules: tuple[str, ...] = ()


def _has(*ids: str) -> Asks:
    return lambda instrument: any(instrument.item(each) is not None for each in ids)


def _first(instrument: Instrument, *ids: str) -> str:
    return next(each for each in ids if instrument.item(each) is not None)


def _mean_of(parts: Sequence[tuple[str, Published]], *, all_of_them: bool = False) -> Published:
    told = [each.value for _, each in parts if each.status == "ok" and each.value is not None]
    if told and (len(told) == len(parts) or not all_of_them):
        return Published("ok", round(fmean(told), 4), n_band=_least_band(parts))
    return Published("no_data" if all(each.status == "no_data" for _, each in parts) else "suppressed")


def _least_band(parts: Sequence[tuple[str, Published]]) -> str | None:
    bands = [each.n_band for _, each in parts if each.n_band]
    return min(bands, key=lambda band: int(band.rstrip("+").partition("-")[0]), default=None)


def _points(instrument: Instrument) -> list[str]:
    return [item.id for item in instrument.items if item.scale == "agreement" and not item.rows]


def _favourable(instrument: Instrument, tell: Tell) -> Found:
    parts = tuple((each, tell(each, None)) for each in _points(instrument))
    return Found(_mean_of(parts), parts)


def _index(instrument: Instrument, tell: Tell) -> Found:
    parts = tuple((item.id, tell(item.id, None)) for item in instrument.items if item.driver)
    return Found(_mean_of(parts, all_of_them=True), parts)


def _satisfaction(instrument: Instrument, tell: Tell) -> Found:
    parts = tuple(
        (key.partition(":")[2], tell(key, None))
        for item in instrument.items
        if item.scale == "satisfaction"
        for key in item.keys
    )
    return Found(_mean_of(parts), parts)


def _of_one(*ids: str) -> Find:
    return lambda instrument, tell: Found(tell(_first(instrument, *ids), None))


def _time_lost(instrument: Instrument, tell: Tell) -> Found:
    key = _first(instrument, "Q22", "PU09")
    item = instrument.item(key)
    parts = tuple((row.id, tell(f"{key}:{row.id}", None)) for row in (item.rows if item else ()))
    return Found(tell(key, None), parts, {"share_losing_a_day": tell(derived(key, A_DAY), None).value})


def _valuable(instrument: Instrument, tell: Tell) -> Found:
    told = tell(_first(instrument, "Q21", "DC7"), None)
    return Found(_scaled(told, 100.0))


def _felt(instrument: Instrument, tell: Tell) -> Found:
    return Found(tell(derived(_first(instrument, "PU06", "DC6"), FELT), None))


def _scaled(told: Published, divisor: float) -> Published:
    if told.status != "ok" or told.value is None:
        return told
    interval = told.interval
    bounds = (
        None if interval is None else type(interval)(interval.low / divisor, interval.high / divisor, interval.method)
    )
    return Published("ok", told.value / divisor, bounds, told.n_band, told.response)


def _opportunity(instrument: Instrument, tell: Tell) -> Found:
    grid = instrument.item("Q24")
    parts = []
    for row in grid.rows if grid else ():
        importance, satisfied = tell("Q23", row.id), tell(f"Q24:{row.id}", None)
        parts.append((row.id, _score_of(importance, satisfied)))
    parts.sort(key=lambda each: (-(each[1].value or -1.0), each[0]))
    best = next((each for _, each in parts if each.status == "ok"), None)
    return Found(best or Published("suppressed" if parts else "no_data"), tuple(parts))


def _score_of(importance: Published, satisfied: Published) -> Published:
    if importance.value is None or satisfied.value is None:
        return Published("no_data" if "no_data" in {importance.status, satisfied.status} else "suppressed")
    return Published("ok", round(opportunity(importance.value, satisfied.value), 2), n_band=satisfied.n_band)


def opportunity(importance: float, satisfaction: float) -> float:
    """Ulwick's opportunity score, 0..20, of two shares: importance + max(importance - satisfaction, 0), of ten each."""
    return 10 * (importance + max(importance - satisfaction, 0.0))


def _infrastructure(hours: float) -> Find:
    return lambda instrument, tell: Found(
        _scaled(tell(derived(_first(instrument, "Q22"), ON_INFRASTRUCTURE), None), hours)
    )


def catalogue(contracted_hours: float) -> dict[str, SurveyMetric]:
    """The survey metrics by name; ``contracted_hours`` of a week are what a share of working time is of."""
    ours = "Our own wording after the DevEx framework (Noda, Storey, Forsgren & Greiler 2023)."
    made = (
        SurveyMetric(
            "survey_favourable", "Favourable answers", "share", "higher", "mean_of_items",
            "How many of those who answered are content with what they were asked about?",
            "Share of answers in the two best of five points, per item; the headline is the unweighted mean of them.",
            ours, lambda instrument: bool(_points(instrument)), _favourable,
            (*CONFIDENTIAL, ONE_WAVE, "Items that are told of too few people are left out of the mean."),
        ),
        SurveyMetric(
            "survey_index", "Experience index", "share", "higher", "mean_of_items",
            "How is the experience of developers as a whole?",
            "Unweighted mean of the favourable shares of the driver items; only where all of them are told.",
            f"{ours} It is our own index, and no other product's.",
            lambda instrument: any(item.driver for item in instrument.items), _index,
            (*CONFIDENTIAL, ONE_WAVE, "An index hides what moves in it: read its parts."),
        ),
        SurveyMetric(
            "survey_satisfaction", "Satisfaction with journeys", "share", "higher", "mean_of_items",
            "How many are satisfied with each stretch of their work?",
            "Share of answers 4 or 5 of 5, per journey; the headline is the unweighted mean of the journeys.",
            "Customer satisfaction, top two of five.", _has("Q24"), _satisfaction, (*CONFIDENTIAL, ONE_WAVE),
        ),
        SurveyMetric(
            "survey_enps", "Recommendation (eNPS)", "share", "higher", "net_promoters",
            "Would developers recommend this place to a friend?",
            "Share of 9 and 10 less share of 0 to 6, from 30 answers on; -1 to 1.",
            "Net promoter score; interval by the adjusted-Wald method (Sauro & Lewis).", _has("Q25"), _of_one("Q25"),
            (*CONFIDENTIAL, ONE_WAVE, "It is noisy: with 30 answers half of a scale of 100 is chance."),
        ),
        SurveyMetric(
            "survey_time_lost", "Time lost in a week", "hours", "lower", "trimmed_mean",
            "How many hours of a week do developers say they lose?",
            "Sum of the middles of the bands that were answered; mean without the tenth of the people at either end.",
            "Bands 0, <1, 1-2, 3-5, 6-10, >10 with the middles 0, 0.5, 1.5, 4, 8, 12.", _has("Q22", "PU09"), _time_lost,
            (*CONFIDENTIAL, ONE_WAVE, "People remember a bad hour better than a good one: compare over time."),
        ),
        SurveyMetric(
            "survey_infrastructure_share", "Working time lost to infrastructure", "share", "lower", "trimmed_mean",
            "Which share of working time goes to builds, flaky checks, environments, deployments and approvals?",
            "Hours a week on these five journeys, divided by the contracted hours of a week; a share.",
            "Time lost, of `[surveys] contracted_hours`.", _has("Q22"), _infrastructure(contracted_hours),
            (*CONFIDENTIAL, ONE_WAVE),
        ),
        SurveyMetric(
            "survey_valuable_time", "Worthwhile time", "share", "higher", "trimmed_mean",
            "Which share of their time do developers find worthwhile?",
            "Mean of what was answered, without the tenth of the people at either end; a share.",
            "DORA 2025, share of time that felt valuable.", _has("Q21", "DC7"), _valuable, (*CONFIDENTIAL, ONE_WAVE),
        ),
        SurveyMetric(
            "survey_friction_felt", "Friction felt", "share", "lower", "share",
            "How many say that tools or procedures got in the way of their work?",
            "Share of answers in the two highest of five points of agreement; a share.",
            "DORA 2025, friction.", _has("PU06", "DC6"), _felt, (*CONFIDENTIAL, ONE_WAVE),
        ),
        SurveyMetric(
            "survey_opportunity", "Opportunity by journey", "score_of_20", "lower", "largest",
            "Which stretch of work matters most and satisfies least?",
            "Importance + max(importance - satisfaction, 0), of ten each; the headline is the largest of the journeys.",
            "Ulwick (2005); importance is the share that picks a journey among its three.", _has("Q23"), _opportunity,
            (*CONFIDENTIAL, ONE_WAVE),
        ),
    )  # fmt: skip
    return {each.name: each for each in made}


def told(
    metric: SurveyMetric, instrument: Instrument | None, wave: WaveResults | None, scope: Mapping[str, str]
) -> Found:
    """What a metric says of a group in a wave; without any wave that asked it, that nobody could have told."""
    if wave is None or instrument is None:
        return Found(Published("no_data"))

    def cell(item: str, choice: str | None) -> Published:
        found = wave.cell(item, scope, choice)
        return Published("suppressed" if scope else "no_data") if found is None else found.published

    return metric.find(instrument, cell)
