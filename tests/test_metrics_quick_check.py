from __future__ import annotations

import pytest

import factories as make
from factories import day
from metric_answers import answer, version
from metrics.scorecard import KEYS, THROUGHPUT, Card, Key, card_measure, card_status, score_of

HOUR, DAY = 3600.0, 86_400.0


def card(**values: float | None) -> Card:
    """Make the card of T14, with other values where given; None has no data."""
    known: dict[str, float | None] = {
        "change_lead_time": 30 * HOUR,
        "deployment_frequency": 1.2,
        "failed_deployment_recovery_time": 3 * HOUR,
        "change_fail_rate": 0.12,
        "deployment_rework_rate": 0.20,
        **values,
    }
    return {
        name: Key("no_data") if value is None else Key("ok", value, score_of(name, value))
        for name, value in known.items()
    }


def test_five_keys_score_as_published_and_average_to_three_means() -> None:
    scores = {name: key.score for name, key in card().items()}
    told = card_measure(card())

    assert [scores[name] for name in KEYS] == pytest.approx([6.0, 10.0, 8.0, 8.8, 8.0])
    assert (told.value, told.extra["throughput"], told.extra["stability"]) == pytest.approx((8.16, 8.0, 8.4))
    assert told.status == "ok"


@pytest.mark.parametrize(
    ("seconds", "score"),
    [(0, 10), (HOUR, 8), (DAY, 6), (7 * DAY, 4), (30.4 * DAY, 2), (182.6 * DAY, 0)],
)
def test_a_duration_on_a_boundary_belongs_to_the_slower_category(seconds: float, score: float) -> None:
    assert score_of("change_lead_time", seconds) == score
    assert score_of("failed_deployment_recovery_time", seconds) == score


@pytest.mark.parametrize(("per_working_day", "score"), [(1.01, 10), (1.0, 6), (0.2, 4), (0.04, 2), (0.001, 0)])
def test_more_than_one_deployment_a_day_scores_ten(per_working_day: float, score: float) -> None:
    assert score_of("deployment_frequency", per_working_day) == score


@pytest.mark.parametrize("missing", KEYS)
def test_no_key_is_imputed(missing: str) -> None:
    told = card_measure(card(**{missing: None}))

    assert (told.status, told.value, told.n) == ("no_data", None, 4)
    assert told.extra["throughput" if missing in THROUGHPUT else "stability"] is None
    assert told.extra["stability" if missing in THROUGHPUT else "throughput"] is not None


def test_a_fail_rate_that_may_not_be_scored_makes_the_whole_unobservable() -> None:
    unscored = {**card(), "change_fail_rate": Key("ok", 0.1)}

    assert card_status(unscored) == "not_observable"


def test_the_worst_key_names_the_status() -> None:
    hidden = {**card(), "change_lead_time": Key("low_coverage"), "failed_deployment_recovery_time": Key("no_data")}

    assert card_status(hidden) == "low_coverage"


def service_history(name: str, *, failures: int = 1) -> list[make.Event]:
    """Make a fortnight of daily deployments of a service's own repository, of which some failed for an hour."""
    events: list[make.Event] = []
    for number in range(14):
        parents = [f"{name}{number - 1}"] if number else []
        events.append(make.commit(f"acme/{name}", f"{name}{number}", day(number, 8), *parents))
        events.append(version(f"{name}-{number}", day(number, 10), name, sha=f"{name}{number}"))
    for number in range(1, failures + 1):
        start, end = day(number, 11), day(number, 12)
        fields = {"impact_started_at": start, "mitigated_at": end, "change_caused": "yes"}
        events.append(make.incident(f"{name}!{number}", name, deployment=f"{name}-{number}", **fields))
    return events


def test_every_part_carries_its_score_and_its_status() -> None:
    result = answer("quick_check", service_history("api"), start=day(0), end=day(14))

    parts = {part["class"]: part for part in result["parts"]}
    assert list(parts) == list(KEYS)
    assert parts["change_lead_time"]["value"] == 2 * HOUR
    assert parts["failed_deployment_recovery_time"]["status"] == "too_few"
    assert result["status"] == "too_few"
    assert result["value"] == pytest.approx(sum(part["score"] for part in parts.values()) / 5)
    assert result["benchmark"] is None


def test_with_enough_of_everything_it_stands_beside_the_mean_of_all_industries() -> None:
    result = answer("quick_check", service_history("api", failures=6), start=day(0), end=day(14))

    assert (result["status"], result["statistic"], result["n"]) == ("ok", "mean_of_scores", 5)
    assert (result["benchmark"]["score"], result["benchmark"]["mean"]) == (result["value"], 6.7)
    assert result["interval"] is None


def test_a_missing_key_is_named_and_the_known_ones_are_shown() -> None:
    events = [*service_history("api", failures=0), make.incident("x", "api", detected_at=day(3), change_caused="no")]

    result = answer("quick_check", events, start=day(0), end=day(14))

    missing = [part["class"] for part in result["parts"] if part["score"] is None]
    assert (result["status"], result["value"], missing) == ("no_data", None, ["failed_deployment_recovery_time"])
    assert result["stability"] == 10.0


def test_without_an_incident_source_there_is_no_overall_score() -> None:
    events = [*service_history("api", failures=0), version("back", day(13, 11), sha="api12")]

    result = answer("quick_check", events, start=day(0), end=day(14))

    assert (result["status"], result["value"]) == ("not_observable", None)


def test_several_services_show_the_median_of_their_scores_and_no_pooled_one() -> None:
    events = [*service_history("api", failures=6), *service_history("web", failures=7)]

    whole = answer("quick_check", events, start=day(0), end=day(14), by="service")

    own = {each["bucket"]["label"]: each["value"] for each in whole["series"]}
    assert whole["value"] == pytest.approx((own["api"] + own["web"]) / 2)
    assert (whole["statistic"], whole["pooled"], whole["services"]["ok"]) == ("p50_of_services", None, 2)


def test_an_empty_store_has_no_score_and_says_of_every_key_why() -> None:
    result = answer("quick_check", [])

    assert result["value"] is None
    assert [part["class"] for part in result["parts"]] == list(KEYS)
