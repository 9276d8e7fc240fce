import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.base import Cursor
from git_events import collector, commits, events_of, pages, releases
from git_repositories import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.new(tmp_path / "shop")


def test_nothing_new_is_one_empty_page(bench: Workbench) -> None:
    bench.commit()
    bench.tag("v1.0")
    cursor = pages(bench.path)[-1].cursor
    again = pages(bench.path, cursor)
    assert [(list(page.events), page.cursor) for page in again] == [([], cursor)]


def test_only_what_is_new_is_read_again(bench: Workbench) -> None:
    bench.commit()
    bench.tag("v1.0")
    cursor = pages(bench.path)[-1].cursor
    new = bench.commit()
    bench.tag("v2.0")
    found = pages(bench.path, cursor)
    assert (list(commits(found)), set(releases(found))) == ([new], {"tag:v2.0"})


def test_a_rewritten_branch_gives_its_new_commits_even_when_the_old_ones_are_pruned(bench: Workbench) -> None:
    base = bench.commit("base")
    bench.commit("old")
    cursor = pages(bench.path)[-1].cursor
    bench.git("reset", "--quiet", "--hard", base)
    new = bench.commit("new")
    assert list(commits(pages(bench.path, cursor))) == [new]
    bench.git("reflog", "expire", "--expire=all", "--all")
    bench.git("gc", "--quiet", "--prune=now")
    assert new in commits(pages(bench.path, cursor))


def test_a_collection_cut_off_after_any_page_goes_on_without_a_hole(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("FIRST_PAGE", "PAGE_COMMITS"):
        monkeypatch.setattr(f"collectors.git.history.{limit}", 2)
    bench.commit()
    for name in ("left", "right"):
        bench.git("checkout", "--quiet", "-b", name, "main")
        bench.commit(name, {name: name})
        bench.commit(name, {name: name + name})
    bench.git("merge", "--quiet", "--no-ff", "-m", "merge", "left")
    whole = pages(bench.path)
    assert len(whole) > 3
    for cut in range(1, len(whole)):
        landed = commits(whole[:cut])
        rest = commits(pages(bench.path, whole[cut - 1].cursor))
        assert not landed.keys() & rest.keys()
        assert landed | rest == commits(whole)


def test_a_collection_from_a_date_reads_what_came_later(bench: Workbench) -> None:
    bench.commit()
    bench.commit()
    border = bench.time
    late = bench.commit()
    source = collector(bench.path)
    found = list(source.collect(source.starting(border.replace(minute=30))))
    assert late in commits(found)
    assert len(commits(found)) < 3


STEPS = st.lists(st.sampled_from(["commit", "branch", "merge", "amend", "tag", "move", "untag", "collect"]), max_size=8)


def take(step: str, bench: Workbench) -> None:
    """Do one thing that people do to a repository."""
    others = [name for name in bench.git("branch", "--format=%(refname:short)").split() if name != "main"]
    tags = bench.git("tag").split()
    if step == "commit":
        bench.commit()
    elif step == "branch":
        bench.git("branch", f"b{bench.hours}-{len(others)}")
        bench.commit("on main", {f"only{bench.hours}": "x\n"})
    elif step == "merge" and others:
        bench.git("checkout", "--quiet", others[0])
        bench.commit("on branch", {f"side{bench.hours}": "x\n"})
        bench.git("checkout", "--quiet", "main")
        bench.git("merge", "--quiet", "--no-ff", "-m", "merge", others[0])
    elif step == "amend":
        bench.hours += 1
        bench.git("commit", "--quiet", "--amend", "--allow-empty", "-m", f"amended {bench.hours}")
    elif step == "tag":
        bench.tag(f"v1.{bench.hours}")
    elif step == "move" and tags:
        bench.tag(tags[0], "HEAD", "--force")
    elif step == "untag" and tags:
        bench.git("tag", "-d", tags[-1])


@settings(max_examples=15)
@given(steps=STEPS)
def test_collecting_step_by_step_tells_all_that_collecting_once_tells(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    bench = Workbench.new(tmp_path_factory.mktemp("story") / "shop")
    bench.commit()
    told: dict[str, dict[str, Any]] = {}
    cursor: Cursor | None = None
    for step in [*steps, "collect"]:
        if step != "collect":
            take(step, bench)
            continue
        found = pages(bench.path, cursor)
        cursor = found[-1].cursor
        for event in events_of(found):
            told.setdefault(event.id, {}).update(event.model_dump(exclude_unset=True))
    at_once = {event.id: event.model_dump(exclude_unset=True) for event in events_of(pages(bench.path))}
    assert at_once.items() <= told.items() or {key: told.get(key) for key in at_once} == at_once
    for key in told.keys() - at_once.keys():
        assert told[key].get("status", "cancelled") == "cancelled"
    shutil.rmtree(bench.path)


def test_a_shallow_clone_deepened_after_a_cut_off_collection_leaves_no_hole(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("FIRST_PAGE", "PAGE_COMMITS"):
        monkeypatch.setattr(f"collectors.git.history.{limit}", 1)
    shas = [bench.commit(str(number)) for number in range(4)]
    clone = tmp_path / "shallow"
    bench.git("clone", "--quiet", "--depth", "2", f"file://{bench.path}", str(clone))
    begun = pages(clone)[:2]
    bench.git("-C", str(clone), "fetch", "--quiet", "--unshallow")
    assert list(commits(begun)) == shas[2:3]
    assert list(commits(pages(clone, begun[-1].cursor))) == shas
