from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plain_clock import elapsed
from tribometer.clock import (
    business_seconds,
    calendar_days,
    months,
    naive_utc,
    public_holidays,
    quarters,
    utc_midnight,
    weeks,
    years,
)
from vector_cases import load_tables

TIMES = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by hypothesis' rule


@pytest.mark.parametrize("vector", load_tables("clock"), ids=lambda vector: str(vector["name"]))
def test_the_business_clock_measures_a_wait_as_the_vector_says(vector: dict[str, Any]) -> None:
    assert business_seconds(vector["from"], vector["to"], vector.get("zone", "UTC")) == vector["business"]


@given(
    start=TIMES,
    length=st.timedeltas(timedelta(0), timedelta(days=30)),
    zone=st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"]),
)
def test_the_business_clock_agrees_with_a_second_computation(start: datetime, length: timedelta, zone: str) -> None:
    seconds = business_seconds(start, start + length, zone)

    assert seconds == pytest.approx(elapsed(start, start + length, "business", ZoneInfo(zone)))


def test_a_public_holiday_stops_the_business_clock() -> None:
    unity = datetime(2025, 10, 3, tzinfo=UTC)

    assert business_seconds(unity, unity + timedelta(days=1), "Europe/Berlin") > 0
    assert business_seconds(unity, unity + timedelta(days=1), "Europe/Berlin", "DE") == 0


def test_a_country_nobody_knows_has_no_holidays() -> None:
    assert public_holidays("XX", 2026) == frozenset()
    assert public_holidays("utils", 2026) == frozenset()


def test_a_year_whose_movable_feasts_nobody_knows_has_those_that_are_fixed() -> None:
    assert date(1990, 1, 26) in public_holidays("IN", 1990)


def test_a_local_day_has_25_hours_when_summer_time_ends() -> None:
    (day,) = calendar_days(date(2025, 10, 26), date(2025, 10, 26), "Europe/Berlin")

    assert day.ends_at - day.starts_at == timedelta(hours=25)
    assert not day.is_open


def test_weeks_are_cut_to_the_window_and_say_so() -> None:
    found = weeks(datetime(2025, 12, 31, tzinfo=UTC), datetime(2026, 1, 12, tzinfo=UTC))

    assert [(each.label, each.partial) for each in found] == [("2026-W01", True), ("2026-W02", False)]
    assert (found[0].starts_at.day, found[0].ends_at.day) == (31, 5)


def test_months_are_cut_to_the_window_and_say_so() -> None:
    found = months(datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 1, 12, tzinfo=UTC))

    assert [(each.label, each.partial) for each in found] == [("2025-12", False), ("2026-01", True)]


def test_quarters_begin_in_january_and_are_cut_to_the_window() -> None:
    found = quarters(datetime(2025, 5, 20, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))

    labels = [("2025-Q2", True), ("2025-Q3", False), ("2025-Q4", False), ("2026-Q1", False)]
    assert [(each.label, each.partial) for each in found] == labels
    assert found[0].period == datetime(2025, 4, 1, tzinfo=UTC)


def test_years_are_cut_to_the_window_and_say_so() -> None:
    found = years(datetime(2024, 12, 31, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))

    assert [(each.label, each.partial) for each in found] == [("2024", True), ("2025", False)]


def test_times_are_brought_to_utc_before_the_zone_is_dropped() -> None:
    moment = datetime(2026, 1, 2, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))

    assert naive_utc(moment).isoformat() == "2026-01-01T23:30:00"
    assert utc_midnight(moment) == datetime(2026, 1, 1, tzinfo=UTC)
