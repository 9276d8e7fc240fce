"""The weekly numbers that verdicts are reached on: the same as everybody is told, of all teams in one go."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

import factories as make
import metrics
from factories import Event, day
from metric_answers import NOW, RULES, landed
from metrics import CATALOGUE, Query
from metrics.result import MetricResult
from metrics.verdicts.weekly import Level, Weekly, check, leaves, panel, scale_of, weekly, window
from organisations import organisation_of
from tribometer.errors import UsageError
from tribometer.store import Reader

ALL = sorted(
    name for name, each in CATALOGUE.items() if each.statistic and not each.people and {"week", "team"} <= set(each.by)
)
SOME = ("change_fail_rate", "ci_execution_time")
WEEKS = 14
SERVICES = {"web": "shop", "cart": "shop", "pay": "payments"}
CLAIMS = [
    make.event("team", "shop", name="shop", parent="commerce"),
    make.event("team", "payments", name="payments", parent="commerce"),
    *(make.ownership(name, team, service=name) for name, team in SERVICES.items()),
]
FREQUENCY = "deployment_frequency"


def whole_weeks(metric: str, **options: Any) -> Query:
    """Ask about the first 14 weeks."""
    return Query(
        metric, **{"start": day(0), "end": day(7 * WEEKS), "by": "week", "owners": "now", "now": NOW, **options}
    )


def measured(events: list[Event], level: Level, metric: str = FREQUENCY, **options: Any) -> Weekly:
    with landed(events) as reader:
        return weekly(reader, whole_weeks(metric, **options), RULES, level)


def deployed(service: str, *days: float) -> list[Event]:
    return [make.deployment(f"{service}{at}", service, day(at), artifact=f"{service}{at}") for at in days]


def alone(reader: Reader, metric: str, level: Level, name: str) -> list[tuple[float | None, int | None]]:
    """What everybody is told of one team or service week by week, all its units together."""
    asked = whole_weeks(metric, **{level: name})
    return [(together(each), each.n) for each in metrics.compute(reader, asked, RULES).series]


def together(result: MetricResult) -> float | None:
    """The value of all units of a result; None where too little of them could be judged."""
    share = result.coverage.share if result.coverage else None
    floor = result.coverage.floor if result.coverage else None
    if share is not None and floor is not None and share < floor:
        return None
    return result.pooled.value if result.pooled is not None else result.value


@pytest.mark.parametrize(
    ("known", "level"), [(SOME, "team"), (SOME, "service"), pytest.param(ALL, "team", marks=pytest.mark.thorough)]
)
def test_every_metric_says_of_all_at_once_what_it_says_of_each_alone(known: tuple[str, ...], level: Level) -> None:
    with landed(organisation_of(7).events) as reader:
        for metric in known:
            found = weekly(reader, whole_weeks(metric), RULES, level).members
            assert found
            for name, series in found.items():
                told = alone(reader, metric, level, name)
                assert [n for _, n in series] == [n for _, n in told], (metric, name)
                assert [value for value, _ in series] == pytest.approx([value for value, _ in told]), (metric, name)


def test_a_team_above_others_is_no_unit_and_no_work_counts_twice() -> None:
    found = measured([*CLAIMS, *deployed("web", 1, 8), *deployed("pay", 2, 9)], "team")
    assert sorted(found.members) == ["payments", "shop"]
    assert [sum(n for _, n in series) for series in found.members.values()] == [2, 2]


def test_all_services_of_a_team_count_together_in_whole_iso_weeks() -> None:
    found = measured([*CLAIMS, *deployed("web", 0.5, 1, 8), *deployed("cart", 2, 6.9)], "team")
    assert found.weeks[:2] == ("2026-W02", "2026-W03")
    assert len(found.weeks) == WEEKS
    assert [n for _, n in found.members["shop"][:3]] == [4, 1, 0]
    assert found.members["shop"][0][0] == pytest.approx(4 / 7)


def test_a_service_that_changed_hands_counts_for_its_team_of_now() -> None:
    moved = [
        make.ownership("o1", "shop", service="web", valid_to=day(30)),
        make.ownership("o2", "payments", service="web", valid_from=day(30)),
        make.ownership("o3", "shop", service="cart"),
    ]
    found = measured([*moved, *deployed("web", 1, 8), *deployed("cart", 2)], "team")
    assert [n for _, n in found.members["payments"][:2]] == [1, 1]
    assert [n for _, n in found.members["shop"][:2]] == [1, 0]


def test_services_are_measured_each_by_itself() -> None:
    found = measured([*CLAIMS, *deployed("web", 1, 8), *deployed("pay", 9)], "service")
    assert {name: [n for _, n in series[:2]] for name, series in found.members.items()} == {
        "cart": [0, 0],
        "pay": [0, 1],
        "web": [1, 1],
    }


def test_what_nothing_could_tell_has_no_value_in_any_week() -> None:
    found = measured([*CLAIMS, *deployed("web", 1)], "team", "ci_execution_time")
    assert set(found.members) == {"payments", "shop"}
    assert {each for series in found.members.values() for each in series} == {(None, 0)}


def test_a_store_without_teams_has_no_members() -> None:
    assert measured(deployed("web", 1), "team").members == {}


@pytest.mark.parametrize("metric", ["quick_check", "time_to_first_change", "pages_per_shift"])
def test_a_metric_that_is_not_told_of_teams_by_week_is_refused_with_those_that_are(metric: str) -> None:
    with pytest.raises(UsageError, match=rf"{metric} is not measured week by week.*change_lead_time, ci_"):
        check(CATALOGUE[metric], "team", list(CATALOGUE.values()))


def test_the_window_is_of_whole_weeks_around_the_releases_and_ends_with_the_last_that_is_over() -> None:
    now = datetime(2026, 11, 26, 9, tzinfo=UTC)
    long_ago = window(date(2025, 3, 5), date(2025, 4, 10), now)
    assert long_ago == (datetime(2024, 3, 4, tzinfo=UTC), datetime(2025, 11, 3, tzinfo=UTC))
    assert window(date(2026, 10, 1), date(2026, 11, 25), now)[1] == datetime(2026, 11, 23, tzinfo=UTC)
    ahead = window(date(2027, 3, 1), date(2027, 3, 1), now)
    assert ahead == (datetime(2025, 11, 24, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))


def test_only_teams_without_a_team_below_them_are_leaves() -> None:
    assert leaves({"acme": None, "commerce": "acme", "shop": "commerce", "alone": None}) == ["alone", "shop"]


@pytest.mark.parametrize(
    ("unit", "scale"),
    [("seconds", "log"), ("per_day", "log"), ("lines", "log"), ("share", "logit"), ("points", "plain")],
)
def test_the_unit_of_a_metric_chooses_the_scale_of_its_comparison(unit: str, scale: str) -> None:
    assert scale_of(unit) == scale


def test_a_panel_holds_who_was_measured_and_the_week_in_which_it_reached_each() -> None:
    found = Weekly(
        ("2026-W02", "2026-W03"), {"a": ((3.0, 7), (None, 2)), "b": ((4.0, 9), (5.0, 1)), "c": ((None, 0), (None, 0))}
    )
    made = panel(found, day(0), {"a": date(2026, 1, 14), "b": None, "c": None}, "seconds")
    assert (made.weeks, made.scale) == ((date(2026, 1, 5), date(2026, 1, 12)), "log")
    assert [(each.name, each.values, each.counts, each.released) for each in made.units] == [
        ("a", (3.0, None), (7, 2), 1),
        ("b", (4.0, 5.0), (9, 1), None),
    ]


def test_a_week_without_any_deployment_is_a_frequency_of_none_and_no_missing_one() -> None:
    quiet = Weekly(("2026-W02",), {"a": ((0.0, 0),)})
    [rate] = panel(quiet, day(0), {"a": None}, "per_day").units
    [share] = panel(quiet, day(0), {"a": None}, "share").units
    assert (rate.values, rate.counts) == ((0.0,), (1,))
    assert share.counts == (0,)
