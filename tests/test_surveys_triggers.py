"""Which events are asked about, and whom: few, soon, and nobody too often."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from factories import day
from surveys.triggers import FRESH, Asking, Happening, Sampling, chosen, resting

NOW = day(10, 12)
EVERY = Sampling("after_deploy_v1", 1, b"k" * 32)


def happened(key: str = "d1", hours: float = 1, people: tuple[str, ...] = ("ann",), **more: str) -> Happening:
    return Happening(key, NOW - timedelta(hours=hours), people, "production", more.get("service", "api"))


def asked(*events: Happening, sampling: Sampling = EVERY, **more: set[str]) -> list[Asking]:
    everybody = {person for event in events for person in event.people}
    return list(chosen(events, sampling, more.get("rested", everybody), more.get("suffering", set()), NOW))


def test_one_of_those_who_were_part_of_it_is_asked_and_can_be_for_two_days() -> None:
    [found] = asked(happened(people=("ann", "ben", "cyd")))

    assert found.person in {"ann", "ben", "cyd"}
    assert found.until == NOW - timedelta(hours=1) + FRESH
    assert "d1" not in found.digest


def test_nobody_is_asked_about_what_is_old_or_not_yet() -> None:
    assert asked(happened(hours=48), happened("d2", hours=49), happened("d3", hours=-1)) == []


def test_nobody_is_asked_while_the_service_suffers() -> None:
    assert asked(happened(), suffering={"api"}) == []
    assert len(asked(happened(), suffering={"web"})) == 1


def test_nobody_is_asked_about_two_things_at_once_or_without_their_rest() -> None:
    assert [each.person for each in asked(happened("d1"), happened("d2"))] == ["ann"]
    assert asked(happened(), rested=set()) == []


def test_another_of_those_who_were_part_is_asked_where_one_needs_rest() -> None:
    found = asked(happened(people=("ann", "ben")), rested={"ben"})

    assert [each.person for each in found] == ["ben"]


@given(st.integers(1, 40), st.integers(0, 10_000))
def test_the_same_event_is_drawn_or_not_every_time(one_in: int, number: int) -> None:
    sampling = Sampling("red_check_v1", one_in, b"k" * 32)

    assert sampling.is_drawn(f"run {number}") == sampling.is_drawn(f"run {number}")


def test_about_one_in_so_many_is_drawn() -> None:
    sampling = Sampling("red_check_v1", 10, b"k" * 32)
    drawn = sum(sampling.is_drawn(f"run {number}") for number in range(5_000))

    assert 400 < drawn < 600


def test_who_was_asked_of_late_or_will_be_soon_rests() -> None:
    asked = {"ann": [day(1)], "ben": [day(1), day(9)], "eve": [NOW + timedelta(days=3)]}

    assert resting(asked, ["ann", "ben", "cyd", "eve"], timedelta(days=9), NOW) == {"ann", "cyd"}
