import re
from pathlib import Path

import pytest

from service_places import clone, git
from tribometer.errors import UsageError
from tribometer.service.configured import configured
from tribometer.service.doctor import examine
from tribometer.service.instance import opened
from tribometer.service.sources import clone_around, needed, tables
from tribometer.settings import Catalog, Settings


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


def test_the_catalog_file_is_a_source_beside_the_others(tmp_path: Path) -> None:
    catalog = Catalog(file=Path("catalog.csv"))
    table = {"kind": "catalog", "file": "catalog.csv"}
    git = {"kind": "git", "path": "/srv/a"}
    assert tables(Settings(sources=(git,), catalog=catalog), tmp_path) == [git, table]
    assert tables(Settings(catalog=catalog), tmp_path) == [table]
    around = clone(tmp_path / "shop", releases=0)
    assert tables(Settings(catalog=catalog), around) == [{"kind": "git", "path": str(around)}, table]


def test_nothing_to_collect_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"tribometer\.toml"):
        needed(Settings(), tmp_path)


def test_a_wrong_source_is_named_by_its_place(tmp_path: Path) -> None:
    sources = [{"kind": "git", "path": str(clone(tmp_path / "shop"))}, {"kind": "gitbub", "owner": "acme"}]
    with opened(Settings(data=tmp_path / "data", sources=tuple(sources))) as instance:
        good, bad = configured(instance)
    assert (good.problem, bad.collector) == (None, None)
    assert re.search(r"sources\[1\]\.kind.*'gitbub' is no kind of source", str(bad.problem))


def test_two_sources_of_one_name_are_refused_before_they_share_a_cursor(tmp_path: Path) -> None:
    sources = [{"kind": "git", "path": str(clone(tmp_path / name)), "name": "acme/a"} for name in ("one", "two")]
    with opened(Settings(data=tmp_path / "data", sources=tuple(sources))) as instance:
        _, twin = configured(instance)
        report = examine(instance, {}, lambda _: None)
    assert not report["ok"]
    assert re.search(r"sources\[1\].*git:acme/a is there twice", str(twin.problem))
    assert "there twice" in report["findings"][0]["what"]


def test_two_tables_of_one_owner_become_one_where_they_cannot_be_given_names(tmp_path: Path) -> None:
    table = {"kind": "gitea", "owner": "acme", "url": "https://git.example.org"}
    with opened(Settings(data=tmp_path / "data", sources=(table, table))) as instance:
        _, twin = configured(instance)
    assert re.search(r"sources\[1\].*is there twice\. Make one table of it and sources\[0\]", str(twin.problem))
