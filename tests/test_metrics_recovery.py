from __future__ import annotations

import pytest

import factories as make
from factories import day
from metric_answers import NOW, RULES, answer, landed, query, rows, version, versions
from metrics import explain

RECOVERY = "failed_deployment_recovery_time"
HOUR = 3600.0
DAY = 24 * HOUR


def outage(name: str, deployment: str, at: float, hours: float | None, **fields: object) -> make.Event:
    """Make an incident that begins on a day at noon and is mitigated after some hours, or goes on."""
    over = None if hours is None else day(at, 12 + hours)
    known = {"impact_started_at": day(at, 12), "mitigated_at": over, "change_caused": "yes"}
    return make.incident(name, "api", deployment=deployment, **{**known, **fields})


def timed(events: list[make.Event], **options: object) -> dict[str, float | None]:
    return {row["id"]: row["value"] for row in rows(RECOVERY, events, **options) if row["counted"]}


def test_a_failure_lasts_until_the_rollback_has_finished() -> None:
    events = [*versions("v1", "v2", "v3"), version("back", day(3, 10 + 2 / 3), artifact="v1")]

    assert timed(events) == {"v2": pytest.approx(DAY + 40 * 60)}
    assert timed(events, blame="last") == {"v3": pytest.approx(40 * 60)}


def test_users_clocks_win_over_the_deployments_end() -> None:
    assert timed([*versions("v1", "v2"), outage("i", "v2", 2, 3)]) == {"v2": 3 * HOUR}


def test_mitigation_or_remedy_whichever_came_first_ends_it() -> None:
    back = version("back", day(2, 13), artifact="v1")

    assert timed([*versions("v1", "v2"), outage("i", "v2", 2, 3), back]) == {"v2": HOUR}


def test_without_a_measured_start_the_clock_starts_at_the_deployments_end_and_coverage_says_so() -> None:
    unmeasured = outage("i", "v2", 2, 3, impact_started_at=None, detected_at=day(2, 12))

    result = answer(RECOVERY, [*versions("v1", "v2"), unmeasured])

    assert (result["value"], result["coverage"]["share"]) == (5 * HOUR, 0.0)


def test_resolution_serves_where_nobody_noted_the_mitigation_and_is_flagged() -> None:
    closed = outage("i", "v2", 2, None, resolved_at=day(2, 16))

    (row,) = rows(RECOVERY, [*versions("v1", "v2"), closed])

    assert (row["value"], row["flags"]) == (4 * HOUR, ["resolved_at"])


def test_a_failure_repaired_before_it_began_took_no_time_and_is_told() -> None:
    result = answer(RECOVERY, [*versions("v1", "v2"), outage("i", "v2", 2, -1)])

    assert (result["value"], result["n"], result["exclusions"]) == (0.0, 1, {"E3": 1})


def test_overlapping_incidents_of_one_deployment_are_one_outage() -> None:
    incidents = [outage("i1", "v2", 2, 2), outage("i2", "v2", 2, 5, impact_started_at=day(2, 13))]

    assert timed([*versions("v1", "v2"), *incidents]) == {"v2": 5 * HOUR}


def test_a_second_incident_apart_from_the_first_does_not_lengthen_it() -> None:
    incidents = [outage("i1", "v2", 2, 2), outage("i2", "v2", 4, 5)]

    assert timed([*versions("v1", "v2"), *incidents]) == {"v2": 2 * HOUR}


def test_overlapping_incidents_of_two_deployments_stand_with_the_first_that_failed() -> None:
    incidents = [outage("i1", "v2", 3, 2), outage("i2", "v3", 3, 5, impact_started_at=day(3, 13))]

    result = answer(RECOVERY, [*versions("v1", "v2", "v3"), *incidents])

    assert (result["value"], result["n"], result["exclusions"]) == (5 * HOUR, 1, {"E23": 1})


def test_an_incident_that_nobody_closed_does_not_hide_later_failures() -> None:
    incidents = [outage("i1", "v1", 1, None), outage("i2", "v2", 2, 1), outage("i3", "v3", 3, 2)]

    result = answer(RECOVERY, [*versions("v1", "v2", "v3"), *incidents])

    assert (result["n"], result["censored"], result["method"]) == (3, 1, "kaplan_meier")
    assert result["value"] == 2 * HOUR


def test_an_open_failure_has_lasted_until_now() -> None:
    (row,) = rows(RECOVERY, [*versions("v1"), outage("i", "v1", 1, None)])

    assert row["value"] == (NOW - day(1, 12)).total_seconds()
    assert row["evidence"]["censored"] is True


def test_a_median_nobody_can_know_yet_is_missing_and_not_zero() -> None:
    result = answer(RECOVERY, [*versions("v1"), outage("i", "v1", 1, None)])

    assert (result["status"], result["value"], result["n"]) == ("too_few", None, 1)


def failing(hours: list[float | None]) -> list[make.Event]:
    names = [f"v{number}" for number in range(len(hours))]
    broken = [outage(f"i{n}", f"v{n}", n + 1, each) for n, each in enumerate(hours)]
    return [*versions(*names), *broken]


def test_six_failures_have_an_interval_by_order_statistics() -> None:
    result = answer(RECOVERY, failing([1, 2, 3, 4, 5, 6]))

    assert (result["status"], result["value"], result["censored"]) == ("ok", 3.5 * HOUR, 0)
    assert result["interval"] == {"low": HOUR, "high": 6 * HOUR, "level": 0.95, "method": "order_statistics"}


def test_with_an_open_one_the_interval_is_that_of_kaplan_meier() -> None:
    result = answer(RECOVERY, failing([1, 2, 3, 4, 5, 6, 7, 8, None]))

    assert (result["status"], result["value"], result["n"]) == ("ok", 5 * HOUR, 9)
    assert result["interval"]["method"] == "kaplan_meier"


def test_shares_recovered_leave_out_only_what_is_not_known_yet() -> None:
    result = answer(RECOVERY, failing([0.5, 2, 20, None]))

    assert (result["recovered_in_hour"], result["recovered_in_day"]) == (0.25, 0.75)


def test_a_failure_belongs_to_the_period_in_which_it_started() -> None:
    events = failing([1, 2, 3])

    assert set(timed(events, start=day(2), end=day(3))) == {"v1"}


def test_no_failure_is_no_data_and_not_no_time() -> None:
    quiet = make.incident("other", "api", impact_started_at=day(5), change_caused="no")

    result = answer(RECOVERY, [*versions("v1", "v2"), quiet])

    assert (result["status"], result["value"], result["n"]) == ("no_data", None, 0)


def test_incidents_nobody_classified_hide_the_recovery_time_and_coverage_says_why() -> None:
    unknown = [outage(f"u{n}", "v2", 2, 1, change_caused=None) for n in range(3)]

    result = answer(RECOVERY, [*failing([1, 1]), *unknown])

    assert (result["status"], result["value"]) == ("low_coverage", None)
    assert (result["coverage"]["floor"], result["coverage"]["share"]) == (0.6, 0.4)


def test_bots_that_are_excluded_are_in_no_coverage_either() -> None:
    commits = [
        make.commit("acme/api", f"c{n}", day(n, 9), *([f"c{n - 1}"] if n else []), author_kind=kind)
        for n, kind in enumerate((None, "human", "bot"))
    ]
    deployed = [version(f"v{n}", day(n, 10), sha=f"c{n}") for n in range(3)]
    unmeasured = outage("i2", "v2", 2, 1, impact_started_at=None, detected_at=day(2, 12))
    events = [*commits, *deployed, outage("i1", "v1", 1, 1), unmeasured]

    assert answer(RECOVERY, events)["coverage"]["share"] == 0.5
    without = answer(RECOVERY, events, bots="exclude")
    assert (without["coverage"]["share"], without["n"], without["exclusions"]) == (1.0, 1, {"E14": 1})


def test_the_statement_that_is_shown_runs_as_it_is_and_says_the_same() -> None:
    with landed(failing([1, 2, 3])) as reader:
        shown = explain(reader, query(RECOVERY), RULES)
        ((_, _, n, value, *_), _) = reader.rows(shown.sql)

    assert (n, value) == (shown.result.n, shown.result.value) == (3, 2 * HOUR)
