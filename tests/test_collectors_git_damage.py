import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from git_events import collector, commits, events_of, pages, until_error
from git_repositories import EPOCH, Workbench
from tribometer.errors import SourceGone


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.new(tmp_path / "shop")


def test_an_impossible_author_time_keeps_the_commit_with_its_committer_time(bench: Workbench) -> None:
    tree = bench.git("write-tree")
    people = b"author A <a@x> 99999999999999999 +9999\ncommitter A <a@x> 1700000000 -1200\n"
    sha = bench.raw_commit(f"tree {tree}\n".encode() + people + b"\nfuture\n")
    event = commits(pages(bench.path))[sha]
    assert event.authored_at == event.committed_at == datetime.fromtimestamp(EPOCH, UTC)


def test_a_commit_without_any_time_is_rejected_and_the_others_are_kept(bench: Workbench) -> None:
    tree = bench.git("write-tree")
    broken = bench.raw_commit(f"tree {tree}\nauthor A <a@x> soon\ncommitter A <a@x> late\n\nx\n".encode())
    good = bench.commit()
    found = pages(bench.path)
    assert {sha: event.history_cut for sha, event in commits(found).items()} == {good: True}
    assert [refused.content for page in found for refused in page.rejected] == [broken]


def test_a_shallow_clone_has_the_parents_it_lacks_and_no_counts_at_its_end(bench: Workbench, tmp_path: Path) -> None:
    shas = [bench.commit(str(number)) for number in range(4)]
    clone = tmp_path / "shallow"
    bench.git("clone", "--quiet", "--depth", "2", f"file://{bench.path}", str(clone))
    cut = pages(clone)
    found = commits(cut)
    assert list(found) == shas[2:]
    assert (found[shas[2]].parents, found[shas[2]].files) == ([shas[1]], None)
    assert [event.history_cut for event in found.values()] == [True, False]
    bench.git("-C", str(clone), "fetch", "--quiet", "--unshallow")
    deepened = commits(pages(clone, cut[-1].cursor))
    assert list(deepened) == shas
    assert deepened[shas[2]].files == 1
    assert not any(event.history_cut for event in deepened.values())


def test_grafts_and_replacements_change_nothing(bench: Workbench) -> None:
    first, second = bench.commit("a"), bench.commit("b")
    third = bench.commit("c")
    before = commits(pages(bench.path))
    bench.git("replace", third, first)
    (bench.path / ".git/info").mkdir(exist_ok=True)
    (bench.path / ".git/info/grafts").write_text(f"{second}\n")
    assert commits(pages(bench.path)) == before


def test_an_empty_repository_is_a_repository_without_commits(bench: Workbench) -> None:
    found = pages(bench.path)
    assert [event.type for event in events_of(found)] == ["repository"]
    assert pages(bench.path, found[-1].cursor)[0].events == ()


def test_git_variables_of_the_caller_do_not_reach_the_collection(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sha = bench.commit()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_NAMESPACE", "other")
    assert list(commits(pages(bench.path))) == [sha]


@pytest.mark.parametrize("path", ["gone", "-gone", "--upload-pack=touch pwned", "file"])
def test_what_is_no_repository_is_an_error_that_names_it(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceGone, match="no git repository") as caught:
        pages(tmp_path / path)
    assert path in str(caught.value)


def test_a_missing_commit_is_an_error_that_names_it_and_the_rest_is_kept(bench: Workbench) -> None:
    shas = [bench.commit(str(number)) for number in range(5)]
    bench.git("branch", "side", "HEAD~4")
    missing = bench.lose("HEAD~2")
    found, error = until_error(bench.path)
    assert missing == shas[2]
    assert missing in str(error)
    assert set(commits(found)) == {shas[0], shas[3], shas[4]}
    assert commits(found)[shas[3]].parents == [missing]
    assert all(page.cursor == {} for page in found)


def test_a_branch_that_points_nowhere_is_an_error_and_the_others_are_kept(bench: Workbench) -> None:
    kept = bench.commit()
    bench.git("checkout", "--quiet", "-b", "lost")
    bench.commit()
    missing = bench.lose("HEAD")
    found, error = until_error(bench.path)
    assert missing in str(error)
    assert list(commits(found)) == [kept]


@pytest.mark.parametrize("part", ["HEAD~1:file", "HEAD~1^{tree}"])
def test_a_commit_whose_files_are_missing_has_no_counts_and_is_reported_once(bench: Workbench, part: str) -> None:
    shas = [bench.commit(str(number)) for number in range(5)]
    missing = bench.lose(part)
    found = pages(bench.path)
    assert list(commits(found)) == shas
    assert [commits(found)[sha].files for sha in shas] == [1, 1, 1, None, None]
    (refused,) = [each for page in found for each in page.rejected]
    assert missing in refused.reason


def test_a_clone_without_files_is_collected_without_counts(bench: Workbench, tmp_path: Path) -> None:
    shas = [bench.commit(str(number)) for number in range(15)]
    bench.git("config", "uploadpack.allowFilter", "true")
    bench.git("clone", "--quiet", "--bare", "--filter=blob:none", f"file://{bench.path}", str(tmp_path / "partial.git"))
    found = pages(tmp_path / "partial.git")
    assert list(commits(found)) == shas
    assert {event.files for event in commits(found).values()} == {None}
    assert [refused.content for page in found for refused in page.rejected] == [shas[0]]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_configured_repository_of_another_user_is_read(bench: Workbench) -> None:
    sha = bench.commit()
    for path in (bench.path, bench.path / ".git"):
        os.chown(path, 4242, 4242)
    assert list(commits(pages(bench.path))) == [sha]


def test_a_repository_that_vanishes_while_it_is_read_is_an_error_that_names_it(bench: Workbench) -> None:
    sha = bench.commit()
    bench.tag("v1.0")
    reading = collector(bench.path).collect(None)
    found = [next(reading), next(reading)]
    shutil.rmtree(bench.path)
    with pytest.raises(SourceGone, match="shop"):
        list(reading)
    assert list(commits(found)) == [sha]
