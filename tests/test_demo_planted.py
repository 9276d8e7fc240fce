"""Every planted effect is in the events, found by plain reckoning rather than by the generator's own arrays."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any

import pytest

from demo_columns import END, NOW, grouped, medians, owners, rows, team_of_change
from tribometer import demo
from tribometer.clock import business_seconds
from tribometer.demo.organisation import TEAMS
from tribometer.demo.planted import (
    BUILD_CACHE,
    FLAKY_WORKFLOW,
    PLANTED,
    REVIEW_REMINDERS,
    REVIEW_WAIT,
    STRONG,
    TEMPLATE,
    WEAK,
)  # fmt: skip

PLACES = {team.key: (team.zone, team.country) for team in TEAMS}


def since(days: int) -> datetime:
    return END - timedelta(days=days)


def sides(found: list[dict[str, Any]], team: str, at: datetime, value: str) -> tuple[list[float], list[float]]:
    """A team's values before a time and from then on."""
    mine = [each for each in found if each["team"] == team]
    return [each[value] for each in mine if each["at"] < at], [each[value] for each in mine if each["at"] >= at]


def review_waits() -> list[dict[str, Any]]:
    """First answers to first requests, by team, in business hours of the team."""
    asked = {each["change"]: each["requested_at"] for each in rows("review_request", "id", "change", "requested_at")
             if each["id"].endswith("?1")}  # fmt: skip
    return [
        {
            "team": team_of_change()[each["change"]],
            "at": asked[each["change"]],
            "hours": business_seconds(
                asked[each["change"]], each["submitted_at"], *PLACES[team_of_change()[each["change"]]]
            ) / 3_600,
        }
        for each in rows("review", "id", "change", "submitted_at")
        if each["id"].endswith("!1")
    ]  # fmt: skip


@pytest.fixture(scope="module", name="waits")
def _waits() -> list[dict[str, Any]]:
    return review_waits()


def test_what_is_planted_names_teams_that_there_are() -> None:
    keys = {team.key for team in TEAMS}
    for planted in PLANTED:
        assert set(planted.since) <= keys
        assert planted.what
        assert planted.size > 0


def test_one_team_waits_three_times_as_long_for_reviews(waits: list[dict[str, Any]]) -> None:
    by_team = medians(grouped(waits, lambda each: each["team"], lambda each: each["hours"]))
    (slow,) = REVIEW_WAIT.where
    others = median(value for team, value in by_team.items() if team != slow)
    assert by_team[slow] / others == pytest.approx(REVIEW_WAIT.size, rel=0.2)
    assert by_team[slow] == max(by_team.values())


def test_reminders_about_reviews_changed_nothing(waits: list[dict[str, Any]]) -> None:
    ratios = []
    for team, days in REVIEW_REMINDERS.since.items():
        before, after = sides(waits, team, since(days), "hours")
        ratios.append(median(after) / median(before))
    assert median(ratios) == pytest.approx(REVIEW_REMINDERS.size, abs=0.12)


def flake_rates() -> dict[tuple[str, str], float]:
    """Share of (tree, workflow) pairs with a failure and a later success, by repository and workflow."""
    runs = rows("run", "repository", "workflow", "tree_sha", "attempt", "conclusion")
    pairs: dict[tuple[str, str], dict[str, list[str]]] = {}
    for run in sorted(runs, key=lambda each: each["attempt"]):
        pairs.setdefault((run["repository"], run["workflow"]), {}).setdefault(run["tree_sha"], []).append(
            run["conclusion"]
        )
    return {
        place: sum("failure" in found[:-1] and found[-1] == "success" for found in trees.values()) / len(trees)
        for place, trees in pairs.items()
        if len(trees) >= 100
    }


def test_one_workflow_is_flaky() -> None:
    rates = flake_rates()
    repository, workflow = FLAKY_WORKFLOW.where
    flaky = rates.pop((repository, workflow))
    assert flaky > 0.1
    # a roll-out that breaks off and is made again looks the same, but is rarer
    assert flaky > 2 * max(rates.values())
    assert flaky > 5 * median(rates.values())


def test_one_template_halves_the_time_to_the_first_deployment() -> None:
    first: dict[str, datetime] = {}
    for each in rows("deployment", "service", "tier", "status", "finished_at"):
        if each["tier"] == "production" and each["status"] == "success" and each["finished_at"]:
            first[each["service"]] = min(first.get(each["service"], each["finished_at"]), each["finished_at"])
    born = [each for each in rows("service", "name", "created_at", "template") if each["created_at"] > since(730)]
    took = grouped(
        born,
        lambda each: str(each["template"] in TEMPLATE.where),
        lambda each: (first[each["name"]] - each["created_at"]).total_seconds(),
    )
    assert {name: len(values) >= 8 for name, values in took.items()} == {"True": True, "False": True}
    assert median(took["True"]) / median(took["False"]) == pytest.approx(TEMPLATE.size, abs=0.12)


def unit_test_minutes() -> list[dict[str, Any]]:
    """Execution of the longest required job of changes, by team."""
    runs = {each["id"]: each for each in rows("run", "id", "workflow", "change.id", "created_at") if each["change.id"]}
    return [
        {
            "team": team_of_change()[runs[job["run"]]["change.id"]],
            "at": job["started_at"],
            "minutes": (job["completed_at"] - job["started_at"]).total_seconds() / 60,
        }
        for job in rows("job", "run", "name", "started_at", "completed_at")
        if job["name"] == "unit-tests" and job["run"] in runs and job["completed_at"]
    ]


def test_the_build_cache_shortened_ci_where_it_was_taken_up_and_nowhere_else() -> None:
    found = unit_test_minutes()
    for team in PLACES:
        before, after = sides(found, team, since(BUILD_CACHE.since.get(team, 300)), "minutes")
        expected = BUILD_CACHE.size if team in BUILD_CACHE.since else 1.0
        assert median(after) / median(before) == pytest.approx(expected, abs=0.15), team
    assert set(BUILD_CACHE.since) == set(BUILD_CACHE.where)


def keys_by_team() -> dict[str, tuple[float, float, float]]:
    """Deployments per service, share of them that an incident names or that were rolled back, hours to recover."""
    deployments = [
        each
        for each in rows("deployment", "id", "service", "tier", "status", "finished_at")
        if each["tier"] == "production" and each["status"] == "success"
    ]
    team_of = owners()
    counts = grouped(deployments, lambda each: team_of[each["service"]], lambda _: 1.0)
    incidents = [
        each
        for each in rows("incident", "service", "change_caused", "impact_started_at", "mitigated_at")
        if each["change_caused"] == "yes" and each["mitigated_at"]
    ]
    hours = grouped(
        incidents,
        lambda each: team_of[each["service"]],
        lambda each: (each["mitigated_at"] - each["impact_started_at"]).total_seconds() / 3_600,
    )
    return {
        team: (len(counts[team]), len(hours[team]) / len(counts[team]), median(hours[team]))
        for team in counts
        if team in hours
    }


def test_two_teams_are_strong_and_two_are_weak_by_the_delivery_keys() -> None:
    keys = keys_by_team()
    often, failing, slow = (
        [team for _, team in sorted((keys[team][part], team) for team in keys)] for part in range(3)
    )
    assert set(often[-2:]) == set(STRONG.where)
    assert set(failing[-2:]) == set(slow[-2:]) == set(WEAK.where)
    assert set(STRONG.where) <= set(failing[:5])
    assert set(slow[:2]) == set(STRONG.where)
    assert keys["billing"][0] < quantiles([each[0] for each in keys.values()], n=4)[0]


def test_answers_to_the_survey_know_of_the_slow_reviews(tmp_path: Path) -> None:
    demo.write(tmp_path, NOW, answers=tmp_path, scale=0.02)
    files = tmp_path.glob("pulse_v1-*.csv")
    answers = [row for file in files for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())]
    answered = [row for row in answers if row["PU04"]]
    favourable = {team: mean(row["PU04"] in {"4", "5"} for row in answered if row["team"] == team) for team in PLACES}
    assert favourable[REVIEW_WAIT.where[0]] == min(favourable.values()) < 0.3
