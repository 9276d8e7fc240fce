"""Metrics of people: what they tell by hand-made vectors, and what they tell nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

import factories as make
import metrics
from factories import Event, day, sha_of
from metric_answers import RULES, landed
from metrics import CATALOGUE, Query
from metrics.closed_units import due
from metrics.people import cohorts
from tribometer.errors import UsageError
from tribometer.store import Reader

REPO = "acme/api"
PEOPLE = sorted(name for name, metric in CATALOGUE.items() if metric.people == "person")
NOW = day(80)
COMMIT = "time_to_first_commit"


def wrote(number: int, when: datetime, author: str) -> Event:
    """A commit of somebody."""
    return make.commit(REPO, sha_of(f"{author}{number}"), when, author=author)


def joined(starts: Sequence[float], firsts: Sequence[float | None], **fields: Any) -> list[Event]:
    """People who began on these days and wrote their first commit so many days later, or have not."""
    people = [make.person(f"p{n}", start_date=day(start), **fields) for n, start in enumerate(starts)]
    pairs = enumerate(zip(starts, firsts, strict=True))
    return people + [wrote(n, day(start + first), f"p{n}") for n, (start, first) in pairs if first is not None]


@contextmanager
def asked(events: list[Event]) -> Iterator[Reader]:
    with landed([*events, wrote(0, day(-400), "somebody else")], NOW) as reader:
        yield reader


def answer(events: list[Event], metric: str = COMMIT, **options: Any) -> dict[str, Any]:
    with asked(events) as reader:
        return computed(reader, metric, **options)


def computed(reader: Reader, metric: str = COMMIT, **options: Any) -> dict[str, Any]:
    query = Query(metric, **{"start": day(0), "end": day(80), "now": NOW, **options})
    return metrics.compute(reader, query, RULES).to_dict()


def test_who_is_still_on_the_way_counts_as_such() -> None:
    # days 2, 5, 9 and two that are still on the way after 4 and 12 days: acceptance vector T9
    found = answer(joined([0, 0, 0, 76, 68], [2, 5, 9, None, None]))

    assert (found["n"], found["status"], found["censored"]) == (5, "too_few", 2)
    assert found["value"] == 9 * 86_400
    assert [part["share"] for part in found["parts"]] == pytest.approx([1 - 8 / 15, None, None, None])


def test_who_left_is_on_the_way_until_then() -> None:
    gone = [make.person("gone", start_date=day(0), end_date=day(3))]
    after = [wrote(0, day(9), "gone")]

    found = answer([*joined([0] * 5, [2, 4, 4, 4, 4]), *gone, *after])

    assert (found["n"], found["censored"], found["value"]) == (6, 1, 4 * 86_400)


def test_what_somebody_wrote_before_their_first_day_makes_them_no_newcomer() -> None:
    found = answer(joined([10] * 11, [*([-3] * 5), 1, 1, 2, 2, 2, 2]))

    assert (found["n"], found["exclusions"]) == (6, {"before_start": 5})


def test_whom_a_rule_leaves_out_is_told_of_five_or_more_of_a_cohort() -> None:
    # four of the first quarter and four of the second: neither each nor the eight of both are told
    spring = [{**each, **_renamed(each)} for each in joined([100] * 9, [*([-3] * 4), *([1] * 5)])]
    winter = joined([10] * 9, [*([-3] * 4), *([1] * 5)])
    with landed([*winter, *spring, wrote(0, day(-400), "old")], day(170)) as reader:
        found = computed(reader, end=day(170), by="cohort", now=day(170))

    assert [(each["n"], each["exclusions"]) for each in (found, *found["series"])] == [(10, {}), (5, {}), (5, {})]


def test_who_began_long_before_anything_was_collected_is_left_out() -> None:
    with landed(joined([0] * 6, [50, 51, 52, 53, 54, 55]), NOW) as reader:
        found = computed(reader)

    assert (found["status"], found["n"], found["exclusions"]) == ("no_data", 0, {"before_history": 6})


def test_bots_are_no_people() -> None:
    robots = [make.person(f"r{n}", kind="bot", start_date=day(1)) for n in range(9)]

    assert answer([*joined([0] * 5, [1] * 5), *robots])["n"] == 5


def test_handles_of_one_person_are_one_person() -> None:
    others = [make.person("p0-mail", handles=["p0", "p0@acme.test"], start_date=day(2))]
    events = [*joined([0] * 6, [None, 3, 3, 3, 3, 3]), *others, wrote(0, day(1), "p0@acme.test")]

    found = answer(events)

    assert (found["n"], found["censored"]) == (6, 0)


def test_the_tenth_change_is_the_tenth_that_was_merged() -> None:
    people = [make.person(f"p{n}", start_date=day(0)) for n in range(5)]
    changes = [
        make.change(REPO, 100 * n + k, day(k), author=f"p{n}", merged_at=day(k + n, 1))
        for n in range(5)
        for k in range(9 if n == 4 else 12)
    ]
    early = make.change(REPO, 1, day(-300), author="old", merged_at=day(-300))

    found = answer([*people, *changes, early], "time_to_tenth_change")
    first = answer([*people, *changes, early], "time_to_first_change")

    assert (found["n"], found["censored"], found["value"]) == (5, 1, (9 + 2) * 86_400 + 3600)
    assert (first["n"], first["value"]) == (5, 2 * 86_400 + 3600)


def test_the_first_deploy_is_the_first_deployment_that_brought_something_of_theirs() -> None:
    people = [make.person(f"p{n}", start_date=day(0)) for n in range(5)]
    old = make.commit(REPO, sha_of("old"), day(-200), author="old")
    news, parent = [], "old"
    for n in range(5):
        news.append(make.commit(REPO, sha_of(f"p{n}"), day(n, 1), sha_of(parent), author=f"p{n}"))
        parent = f"p{n}"
    puts = [make.deployment(f"d{sha}", "api", when, sha=sha_of(sha)) for sha, when in
            (("old", day(-199)), ("p1", day(3)), ("p4", day(8)))]  # fmt: skip

    found = answer([make.service("api", repository=REPO), *people, old, *news, *puts], "time_to_first_deploy")

    assert (found["n"], found["value"], found["censored"]) == (5, 8 * 86_400, 0)


def test_a_day_of_eight_business_hours_is_a_working_day() -> None:
    people = joined([0] * 6, [7, 7, 7, 7, 14, None])

    found, business = answer(people), answer(people, clock="business")

    assert (found["value"], business["value"]) == (7 * 86_400, 5 * 8 * 3600)
    assert found["working_days"] == business["working_days"] == {"p50": 5.0, "p80": 10.0}


def test_working_days_are_those_of_the_team_that_somebody_joined() -> None:
    team = make.event("team", "red", timezone="UTC", holidays="DE")
    members = [make.ownership(f"p{n}/t", "red", person=f"p{n}") for n in range(6)]

    # Good Friday and Easter Monday of 2026 are days 88 and 91
    with landed([*joined([84] * 6, [14] * 6), team, *members, wrote(0, day(-400), "old")], day(120)) as reader:
        found = computed(reader, end=day(120), now=day(120))

    assert found["working_days"] == {"p50": 8.0, "p80": 8.0}


def test_access_is_waited_for_in_the_first_thirty_days_only() -> None:
    people = joined([0] * 6, [1] * 6)
    teams = [make.ownership(f"p{n}/t", "red", person=f"p{n}") for n in range(6)]
    requests = [
        make.event("request", "old", kind="access", team="red", requested_at=day(-200), usable_at=day(-199)),
        make.event("request", "a", kind="access", team="red", requested_at=day(-1), usable_at=day(2)),
        make.event("request", "b", kind="laptop", team="red", requested_at=day(28)),
        make.event("request", "c", kind="database", team="red", requested_at=day(1), usable_at=day(9)),
        make.event("request", "d", kind="access", team="blue", requested_at=day(1), usable_at=day(9)),
        make.event("request", "e", kind="access", team="red", requested_at=day(1), status="cancelled"),
    ]

    found = answer([*people, *teams, *requests], "joiner_access_wait")

    assert (found["n"], found["value"]) == (6, (2 + 2) * 86_400)


def test_a_joiner_whose_team_asked_for_nothing_has_not_waited_zero() -> None:
    old = make.event("request", "old", kind="access", team="blue", requested_at=day(-200))
    teams = [make.ownership(f"p{n}/t", "red", person=f"p{n}") for n in range(6)]

    found = answer([*joined([0] * 6, [1] * 6), *teams, old], "joiner_access_wait")

    assert (found["value"], found["exclusions"]) == (None, {"no_request": 6})


def test_without_first_days_it_says_which_source_would_tell() -> None:
    query = Query(COMMIT, now=NOW)
    with asked([make.person("ann")]) as reader:
        found = metrics.compute(reader, query, RULES)

    assert found.status == "not_observable"
    assert "start_date" in (found.hint or "")


# what is told to nobody


def test_of_fewer_than_five_nothing_is_told() -> None:
    found = answer(joined([0] * 4, [1, 2, 3, 4]), by="cohort")

    for told in (found, *found["series"]):
        assert told["status"] == "suppressed"
        assert {told[name] for name in ("value", "n", "exclusions", "interval", "coverage")} == {None}
        assert (told["parts"], told["percentiles"]) == ([], {})
        assert "censored" not in told
    assert len(found["series"]) == 1


def test_quarters_are_joined_with_those_that_follow_until_they_have_five() -> None:
    quarter = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 4, 7, 10)]

    found = cohorts({quarter[0]: 3, quarter[2]: 2, quarter[3]: 4}, datetime(2026, 11, 1, tzinfo=UTC))

    assert [(each.label, each.starts_at, each.ends_at) for each in found] == [
        ("2026-Q1 to 2026-Q3", quarter[0], quarter[3]),
        ("2026-Q4", quarter[3], datetime(2027, 1, 1, tzinfo=UTC)),
    ]


def test_a_window_is_widened_to_whole_cohorts_and_says_so() -> None:
    with asked(joined([0, 1, 2, 40, 41, 42], [1] * 6)) as reader:
        found = metrics.compute(reader, Query(COMMIT, start=day(0), end=day(10), now=NOW), RULES)

    assert (found.n, found.window.to) == (6, datetime(2026, 4, 1, tzinfo=UTC))
    assert "widened" in (found.hint or "")


def test_people_of_a_small_cohort_count_in_no_answer() -> None:
    # five in the first quarter, and in the second six of whom only two can be judged
    later = joined([100] * 6, [-1] * 4 + [1, 2])
    renamed = [{**each, **_renamed(each)} for each in later]
    now = day(170)
    with landed([*joined([0] * 5, [1] * 5), *renamed, wrote(0, day(-400), "old")], now) as reader:
        query = Query(COMMIT, start=day(0), end=day(170), by="cohort", now=now)
        found = metrics.compute(reader, query, RULES)

    assert (found.n, dict(found.exclusions or {})) == (5, {})
    assert [each.status for each in found.series] == ["too_few", "suppressed"]


def _renamed(event: Event) -> Event:
    name = {"id": f"q{event['id']}"}
    if event["type"] == "person":
        return {**name, "handles": [f"q{each}" for each in event.get("handles", ())]}
    return {**name, "author": f"q{event['author']}", "sha": sha_of("q" + event["sha"])}


@pytest.mark.parametrize("metric", PEOPLE)
@pytest.mark.parametrize(
    "options",
    [{"team": "red"}, {"service": "api"}, {"by": "team"}, {"by": "month"}, {"by": "person"}, {"bots": "include"}],
)
def test_people_are_told_of_together_or_not_at_all(metric: str, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=metric):
        Query(metric, now=NOW, **options)


@pytest.mark.parametrize("metric", PEOPLE)
def test_no_row_and_no_time_of_a_person_is_shown(metric: str) -> None:
    with asked(joined([0] * 6, [1] * 6)) as reader:
        with pytest.raises(UsageError, match="behind each of them is a person"):
            list(metrics.unit_rows(reader, Query(metric, now=NOW), RULES))
        with pytest.raises(UsageError, match="behind each of them is a person"):
            metrics.times(reader, Query(metric, now=NOW), RULES, 5)


@pytest.mark.parametrize("metric", PEOPLE)
def test_nothing_of_people_is_kept_in_the_store(metric: str) -> None:
    kept: list[object] = []
    with asked(joined([0] * 6, [1] * 6)) as reader:
        assert due(reader, metric, RULES, NOW) == []  # type: ignore[arg-type]  # it is not read from
        by = next(iter(CATALOGUE[metric].cuts))
        metrics.answer(reader, Query(metric, by=by, now=NOW), RULES, kept.append)

    assert kept == []


def test_a_metric_of_people_that_could_be_cut_by_team_does_not_load() -> None:
    with pytest.raises(ValueError, match="together"):
        replace(CATALOGUE[COMMIT], by=("team",))
