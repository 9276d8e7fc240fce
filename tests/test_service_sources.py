from datetime import timedelta
from pathlib import Path

import pytest

from service_places import clone, git
from tribometer.errors import ConfigurationError, UsageError
from tribometer.service.collecting import collectors
from tribometer.service.doctor import examine
from tribometer.service.instance import opened
from tribometer.service.sources import clone_around, interval, needed, schedules, tables
from tribometer.settings import Settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("every 15 minutes", timedelta(minutes=15)),
        ("every minute", timedelta(minutes=1)),
        ("Every hour", timedelta(hours=1)),
        ("every 2 days", timedelta(days=2)),
    ],
)
def test_a_schedule_is_read_as_it_is_said(text: str, expected: timedelta) -> None:
    assert interval(text) == expected


@pytest.mark.parametrize("text", ["", "hourly", "every 0 minutes", "every 999999 days", "every -1 hours", 15])
def test_what_is_no_schedule_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ConfigurationError, match="every 15 minutes"):
        interval(text)


def test_a_source_without_schedule_is_collected_every_15_minutes() -> None:
    assert schedules([{"kind": "git"}, {"kind": "git", "schedule": "every hour"}]) == [
        timedelta(minutes=15),
        timedelta(hours=1),
    ]


def test_a_clone_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    inside = clone(tmp_path / "shop", releases=0) / "a" / "b"
    inside.mkdir(parents=True)
    assert clone_around(inside) == tmp_path / "shop"
    assert tables(Settings(), inside) == [{"kind": "git", "path": str(tmp_path / "shop")}]


def test_a_bare_clone_is_a_clone(tmp_path: Path) -> None:
    bare = tmp_path / "shop.git"
    bare.mkdir()
    git(bare, "init", "-q", "--bare")
    assert clone_around(bare) == bare


def test_what_is_configured_wins_over_the_clone(tmp_path: Path) -> None:
    settings = Settings(sources=({"kind": "git", "path": "/srv/a"},))
    assert tables(settings, clone(tmp_path, releases=0)) == settings.sources


def test_nothing_to_collect_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"tribometer\.toml"):
        needed(Settings(), tmp_path)


def test_a_wrong_source_is_named_by_its_place(tmp_path: Path) -> None:
    sources = [{"kind": "git", "path": str(clone(tmp_path / "shop"))}, {"kind": "github", "owner": "acme"}]
    with (
        opened(Settings(data=tmp_path / "data")) as instance,
        pytest.raises(ConfigurationError, match=r"sources\[1\]\.kind.*'github' is not available yet"),
    ):
        collectors(instance, sources)


def test_two_sources_of_one_name_are_refused_before_they_share_a_cursor(tmp_path: Path) -> None:
    sources = [{"kind": "git", "path": str(clone(tmp_path / name)), "name": "acme/a"} for name in ("one", "two")]
    with opened(Settings(data=tmp_path / "data", sources=tuple(sources))) as instance:
        with pytest.raises(ConfigurationError, match=r"sources\[1\].*git:acme/a is there twice"):
            collectors(instance, sources)
        report = examine(instance, {}, lambda _: None)
    assert not report["ok"]
    assert "there twice" in report["findings"][0]["what"]
