from datetime import UTC, datetime, timedelta, timezone

import pytest

from service_places import NOON
from tribometer.errors import UsageError
from tribometer.service.asked import Asked, UnknownMetric, instant, query


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31+02:00", datetime(2026, 1, 31, tzinfo=timezone(timedelta(hours=2)))),
        ("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00+02:00", datetime(2026, 1, 31, 7, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00 02:00", datetime(2026, 1, 31, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_day_is_its_utc_midnight_unless_an_offset_is_given(text: str, expected: datetime) -> None:
    assert instant(text, "--from") == expected


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "2026-01-31T09:30:00", "20260131T", "0001-01-01+14:00"])
def test_what_is_no_unambiguous_time_is_refused_with_the_option_named(text: str) -> None:
    with pytest.raises(UsageError, match="--from"):
        instant(text, "--from")


def test_a_misspelt_metric_gets_the_names_that_look_like_it() -> None:
    with pytest.raises(UnknownMetric, match="change_lead_time"):
        query("change_leadtime", Asked(), NOON)


@pytest.mark.parametrize("by", ["person", "author", "reviewer"])
def test_no_series_by_person_and_the_reason_is_said(by: str) -> None:
    with pytest.raises(UsageError, match="no person is ever ranked"):
        query("change_lead_time", Asked(by=by), NOON)


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(UsageError, match="empty"):
        query("change_lead_time", Asked(start="2026-01-02", end="2026-01-02"), NOON)


def test_everything_asked_reaches_the_query() -> None:
    asked = Asked(
        service="shop", start="2026-01-01", end="2026-01-08", by="week", clock="business", unit="commit",
        blame="last", bots="include",
    )  # fmt: skip
    found = query("change_lead_time", asked, NOON)
    assert (found.service, found.by, found.clock, found.unit) == ("shop", "week", "business", "commit")
    assert (found.blame, found.bots, found.now) == ("last", "include", NOON)
    assert found.window == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC))
