from __future__ import annotations

import pytest

import factories as make
from factories import day
from metric_answers import answer, rows, versions

HOUR = 3600.0
FOUR_WEEKS = {"start": day(0), "end": day(28)}


def outage(name: str, at: float, hours: float | None, service: str = "api", **fields: object) -> make.Event:
    over = None if hours is None else day(at, hours)
    return make.incident(name, service, **{"impact_started_at": day(at), "mitigated_at": over, **fields})


def test_load_is_incidents_of_any_cause_per_week() -> None:
    causes = ("yes", "no", "unknown", None)
    events = [outage(f"i{n}", n, 1, change_caused=cause) for n, cause in enumerate(causes)]

    result = answer("incident_load", events, **FOUR_WEEKS)

    assert (result["status"], result["value"], result["n"]) == ("ok", 1.0, 4)


def test_severity_and_cause_are_two_breakdowns_that_each_add_up() -> None:
    events = [outage("a", 1, 1, severity="high", change_caused="yes"), outage("b", 2, 1), outage("c", 3, 1)]

    parts = answer("incident_load", events, **FOUR_WEEKS)["parts"]

    shares = {part["class"]: part["share"] for part in parts}
    assert shares == pytest.approx(
        {"severity:high": 1 / 3, "severity:unknown": 2 / 3, "change_caused:unknown": 2 / 3, "change_caused:yes": 1 / 3}
    )
    assert sum(part["value"] for part in parts) == pytest.approx(2 * 0.75)


def test_time_to_mitigate_leaves_out_what_is_still_open() -> None:
    events = [outage("a", 1, 1), outage("b", 2, 3), outage("c", 3, None), outage("d", 4, None, resolved_at=day(4, 5))]

    result = answer("incident_load", events, **FOUR_WEEKS)

    assert result["time_to_mitigate"] == pytest.approx({"p50": 3 * HOUR, "p90": 4.6 * HOUR, "n": 3})


def test_no_incident_is_zero_where_a_source_would_have_told() -> None:
    result = answer("incident_load", [outage("elsewhere", 1, 1, "web"), *versions("v1")], service="api", **FOUR_WEEKS)

    assert (result["status"], result["value"], result["n"]) == ("ok", 0.0, 0)


def test_no_incident_is_not_observable_where_no_source_could_tell() -> None:
    result = answer("incident_load", versions("v1"), **FOUR_WEEKS)

    assert (result["status"], result["value"]) == ("not_observable", None)


def test_weeks_before_a_service_lived_do_not_lighten_its_load() -> None:
    young = make.service("api", created_at=day(14))

    result = answer("incident_load", [young, outage("a", 15, 1), outage("b", 16, 1)], **FOUR_WEEKS)

    assert result["value"] == 1.0


def test_several_services_show_the_median_and_all_of_them_per_service_week() -> None:
    events = [*(outage(f"a{n}", n, 1) for n in range(4)), outage("w", 1, 1, "web"), outage("j", 1, 1, "job")]

    result = answer("incident_load", events, **FOUR_WEEKS)

    assert (result["value"], result["pooled"]["value"]) == (0.25, 0.5)


def test_an_incident_counts_for_the_service_of_the_deployment_it_names() -> None:
    orphan = {**outage("a", 2, 1, deployment="v1"), "service": None}

    assert [row["service"] for row in rows("incident_load", [*versions("v1"), orphan])] == ["api"]


def test_an_incident_that_nobody_dated_belongs_to_no_period() -> None:
    assert rows("incident_load", [make.incident("a", "api")]) == []
