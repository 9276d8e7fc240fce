"""What a collection remarks about a repository, and what becomes of its numbers when that is done."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors import build
from collectors.sync import run
from derivation import bare_store, put, put_commits
from git_events import pages
from git_repositories import Workbench
from tribometer.store import EventStore, Remark
from tribometer.store.schema import shipped_migrations

DERIVED = """
SELECT d.id, d.role, d.is_first, d.commits_known, d.history_cut, list_sort(list(s.sha))
FROM production_deployments AS d
LEFT JOIN shipped_commits AS s ON s.service = d.service AND s.deployment_id = d.id
GROUP BY ALL ORDER BY d.id
"""


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.new(tmp_path / "shop")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore.open(tmp_path / "data") as opened:
        yield opened


def remarks(path: Path, releases: str = r"^v\d") -> list[Remark]:
    return [remark for page in pages(path, releases=releases) for remark in page.remarks]


def release(bench: Workbench, commits: int, version: str) -> None:
    for number in range(commits):
        bench.commit(f"{version} {number}")
    bench.tag(version)


def shallow(bench: Workbench, clone: Path, depth: int) -> Path:
    """Clone as build servers do: a few commits, and as few behind every tag."""
    url = f"file://{bench.path}"
    bench.git("clone", "--quiet", "--depth", str(depth), "--no-single-branch", url, str(clone))
    return clone


def derived(store: EventStore) -> list[tuple[Any, ...]]:
    with store.reader() as reader:
        return reader.rows(DERIVED)


def collected(store: EventStore, path: Path) -> list[tuple[Any, ...]]:
    run(build({"kind": "git", "path": str(path), "name": "shop"}, origin="test", data=path.parent), store)
    return derived(store)


def test_of_a_whole_clone_with_releases_nothing_is_remarked(bench: Workbench) -> None:
    release(bench, 1, "v1.0")
    assert remarks(bench.path) == []


def test_a_shallow_clone_says_at_how_many_commits_it_ends_and_how_to_deepen_it(
    bench: Workbench, tmp_path: Path
) -> None:
    release(bench, 3, "v1.0")
    clone = shallow(bench, tmp_path / "it is shallow", 2)
    (remark,) = remarks(clone)
    assert "cut off at 1 commit:" in remark.what
    assert remark.do == f"Run: git -C '{clone}' fetch --unshallow, then: tribometer collect"


def test_of_a_clone_made_from_a_url_no_command_is_to_be_run_in_it(bench: Workbench) -> None:
    found = build({"kind": "git", "url": f"file://{bench.path}"}, origin="test", data=bench.path.parent)
    (empty,) = [remark for page in found.collect(None) for remark in page.remarks]
    bench.commit()
    (untagged,) = [remark for page in found.collect(None) for remark in page.remarks]
    assert "git -C" not in empty.do + untagged.do


def test_without_a_tag_it_says_what_would_count_as_a_deployment(bench: Workbench) -> None:
    bench.commit()
    (remark,) = remarks(bench.path)
    assert "no tag" in remark.what
    assert f"git -C {bench.path} fetch --tags" in remark.do
    assert "deployment events" in remark.do


def test_tags_of_which_none_is_a_release_are_named_with_the_setting(bench: Workbench) -> None:
    bench.commit()
    for name in ("one", "two", "three", "zebra"):
        bench.tag(name)
    (remark,) = remarks(bench.path, releases="^v")
    assert "none of 4 tags (three, two, zebra, …) fits releases = '^v'" in remark.what
    assert "`releases`" in remark.do
    assert remarks(bench.path, releases="^z") == []


def test_an_empty_repository_has_one_remark(bench: Workbench) -> None:
    (remark,) = remarks(bench.path)
    assert "empty" in remark.what


def test_a_collection_that_finds_nothing_new_remarks_the_same(bench: Workbench) -> None:
    bench.commit()
    first = pages(bench.path)
    assert pages(bench.path, first[-1].cursor)[-1].remarks == first[-1].remarks


def test_a_shallow_clone_calls_open_what_it_cannot_know_and_deepened_says_what_a_whole_one_says(
    bench: Workbench, tmp_path: Path, store: EventStore
) -> None:
    for number, commits in enumerate((2, 5, 1, 4, 2)):
        release(bench, commits, f"v1.{number}")
    clone = shallow(bench, tmp_path / "shallow", 3)
    bench.git("-C", str(clone), "fetch", "--quiet", "--depth", "3", "--tags")
    with EventStore.open(tmp_path / "whole") as other:
        whole = collected(other, bench.path)
    cut = collected(store, clone)
    assert [name for name, *_, is_cut, _ in cut if is_cut] == ["tag:v1.1", "tag:v1.3"]
    assert [row for row in cut if not row[4]] == [row for row in whole if not cut[whole.index(row)][4]]
    bench.git("-C", str(clone), "fetch", "--quiet", "--unshallow")
    assert collected(store, clone) == whole


def test_what_was_read_from_a_date_is_open_until_all_is_read(bench: Workbench, store: EventStore) -> None:
    release(bench, 1, "v1.0")
    bench.hours += 100
    since = bench.time
    release(bench, 2, "v1.1")
    release(bench, 1, "v1.2")
    source = build({"kind": "git", "path": str(bench.path)}, origin="test", data=bench.path)
    run(source, store, since=since)
    assert {name: cut for name, *_, cut, _ in derived(store)} == {
        "tag:v1.0": False, "tag:v1.1": True, "tag:v1.2": False,
    }  # fmt: skip
    run(source, store, full=True)
    assert not any(cut for *_, cut, _ in derived(store))


def test_a_store_of_an_earlier_version_learns_where_its_clones_are_cut() -> None:
    connection = bare_store(2)
    put_commits(connection, {"b": ["a"], "c": ["b"]}, source="git:shop")
    put(connection, "source_states", source="git:shop", kind="git", cursor='{"ends": ["b"], "tips": {}}')
    put(connection, "store_meta", name="derivation rules", value="as they were")
    connection.execute(shipped_migrations()[2].sql)
    assert dict(connection.execute("SELECT sha, history_cut FROM commits").fetchall()) == {"b": True, "c": None}
    assert connection.execute("FROM store_meta").fetchall() == []
