from __future__ import annotations

import pytest

import factories as make
from factories import day
from metric_answers import answer, rows, version, versions
from metrics import Query
from tribometer.errors import UsageError

RATE = "change_fail_rate"


def outage(name: str, at: float, hour: float = 12, **fields: object) -> make.Event:
    known = {"impact_started_at": day(at, hour), "mitigated_at": day(at, hour + 1), "change_caused": "yes"}
    return make.incident(name, "api", **{**known, **fields})


def failed(events: list[make.Event], **options: object) -> dict[str, str]:
    return {
        row["id"]: row["evidence"]["detected_by"]
        for row in rows(RATE, events, **options)
        if row["counted"] and row["value"] == 1.0
    }


def test_a_rollback_blames_the_first_deployment_after_the_version_it_restores() -> None:
    events = [*versions("v1", "v2", "v3"), version("back", day(3, 10.7), artifact="v1")]

    assert failed(events) == {"v2": "rollback"}
    assert failed(events, blame="last") == {"v3": "rollback"}


def test_a_rollback_is_in_no_denominator_of_the_change_fail_rate() -> None:
    events = [*versions("v1", "v2", "v3"), version("back", day(3, 10.7), artifact="v1")]

    result = answer(RATE, events)

    assert (result["n"], result["exclusions"]) == (3, {"E8": 1})
    assert result["interval"]["low"] == pytest.approx(0.0615, abs=1e-4)
    assert result["interval"]["high"] == pytest.approx(0.7923, abs=1e-4)


def test_an_incident_blames_the_deployment_it_names_however_many_came_after() -> None:
    assert failed([*versions("v1", "v2", "v3"), outage("i", 3, deployment="v1")]) == {"v1": "incident_reference"}


def test_an_incident_that_names_none_blames_the_latest_of_its_own_service() -> None:
    events = [*versions("v1", "v2"), version("other", day(2, 11), "web"), outage("i", 2)]

    assert failed(events) == {"v2": "incident_window"}


def test_detection_stands_in_for_an_unknown_start_of_impact() -> None:
    late = outage("i", 2, impact_started_at=None, detected_at=day(2, 12))

    assert failed([*versions("v1", "v2"), late]) == {"v2": "incident_window"}


def test_an_incident_naming_a_canary_step_blames_the_whole_rollout() -> None:
    steps = [version(name, day(2, hour), group="canary", sha="s2") for name, hour in (("a", 9), ("b", 10))]

    found = failed([*versions("v1"), *steps, outage("i", 2, deployment="a")])

    assert found == {"b": "incident_reference"}


@pytest.mark.parametrize("cause", ["no", "unknown", None])
def test_only_incidents_said_to_be_caused_by_a_change_count_even_where_they_name_a_deployment(
    cause: str | None,
) -> None:
    assert failed([*versions("v1", "v2"), outage("i", 2, deployment="v2", change_caused=cause)]) == {}


def test_three_incidents_of_one_deployment_are_one_failure() -> None:
    incidents = [outage(f"i{hour}", 2, hour, deployment="v2") for hour in (11, 12, 13)]

    (row,) = [row for row in rows(RATE, [*versions("v1", "v2"), *incidents]) if row["value"] == 1.0]

    assert row["evidence"]["detections"] == 3


def repository_history() -> list[make.Event]:
    commits = [make.commit("acme/api", f"c{n}", day(n, 9), *([f"c{n - 1}"] if n else [])) for n in range(4)]
    return [*commits, *[version(f"v{n}", day(n, 10), sha=f"c{n}") for n in range(4)]]


def test_a_revert_blames_the_deployment_that_shipped_what_it_undoes() -> None:
    original = make.change("acme/api", 7, day(0, 12), commits=["c1"])
    revert = make.change("acme/api", 8, day(2), commits=["c3"], reverts=7)

    assert failed([*repository_history(), original, revert]) == {"v1": "revert"}


def test_a_title_that_reverts_a_number_is_a_revert() -> None:
    original = make.change("acme/api", 7, day(0, 12), commits=["c1"])
    revert = make.change("acme/api", 8, day(2), commits=["c3"], title="Reverts #7: too slow")

    assert failed([*repository_history(), original, revert]) == {"v1": "revert"}


def test_a_revert_commit_needs_no_change() -> None:
    history = repository_history()
    history[3]["reverts"] = "c2"

    assert failed(history) == {"v2": "revert"}


def test_original_and_revert_in_one_deployment_are_no_failure() -> None:
    both = [
        make.commit("acme/api", "c4", day(4, 8), "c3"),
        make.commit("acme/api", "c5", day(4, 9), "c4", reverts="c4"),
        version("v4", day(4, 10), sha="c5"),
    ]

    assert failed([*repository_history(), *both]) == {}


@pytest.mark.parametrize(
    "marks",
    [{"title": "Hotfix: crash"}, {"head": "hotfix/crash"}, {"labels": ["hotfix"]}],
    ids=["title", "branch", "label"],
)
def test_a_hotfix_blames_the_shipped_deployment_before_it(marks: dict[str, object]) -> None:
    assert failed([*repository_history(), make.change("acme/api", 9, day(2), commits=["c3"], **marks)]) == {
        "v2": "hotfix"
    }


def test_a_revert_marked_as_hotfix_is_judged_as_a_revert() -> None:
    original = make.change("acme/api", 7, day(0, 12), commits=["c1"])
    revert = make.change("acme/api", 8, day(2), commits=["c3"], reverts=7, labels=["hotfix"])

    assert failed([*repository_history(), original, revert]) == {"v1": "revert"}


def test_what_the_first_deployment_brought_is_history_and_no_hotfix() -> None:
    old = make.change("acme/api", 1, day(-1), commits=["c0"], title="hotfix before we looked")

    assert failed([*repository_history(), old]) == {}


def test_a_failed_attempt_counts_on_both_sides_once_users_felt_it() -> None:
    attempts = [
        version("quiet", day(3), status="failure"),
        version("felt", day(4), status="failure", users_affected=True),
        version("named", day(5), status="cancelled"),
    ]

    result = answer(RATE, [*versions("v1", "v2"), *attempts, outage("i", 5, deployment="named")])

    assert (result["n"], result["value"], result["exclusions"]) == (4, 0.5, {"E6": 1})


def test_blame_on_what_ships_nothing_is_an_exclusion_of_its_own() -> None:
    settings = version("settings", day(3), kind="config")

    result = answer(RATE, [*versions("v1", "v2"), settings, outage("i", 3, deployment="settings")])

    assert (result["n"], result["value"], result["exclusions"]) == (2, 0.0, {"E7": 1, "E9": 1})


def test_a_failure_later_than_a_week_is_told_but_not_counted() -> None:
    result = answer(RATE, [*versions("v1", "v2"), outage("i", 9, 10.5, deployment="v2")])

    assert (result["n"], result["value"], result["exclusions"]) == (2, 0.0, {"late_failure": 1})


def test_a_deployment_is_immature_until_a_week_before_the_time_of_computing() -> None:
    events = [*versions("v1", "v2"), outage("i", 2)]

    result = answer(RATE, events, now=day(9, 10))

    assert (result["n"], result["exclusions"]) == (1, {"immature": 1})


def test_no_failure_of_ten_is_zero_with_an_upper_bound() -> None:
    quiet = make.incident("long ago", "web", impact_started_at=day(-300), change_caused="no")

    result = answer(RATE, [*versions(*(f"v{n}" for n in range(10))), quiet], service="api")

    assert (result["status"], result["value"], result["n"]) == ("ok", 0.0, 10)
    assert result["interval"]["high"] == pytest.approx(0.2775, abs=1e-4)


def test_without_any_source_of_failures_nothing_is_observable() -> None:
    result = answer(RATE, versions("v1", "v2"))

    assert (result["status"], result["value"], result["benchmark"]) == ("not_observable", None, None)


def test_without_an_incident_source_visible_failures_give_a_value_but_no_score() -> None:
    result = answer(RATE, [*versions("v1", "v2"), version("back", day(2, 12), artifact="v1")])

    assert (result["status"], result["value"], result["benchmark"]) == ("ok", 0.5, None)
    assert result["coverage"]["of"] == "failures visible without an incident source"


def test_most_incidents_unclassified_hide_the_rate() -> None:
    unknown = [outage(f"u{n}", 2, deployment="v2", change_caused=None) for n in range(2)]

    result = answer(RATE, [*versions("v1", "v2"), outage("i", 2, deployment="v2"), *unknown])

    assert (result["status"], result["value"]) == ("low_coverage", None)
    assert result["coverage"]["share"] == pytest.approx(1 / 3)


def test_an_incident_long_after_the_last_deployment_blames_none_and_is_told() -> None:
    result = answer(RATE, [*versions("v1", "v2"), outage("i", 32)])

    assert (result["value"], result["coverage"]["unattributed"]) == (0.0, 1)


def test_deployments_of_bots_alone_count_unless_they_are_excluded() -> None:
    history = [{**each, "author_kind": "bot"} if each["id"] == "c2" else each for each in repository_history()]
    events = [*history, outage("i", 2, deployment="v2")]

    assert (answer(RATE, events)["n"], answer(RATE, events)["value"]) == (4, 0.25)
    without = answer(RATE, events, bots="exclude")
    assert (without["n"], without["value"], without["exclusions"]) == (3, 0.0, {"E14": 1})


def test_weekly_buckets_lose_nothing_to_the_age_of_a_deployment() -> None:
    events = [version(f"v{week}-{n}", day(7 * week + n, 10)) for week in range(4) for n in range(5)]
    events += [outage(f"i{week}", 7 * week + 1, 11, deployment=f"v{week}-1") for week in (0, 2)]

    series = answer(RATE, events, start=day(0), end=day(28), by="week")["series"]

    assert [(each["n"], each["value"]) for each in series] == [(5, 0.2), (5, 0.0), (5, 0.2), (5, 0.0)]


def test_only_first_and_last_can_be_blamed() -> None:
    with pytest.raises(UsageError, match="first or last"):
        Query(RATE, blame="middle")
