"""On-call: pages by shifts of 12 hours, told of rotations that enough people had; pages with nothing to do."""

from __future__ import annotations

from datetime import datetime
from itertools import combinations
from typing import Any

import pytest

import factories as make
import metrics
import plain_oncall
from factories import Event, day
from metric_answers import RULES, landed
from metrics import Query
from organisation_people import workforce
from plain_events import World, build_world
from plain_lead_time import needed
from vector_cases import compare

NOW = day(60)


def shifts(people: int, hours: float = 12, rotation: str = "first", start: float = 0) -> list[Event]:
    """One shift for each person, one after the other."""
    return [
        make.event(
            "shift", f"{rotation}/{n}", rotation=rotation, person=f"{rotation}{n}",
            starts_at=day(start, n * hours), ends_at=day(start, (n + 1) * hours),
        )
        for n in range(people)
    ]  # fmt: skip


def pages(*times: datetime, rotation: str = "first", **fields: Any) -> list[Event]:
    """Pages of a rotation."""
    return [
        make.event("page", f"{rotation}/{n}/{when}", rotation=rotation, paged_at=when, **fields)
        for n, when in enumerate(times)
    ]


def answer(metric: str, events: list[Event], **options: Any) -> dict[str, Any]:
    with landed(events, NOW) as reader:
        query = Query(metric, **{"start": day(0), "end": day(60), "now": NOW, **options})
        return metrics.compute(reader, query, RULES).to_dict()


def test_pages_are_counted_by_twelve_hours_of_duty() -> None:
    # five shifts of a day each: ten times 12 hours; three pages in one half day are more than two
    found = answer("pages_per_shift", [*shifts(5, 24), *pages(*[day(1, h) for h in (13, 14, 15)], day(2, 3))])

    assert (found["status"], found["n"], found["pages"]) == ("ok", 5, 4)
    assert found["value"] == pytest.approx(0.4)
    assert found["over_two_share"] == pytest.approx(0.1)


def test_nights_and_weekends_are_told_apart() -> None:
    # Monday noon, Monday 20:00, Tuesday 23:30, Saturday noon
    times = (day(0, 12), day(0, 20), day(1, 23.5), day(5, 12))
    found = answer("pages_per_shift", [*shifts(10, 24), *pages(*times)])

    assert (found["out_of_hours_share"], found["sleep_hours_share"]) == (0.75, 0.25)


def test_hours_are_those_of_the_team_that_owns_the_service() -> None:
    team = make.event("team", "red", name="red", timezone="Asia/Tokyo")
    service = [make.service("api"), make.ownership("o", "red", service="api"), team]
    # 23:00 UTC on Sunday is Monday, 08:00 in Tokyo
    found = answer("pages_per_shift", [*shifts(10, 24), *service, *pages(day(6, 23), service="api")])

    assert (found["out_of_hours_share"], found["sleep_hours_share"]) == (0.0, 0.0)


def test_a_page_in_nobodys_shift_counts_in_none() -> None:
    found = answer("pages_per_shift", [*shifts(5), *pages(day(40)), *pages(day(0, 1), rotation="other")])

    assert (found["pages"], found["value"]) == (0, 0.0)


def test_of_a_rotation_that_fewer_than_five_had_nothing_is_told() -> None:
    events = [*shifts(5), *shifts(4, rotation="second"), *pages(day(0, 1)), *pages(day(0, 1), rotation="second")]
    found = answer("pages_per_shift", events, by="rotation")

    first, second = found["series"]
    assert (found["n"], found["pages"], found["exclusions"]) == (5, 1, {})
    assert (first["bucket"]["label"], first["n"], second["bucket"]["label"]) == ("first", 5, "second")
    assert (second["status"], second["n"], second["value"], second["exclusions"]) == ("suppressed", None, None, None)
    assert "pages" not in second


def test_shifts_count_together_until_five_people_had_one() -> None:
    # the sixth to the tenth shift make a stretch, the other two wait for further people
    events = [*shifts(12), *pages(day(0, 1), day(2.6), day(5, 1))]

    until = {hours: answer("pages_per_shift", events, end=day(0, hours)) for hours in (60, 61, 120, 121, 200)}

    assert {hours: (each["status"], each["n"]) for hours, each in until.items()} == {
        60: ("no_data", 0), 61: ("ok", 5), 120: ("ok", 5), 121: ("ok", 10), 200: ("ok", 10),
    }  # fmt: skip
    assert [each.get("pages") for each in until.values()] == [None, 1, 1, 2, 2]


def test_shifts_that_end_together_are_in_one_stretch() -> None:
    first = shifts(6)
    twice = [{**each, "id": f"{each['id']}b", "person": f"second{n}"} for n, each in enumerate(first)]

    assert answer("pages_per_shift", [*first, *twice, *pages(day(1))], end=day(0, 37))["n"] == 6


def behind(world: World, window: tuple[datetime, datetime]) -> frozenset[str]:
    """The shifts that an answer is about, found from outside."""
    cut = [plain_oncall.stretches(world, shifts)[0] for shifts in plain_oncall.shifts_of(world).values()]
    told = [each for found in cut for each in found if window[0] <= needed(each[-1], "ends_at") < window[1]]
    return frozenset(shift["id"] for stretch in told for shift in stretch)


@pytest.mark.parametrize("seed", [12, 39])
def test_no_two_windows_differ_by_the_shifts_of_fewer_than_five(seed: int) -> None:
    made = workforce(seed)
    world = build_world(made.events, made.now)
    days = [day(0), *(day(place) for place in range(4, 18, 4)), made.now]
    windows = [(start, end) for start, end in combinations(days, 2) if start < end]
    seen = set()
    with landed(made.events, made.now) as reader:
        for start, end in windows:
            found = metrics.compute(reader, Query("pages_per_shift", start=start, end=end, now=made.now), RULES)
            assert (found.n or 0) == len(behind(world, (start, end)))
            seen.add(behind(world, (start, end)))
    shifts = {each["id"]: each for each in world.of("shift")}

    apart = {
        len(plain_oncall.people_of(world, [shifts[name] for name in one - other])) for one in seen for other in seen
    }
    assert len(seen) > 2
    assert apart & {1, 2, 3, 4} == set()


def test_shifts_without_names_are_nobodys() -> None:
    unnamed = [{name: value for name, value in each.items() if name != "person"} for each in shifts(9)]

    assert answer("pages_per_shift", [*unnamed, *pages(day(0, 1))])["status"] == "suppressed"


def test_two_handles_of_one_person_are_one_member() -> None:
    same = make.person("first0", handles=["first0", "first1"])

    assert answer("pages_per_shift", [same, *shifts(5), *pages(day(0, 1))])["status"] == "suppressed"


def test_pages_of_which_nobody_said_anything_are_left_out() -> None:
    said = [
        *pages(day(1), actionable=True),
        *pages(day(2), day(3), actionable=False),
        *pages(day(4)),
    ]
    found = answer("non_actionable_pages", said, by="rotation")

    assert (found["n"], found["exclusions"]) == (3, {"unsaid": 1})
    assert found["value"] == pytest.approx(2 / 3)
    assert [each["bucket"]["label"] for each in found["series"]] == ["first"]


def test_unplanned_work_says_which_source_would_tell() -> None:
    with landed(pages(day(1)), NOW) as reader:
        found = metrics.compute(reader, Query("unplanned_work_share", now=NOW), RULES)

    assert (found.status, found.value) == ("not_observable", None)
    assert "survey" in (found.hint or "")


@pytest.mark.parametrize("seed", range(1, 9))
def test_sql_and_plain_python_say_the_same_of_rotations(seed: int) -> None:
    made = workforce(seed)
    window = (day(0), day(30))
    with landed(made.events, made.now) as reader:
        query = Query("pages_per_shift", start=window[0], end=window[1], by="rotation", now=made.now)
        found = metrics.compute(reader, query, RULES).to_dict()
    whole, rotations = plain_oncall.compute(made.events, window, made.now)

    assert compare(whole, found, 1e-9) == []
    assert {each["bucket"]["label"] for each in found["series"]} == set(rotations)
    assert [compare(rotations[each["bucket"]["label"]], each, 1e-9) for each in found["series"]] == [[]] * len(
        rotations
    )
