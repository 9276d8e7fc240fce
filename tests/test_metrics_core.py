from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import factories as make
from factories import day
from metric_answers import NOW, answer, landed, query, rows, version, versions
from metrics import CATALOGUE, Query, compute
from tribometer.errors import UsageError
from tribometer.settings import Rules

FREQUENCY, LEAD, STAGES = "deployment_frequency", "change_lead_time", "lead_time_stages"
FIELDS = (
    "metric version unit better scope window status statistic value n interval percentiles coverage exclusions clock "
    "benchmark services pooled parts series data_as_of computed_at"
)


def chain(repo: str, count: int, step: float = 1.0) -> list[make.Event]:
    """Commits one after another, an hour before each is deployed."""
    shas = [make.sha_of(f"{repo}{number}") for number in range(count)]
    return [
        make.commit(repo, sha, day(1 + step * number, 9), *shas[max(0, number - 1) : number])
        for number, sha in enumerate(shas)
    ]


def delivered(service: str, count: int, step: float = 1.0) -> list[make.Event]:
    """A service that deploys every commit of its repository an hour after it was written."""
    repo = f"acme/{service}"
    puts = [
        version(f"{service}{number}", day(1 + step * number, 10), service, sha=make.sha_of(f"{repo}{number}"))
        for number in range(count)
    ]
    return [make.service(service, repository=repo), *chain(repo, count, step), *puts]


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_empty_store_is_answered_without_a_number(name: str) -> None:
    result = answer(name, [])

    assert set(FIELDS.split()) <= set(result)
    assert (result["value"], result["n"]) == (None, 0)
    assert result["status"] in {"no_data", "not_observable"}
    assert (result["interval"], result["benchmark"], result["data_as_of"]) == (None, None, None)


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({"question": "No question."}, "question"),
        ({"formula": ""}, "formula"),
        ({"caveats": ()}, "caveats"),
        ({"not_comparable": ()}, "compared"),
        ({"rules": ("five",)}, "rules"),
        ({"name": "Bad Name"}, "name"),
    ],
)
def test_a_metric_that_does_not_say_what_it_is_does_not_load(change: dict[str, Any], lacks: str) -> None:
    with pytest.raises(ValueError, match=lacks):
        replace(CATALOGUE[LEAD], **change)


@pytest.mark.parametrize(
    "options",
    [
        {"metric": "velocity"},
        {"by": "person"},
        {"unit": "line"},
        {"service": "a", "team": "b"},
        {"start": day(5), "end": day(5)},
        {"start": datetime(2026, 1, 1)},  # noqa: DTZ001 - the point of the test
    ],
)
def test_a_question_that_makes_no_sense_is_a_usage_error(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        Query(**{"metric": LEAD, "now": NOW, **options})


def test_without_dates_the_window_is_the_headline_window_up_to_the_last_midnight() -> None:
    start, end = Query(LEAD, now=datetime(2026, 3, 1, 15, tzinfo=UTC)).window

    assert (end, end - start) == (datetime(2026, 3, 1, tzinfo=UTC), timedelta(days=28))


def test_a_median_of_six_has_an_interval_and_one_of_five_has_none() -> None:
    enough, few = answer(LEAD, delivered("api", 7)), answer(LEAD, delivered("api", 6))

    assert (enough["status"], enough["n"], enough["value"]) == ("ok", 6, 3600.0)
    assert enough["interval"] == {"low": 3600.0, "high": 3600.0, "level": 0.95, "method": "order_statistics"}
    assert (few["status"], few["value"], few["interval"], few["benchmark"]) == ("too_few", 3600.0, None, None)


def test_several_services_are_rolled_up_to_the_median_of_those_that_are_ok() -> None:
    result = answer(LEAD, [*delivered("api", 8), *delivered("web", 9, 0.5), *delivered("job", 3)])

    assert (result["status"], result["statistic"], result["n"]) == ("ok", "p50_of_services", 17)
    assert result["services"] == {"n": 3, "ok": 2, "p25": 3600.0, "p50": 3600.0, "p75": 3600.0}
    assert result["pooled"]["value"] == 3600.0
    assert result["interval"] is None


def test_a_rate_below_its_coverage_floor_is_hidden() -> None:
    strangers = [version(f"x{number}", day(20 + number, 10), sha=make.sha_of(f"x{number}")) for number in range(5)]
    result = answer(LEAD, [*delivered("api", 8), *strangers])

    assert (result["status"], result["value"], result["interval"]) == ("low_coverage", None, None)
    assert result["coverage"]["share"] == pytest.approx(7 / 12)


def test_a_series_holds_empty_buckets_and_marks_those_the_window_cuts() -> None:
    result = answer(FREQUENCY, delivered("api", 3), by="week", start=day(0), end=day(21))

    labels = [each["bucket"] for each in result["series"]]
    assert [each["n"] for each in result["series"]][-1] == 0
    assert sum(each["n"] for each in result["series"]) == result["n"] == 3
    assert {"bucket", "series"} & set(result) == {"series"}
    assert all(set(label) == {"label", "partial"} for label in labels)


def test_zero_deployments_are_a_number_only_where_the_service_deployed_before() -> None:
    quiet = answer(FREQUENCY, delivered("api", 2), start=day(30), end=day(58))
    unheard = answer(FREQUENCY, [make.service("api")], start=day(30), end=day(58))

    assert (quiet["status"], quiet["value"], quiet["benchmark"]["category"]) == ("ok", 0.0, 1)
    assert unheard["value"] is None


def test_nothing_is_known_of_a_service_before_it_was_born() -> None:
    born = [make.service("api", created_at=day(10)), *versions("v1", "v2")[1:]]

    assert answer(FREQUENCY, born, start=day(0), end=day(10))["status"] == "no_data"


def test_a_team_answers_for_what_its_subteams_own() -> None:
    tree = [
        make.event("team", "platform"),
        make.event("team", "pay", parent="platform"),
        make.ownership("o1", "pay", service="api"),
    ]
    events = [*delivered("api", 7), *delivered("web", 7), *tree]

    assert answer(FREQUENCY, events, team="platform")["n"] == 7
    by_team = answer(FREQUENCY, events, by="team")["series"]
    assert [(each["bucket"]["label"], each["n"]) for each in by_team] == [("pay", 7), ("platform", 7)]


def test_a_scope_nobody_heard_of_carries_a_hint_beside_the_object() -> None:
    with landed(delivered("api", 2)) as reader:
        unknown = compute(reader, query(LEAD, service="apy"), Rules())
        known = compute(reader, query(LEAD, service="api"), Rules())

    assert unknown.hint is not None
    assert "apy" in unknown.hint
    assert known.hint is None
    assert "hint" not in unknown.to_dict()


def test_a_rollup_over_services_that_mostly_cannot_be_judged_says_so() -> None:
    lost = [version(f"lost{number}", day(2 + number, 11), "web", sha=make.sha_of("lost")) for number in range(9)]
    with landed([*delivered("api", 9), *lost, make.service("web", repository="acme/web")]) as reader:
        told = compute(reader, query(LEAD), Rules())

    assert told.status == "ok"
    assert told.services is not None
    assert (told.services.n, told.services.ok) == (2, 1)
    assert "1 of 2 services" in (told.hint or "")


def test_the_business_clock_is_that_of_the_owning_team() -> None:
    wait = [
        make.commit("acme/api", make.sha_of("a"), day(1, 0)),
        make.commit("acme/api", make.sha_of("b"), day(1, 20), make.sha_of("a")),
        version("v1", day(1, 1), sha=make.sha_of("a")),
        version("v2", day(2, 6), sha=make.sha_of("b")),
    ]
    tokyo = [make.event("team", "east", timezone="Asia/Tokyo"), make.ownership("o", "east", service="api")]

    def seconds(events: list[make.Event]) -> list[float]:
        found = rows(LEAD, [make.service("api", repository="acme/api"), *events], clock="business")
        return [row["value"] for row in found if row["counted"]]

    assert seconds(wait) == [0.0]
    assert seconds([*wait, *tokyo]) == [28_800.0]
    nowhere = [make.event("team", "east", timezone="Asia/Tokio"), *tokyo[1:]]
    assert seconds([*wait, *nowhere]) == [0.0]


def test_data_is_as_old_as_the_source_that_was_read_longest_ago() -> None:
    assert answer(FREQUENCY, delivered("api", 2))["data_as_of"] == NOW.isoformat().replace("+00:00", "Z")


def test_the_stages_of_a_service_add_up_to_its_lead_time() -> None:
    result = answer(STAGES, delivered("api", 8))

    assert sum(part["share"] for part in result["parts"]) == pytest.approx(1)
    assert [part["stage"] for part in result["parts"] if part["n"]] == ["release_wait"]


def test_listing_the_catalogue_loads_nothing_heavy() -> None:
    heavy = "{'scipy', 'pandas', 'duckdb', 'pyarrow'}"
    script = f"import sys, metrics; list(metrics.CATALOGUE); print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "set()"


def test_a_window_beyond_any_history_is_refused_with_what_is_possible() -> None:
    with pytest.raises(UsageError, match="between 1970-01-01 and 2200-01-01"):
        Query(FREQUENCY, start=datetime(1, 1, 2, tzinfo=UTC), end=datetime(2026, 1, 1, tzinfo=UTC))
