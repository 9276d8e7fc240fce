from __future__ import annotations

import factories as make
from factories import day
from metric_answers import answer, rows, version, versions

REWORK = "deployment_rework_rate"


def outage(name: str, deployment: str, at: float, hours: float | None) -> make.Event:
    over = None if hours is None else day(at, 12 + hours)
    return make.incident(
        name, "api", deployment=deployment, impact_started_at=day(at, 12), mitigated_at=over, change_caused="yes"
    )


def reworked(events: list[make.Event]) -> dict[str, str]:
    return {row["id"]: row["evidence"]["evidence"] for row in rows(REWORK, events) if row["value"] == 1.0}


def test_a_rollback_is_rework_and_in_the_denominator() -> None:
    result = answer(REWORK, [*versions("v1", "v2", "v3"), version("back", day(3, 11), artifact="v1")])

    assert (result["value"], result["n"], result["interval"]["method"]) == (0.25, 4, "wilson")


def test_redeploys_config_and_flags_are_on_neither_side() -> None:
    others = [
        version("again", day(2, 11), artifact="v2"),
        version("settings", day(3), kind="config"),
        version("toggle", day(4), kind="flag"),
        version("back", day(5), artifact="v1"),
    ]

    result = answer(REWORK, [*versions("v1", "v2"), *others])

    assert (result["n"], result["exclusions"]) == (3, {"E13": 1, "E7": 2})


def test_going_forward_again_is_no_rework() -> None:
    events = [
        version(name, day(1, hour), artifact=name[:2]) for hour, name in enumerate(("v1", "v2", "v1 again", "v2 again"))
    ]

    result = answer(REWORK, events)

    assert (result["n"], round(result["value"], 3), result["exclusions"]) == (3, 0.333, {"E7": 1})


def commits_and_versions() -> list[make.Event]:
    commits = [make.commit("acme/api", f"c{n}", day(n, 9), *([f"c{n - 1}"] if n else [])) for n in range(4)]
    return [*commits, *[version(f"v{n}", day(n, 10), sha=f"c{n}") for n in range(4)]]


def test_hotfixes_and_reverts_are_rework_even_long_after_what_they_mend() -> None:
    hotfix = make.change("acme/api", 1, day(1), commits=["c1"], title="hotfix: crash")
    history = commits_and_versions()
    history[3]["reverts"] = "known-to-nobody"

    assert reworked([*history, hotfix]) == {"v1": "hotfix", "v3": "revert"}


def test_the_first_deployment_within_an_incident_that_nothing_else_answers_rolled_forward() -> None:
    after = [version("v3", day(2, 13)), version("v4", day(2, 14))]

    assert reworked([*versions("v1", "v2"), outage("i", "v2", 2, 3), *after]) == {"v3": "roll_forward"}


def test_a_deployment_after_the_incident_ended_was_planned() -> None:
    assert reworked([*versions("v1", "v2"), outage("i", "v2", 2, 1), version("v3", day(2, 13.5))]) == {}


def test_a_day_after_the_failure_started_nothing_rolls_forward_any_more() -> None:
    assert reworked([*versions("v1", "v2"), outage("i", "v2", 2, None), version("v3", day(3, 12.1))]) == {}


def test_a_failure_with_a_remedy_of_its_own_has_no_roll_forward() -> None:
    after = [version("v3", day(2, 13)), version("back", day(2, 14), artifact="v1")]

    assert reworked([*versions("v1", "v2"), outage("i", "v2", 2, 3), *after]) == {"back": "rollback"}


def test_a_failed_attempt_is_answered_by_a_retry_that_is_no_rework() -> None:
    attempt = version("felt", day(2), status="failure", users_affected=True)

    assert reworked([*versions("v1"), attempt, outage("i", "felt", 2, 3), version("retry", day(2, 13))]) == {}


def test_impact_before_the_deployment_finished_does_not_make_it_its_own_remedy() -> None:
    early = make.incident(
        "i", "api", deployment="v2", impact_started_at=day(2, 9.9), mitigated_at=day(2, 12), change_caused="yes"
    )

    assert reworked([*versions("v1", "v2"), early, version("v3", day(2, 11))]) == {"v3": "roll_forward"}


def test_without_any_source_of_failures_rework_is_not_observable() -> None:
    assert answer(REWORK, versions("v1", "v2"))["status"] == "not_observable"
