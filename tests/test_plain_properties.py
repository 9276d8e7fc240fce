from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from organisations import Organisation, organisations, shuffled
from plain_delivery import METRICS, Question, compute
from plain_events import Options, build_world
from plain_history import history
from plain_lead_time import lead_seconds, lead_units
from plain_stages import stage_seconds
from tribometer.events import parse_event

MODEST = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@MODEST
@given(organisation=organisations())
def test_generated_events_are_what_the_contract_accepts(organisation: Organisation) -> None:
    assert [parse_event(event).id for event in organisation.events] == [event["id"] for event in organisation.events]


@MODEST
@given(organisation=organisations(), data=st.data())
def test_the_order_of_arrival_changes_nothing(organisation: Organisation, data: st.DataObject) -> None:
    question = Question(organisation.now, organisation.window)
    # of two statements without versions the last to arrive wins, so each thing is stated once here
    events = [*{(each["type"], each["source"], each["id"]): each for each in organisation.events}.values()]
    arrived = data.draw(shuffled(events))

    for metric in METRICS:
        expected = compute(metric, events, question).whole.as_json()
        assert compute(metric, arrived, question).whole.as_json() == expected


@MODEST
@given(organisation=organisations())
def test_no_commit_ships_twice_in_one_service(organisation: Organisation) -> None:
    world = build_world(organisation.events, organisation.now)

    for name in organisation.services:
        shas = [sha for brought in history(world, name).reached.values() for sha in brought]
        assert len(shas) == len(set(shas))


@pytest.mark.parametrize("clock", ["calendar", "business"])
@MODEST
@given(organisation=organisations())
def test_stages_add_up_to_the_lead_time(clock: str, organisation: Organisation) -> None:
    world = build_world(organisation.events, organisation.now)

    for name in organisation.services:
        past = history(world, name)
        for unit in lead_units(past):
            parts = stage_seconds(past, unit, clock)
            assert sum(parts.values()) == pytest.approx(lead_seconds(unit, clock), abs=1e-6)


@MODEST
@given(organisation=organisations(), blame=st.sampled_from(["first", "last"]))
def test_every_share_lies_within_its_interval(organisation: Organisation, blame: str) -> None:
    question = Question(organisation.now, organisation.window, options=Options(blame=blame))

    for metric in ("change_fail_rate", "deployment_rework_rate", "reliability"):
        for result in compute(metric, organisation.events, question).services.values():
            if result.value is not None and result.interval is not None:
                assert 0 <= result.interval.low <= result.value + 1e-12
                assert result.value - 1e-12 <= result.interval.high <= 1
