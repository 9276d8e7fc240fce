import os
from pathlib import Path

import pytest

from git_events import commits, events_of, pages, releases
from git_repositories import EPOCH, HOUR, Workbench
from tribometer.events import Repository


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.new(tmp_path / "shop")


def test_a_commit_tells_who_when_and_what(bench: Workbench) -> None:
    first = bench.commit("one", {"a.txt": "1\n2\n"})
    second = bench.commit("two\n\nCo-authored-by: Bea <bea@x.org>", {"a.txt": "1\n", "b.bin": b"\0\1"})
    found = commits(pages(bench.path))
    assert [found[first].parents, found[second].parents] == [[], [first]]
    event = found[second]
    assert (event.source, event.id, event.repository) == ("git:shop", second, "shop")
    assert event.tree_sha == bench.git("rev-parse", "HEAD^{tree}")
    assert (event.author, event.authored_at, event.committed_at) == ("ada@example.org", bench.time, bench.time)
    assert (event.additions, event.deletions, event.files) == (0, 1, 2)
    assert [(each.path, each.additions) for each in event.file_changes or ()] == [("a.txt", 0), ("b.bin", None)]
    assert event.trailers == {"co-authored-by": ["Bea <bea@x.org>"]}


def test_parents_come_before_their_children_even_with_wrong_clocks(bench: Workbench) -> None:
    shas = [bench.commit(f"{hours}", GIT_COMMITTER_DATE=f"{EPOCH - hours * HOUR} +0000") for hours in range(4)]
    assert list(commits(pages(bench.path))) == shas


def test_merges_and_octopus_merges_have_all_parents_and_no_counts(bench: Workbench) -> None:
    bench.commit()
    tips = []
    for name in ("left", "right"):
        bench.git("checkout", "--quiet", "-b", name, "main")
        tips.append(bench.commit(name, {name: name}))
    bench.git("checkout", "--quiet", "main")
    base = bench.commit("base", {"base": "b"})
    bench.git("merge", "--quiet", "--no-ff", "-m", "octopus", "left", "right")
    merge = commits(pages(bench.path))[bench.head]
    assert merge.parents == [base, *tips]
    assert (merge.files, merge.additions, merge.file_changes) == (None, None, None)


def test_a_revert_names_the_whole_sha_even_when_the_message_cut_it_short(bench: Workbench) -> None:
    bad = bench.commit("bad")
    whole = bench.commit(f"Revert\n\nThis reverts commit {bad}.")
    short = bench.commit(f"Revert\n\nThis reverts commit {bad[:9]}.")
    unknown = bench.commit("Revert\n\nThis reverts commit 0123456789.")
    found = commits(pages(bench.path))
    assert [found[sha].reverts for sha in (whole, short, unknown)] == [bad, bad, None]


def test_the_committed_mailmap_makes_one_person_of_two_addresses(bench: Workbench) -> None:
    bench.commit("map", {".mailmap": "Ada <ada@work.org> <ada@example.org>\n"})
    found = commits(pages(bench.path))
    assert found[bench.head].author == "ada@work.org"
    (bench.path / ".mailmap").write_text("Eve <eve@x.org> <ada@example.org>\n")
    assert commits(pages(bench.path)) == found


def test_a_bot_is_marked_and_a_person_is_not(bench: Workbench) -> None:
    person = bench.commit()
    bot = bench.commit("bump", GIT_AUTHOR_NAME="dependabot[bot]")
    found = commits(pages(bench.path))
    assert (found[bot].author_kind, found[person].author_kind) == ("bot", None)


def test_a_message_in_another_encoding_is_read(bench: Workbench) -> None:
    bench.git("config", "i18n.commitEncoding", "ISO-8859-1")
    tree = bench.git("write-tree")
    message = "Fix\n\nReviewed-by: Jörg <j@x.org>\n".encode("latin-1")
    bench.git("update-ref", "refs/heads/main", bench.git("commit-tree", tree, stdin=message))
    assert commits(pages(bench.path))[bench.head].trailers == {"reviewed-by": ["Jörg <j@x.org>"]}


@pytest.mark.skipif(os.uname().sysname == "Darwin", reason="its file system takes UTF-8 names only")
def test_paths_of_any_bytes_are_collected(bench: Workbench) -> None:
    names = [b"tab\there", b"line\nbreak", b'quo"te', b"caf\xe9", "ünï".encode(), b"-dash"]
    bench.path.mkdir(exist_ok=True)
    for name in names:
        Path(os.fsdecode(os.fsencode(bench.path) + b"/" + name)).write_text("x\n")
    bench.commit("odd names", {"plain": "x\n"})
    changes = commits(pages(bench.path))[bench.head].file_changes or []
    assert {each.path for each in changes} == {name.decode("utf-8", "replace") for name in names} | {"plain"}


def test_pull_requests_notes_and_stashes_are_not_collected(bench: Workbench) -> None:
    kept = bench.commit()
    bench.git("notes", "add", "-m", "note")
    bench.git("checkout", "--quiet", "--detach")
    bench.git("update-ref", "refs/pull/1/head", bench.commit("pull"))
    bench.git("checkout", "--quiet", "main")
    (bench.path / "file").write_text("stashed")
    bench.git("stash")
    assert list(commits(pages(bench.path))) == [kept]


def test_a_detached_check_out_without_branches_is_collected(bench: Workbench) -> None:
    sha = bench.commit()
    bench.git("checkout", "--quiet", "--detach")
    bench.git("branch", "--quiet", "-D", "main")
    assert list(commits(pages(bench.path))) == [sha]


def test_the_remote_names_the_repository_and_its_credentials_are_left_out(bench: Workbench) -> None:
    bench.commit()
    bench.git("remote", "add", "origin", "https://me:secret@forge.example/acme/checkout.git")
    found = pages(bench.path)
    (described,) = [event for event in events_of(found) if isinstance(event, Repository)]
    assert (described.source, described.name) == ("git:acme/checkout", "acme/checkout")
    assert (described.url, described.default_branch) == ("https://forge.example/acme/checkout.git", "main")
    assert "secret" not in repr(found)


def test_bare_clone_worktree_and_subfolder_give_the_same_events(bench: Workbench, tmp_path: Path) -> None:
    bench.commit("one", {".gitattributes": "*.txt binary\n", "deep/a.txt": "1\n"})
    bench.tag("v1.0")
    bench.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    bare = Workbench.new(tmp_path / "elsewhere")
    bare.git("clone", "--quiet", "--bare", str(bench.path), str(tmp_path / "bare.git"))
    places = [bench.path, bench.path / "deep", bench.path / ".git", tmp_path / "side", tmp_path / "bare.git"]
    found = [pages(place, name="shop") for place in places]
    assert len({tuple(map(repr, commits(each).values())) for each in found}) == 1
    assert len({tuple(map(repr, releases(each).values())) for each in found}) == 1


def test_sha_256_repositories_and_submodules_are_read(tmp_path: Path) -> None:
    bench = Workbench.new(tmp_path / "long", "--object-format=sha256")
    sha = bench.commit()
    bench.git("update-index", "--add", "--cacheinfo", f"160000,{sha},module")
    bench.hours += 1
    bench.git("commit", "--quiet", "-m", "submodule")
    event = commits(pages(bench.path))[bench.head]
    assert (len(event.sha), event.parents, [each.path for each in event.file_changes or ()]) == (64, [sha], ["module"])


def test_a_branch_that_looks_like_an_option_is_a_branch(bench: Workbench) -> None:
    kept = bench.commit()
    bench.git("update-ref", "refs/heads/--upload-pack=touch", bench.commit())
    bench.git("reset", "--quiet", "--hard", kept)
    assert len(commits(pages(bench.path))) == 2
