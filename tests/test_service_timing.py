from datetime import time, timedelta

import pytest

from tribometer.errors import ConfigurationError
from tribometer.service.timing import Schedule, of_table, schedule


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every 15 minutes", timedelta(minutes=15)),
        ("every minute", timedelta(minutes=1)),
        ("Every hour", timedelta(hours=1)),
        ("every 2 days", timedelta(days=2)),
    ],
)
def test_an_interval_is_read_as_it_is_said(text: str, expected: timedelta) -> None:
    assert schedule(text) == Schedule(expected)


def test_once_a_day_is_meant_in_the_zone_of_the_settings() -> None:
    assert schedule("daily at 3:05", "Europe/Berlin") == Schedule(timedelta(days=1), time(3, 5), "Europe/Berlin")


@pytest.mark.parametrize(
    "text", ["", "hourly", "every 0 minutes", "every 999999 days", "every -1 hours", "daily at 24:00", "daily", 15]
)
def test_what_is_no_schedule_is_refused_with_examples(text: object) -> None:
    with pytest.raises(ConfigurationError, match=r"every 15 minutes.*daily at 03:00"):
        schedule(text)


def test_a_source_without_schedule_is_collected_every_15_minutes() -> None:
    assert of_table({"kind": "git"}, "UTC", "sources[0].schedule") == Schedule(timedelta(minutes=15))
    assert of_table({"kind": "git", "schedule": "every hour"}, "UTC", "x") == Schedule(timedelta(hours=1))
