from pathlib import Path

import pytest

from collectors import build
from collectors.base import Cursor, Page
from collectors.git.clone import clone_folder, name_from_folder, name_from_url, without_credentials
from git_repositories import Workbench
from tribometer.errors import ConfigurationError, SourceError, SourceGone, SourceUnavailable
from tribometer.events import Commit, Repository


def pages(data: Path, url: str, since: Cursor | None = None, **keys: object) -> list[Page]:
    source = build({"kind": "git", "url": url, **keys}, origin="test.toml", data=data)
    return list(source.collect(since))


def shas(found: list[Page]) -> list[str]:
    return [event.sha for page in found for event in page.events if isinstance(event, Commit)]


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.new(tmp_path / "origin" / "shop.git")


def test_a_url_is_cloned_into_the_data_folder_and_then_followed(bench: Workbench, tmp_path: Path) -> None:
    bench.git("checkout", "--quiet", "-b", "trunk")
    first = bench.commit()
    url = f"file://{bench.path}"
    found = pages(tmp_path / "data", url)
    (described,) = [event for page in found for event in page.events if isinstance(event, Repository)]
    assert (described.name, described.url, described.default_branch) == ("shop", url, "trunk")
    assert [entry.name[:5] for entry in (tmp_path / "data/clones").iterdir()] == ["shop-"]
    second = bench.commit()
    assert (shas(found), shas(pages(tmp_path / "data", url, found[-1].cursor))) == ([first], [second])


def test_branches_deleted_at_the_origin_are_forgotten_and_pull_requests_never_fetched(
    bench: Workbench, tmp_path: Path
) -> None:
    kept = bench.commit()
    bench.git("checkout", "--quiet", "-b", "side")
    bench.git("update-ref", "refs/pull/1/head", bench.commit("on a pull request"))
    bench.git("reset", "--quiet", "--hard", kept)
    url = f"file://{bench.path}"
    found = pages(tmp_path / "data", url)
    assert set(found[-1].cursor["tips"]) == {"refs/heads/main", "refs/heads/side"}
    assert shas(found) == [kept]
    bench.git("checkout", "--quiet", "main")
    bench.git("branch", "--quiet", "-D", "side")
    assert set(pages(tmp_path / "data", url, found[-1].cursor)[-1].cursor["tips"]) == {"refs/heads/main"}


def test_a_clone_that_was_cut_off_is_completed(bench: Workbench, tmp_path: Path) -> None:
    sha = bench.commit()
    url = f"file://{bench.path}"
    Workbench.new(clone_folder(tmp_path / "data", "shop", url), "--bare")
    assert shas(pages(tmp_path / "data", url)) == [sha]


def test_an_empty_origin_is_a_repository_without_commits(bench: Workbench, tmp_path: Path) -> None:
    assert shas(pages(tmp_path / "data", f"file://{bench.path}")) == []


def test_an_origin_that_is_not_there_is_gone(tmp_path: Path) -> None:
    with pytest.raises(SourceGone, match="nowhere"):
        pages(tmp_path / "data", f"file://{tmp_path}/nowhere")


def test_an_origin_that_does_not_answer_may_be_tried_again(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        pages(tmp_path / "data", "git://127.0.0.1:1/shop")
    assert caught.value.transient


def test_a_fetch_that_takes_too_long_is_stopped(bench: Workbench, tmp_path: Path) -> None:
    bench.commit()
    with pytest.raises(SourceError, match="did not finish"):
        pages(tmp_path / "data", f"file://{bench.path}", timeout=0.0001)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ext::sh -c 'touch pwned'", "fetches by"),
        ("--upload-pack=touch pwned", "fetches by"),
        ("-oProxyCommand=touch:pwned", "fetches by"),
        ("ssh://-oProxyCommand=touch/pwned", "begin with a dash"),
        ("git@-oProxyCommand=touch:pwned", "dash|fetches by"),
        ("http://forge.example/a/b", "fetches by"),
        ("/srv/shop.git", "use `path`"),
        ("https://me:secret@forge.example/a/b", "credential helper"),
    ],
)
def test_a_url_that_could_run_something_or_holds_a_secret_is_refused(url: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        build({"kind": "git", "url": url}, origin="tribometer.toml", data=tmp_path)
    assert caught.value.key == "sources.url"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/acme/checkout.git", "acme/checkout"),
        ("https://me@gitlab.example:8443/group/sub/checkout/", "group/sub/checkout"),
        ("git@github.com:acme/checkout.git", "acme/checkout"),
        ("ssh://git@github.com:22/acme/checkout", "acme/checkout"),
        ("file:///srv/git/checkout.git", None),
        ("/srv/git/checkout.git", None),
        ("../checkout", None),
    ],
)
def test_a_remote_names_the_repository_unless_it_lies_on_disk(url: str, name: str | None) -> None:
    assert name_from_url(url) == name


def test_a_folder_names_the_repository_without_the_marks_of_a_clone() -> None:
    assert name_from_folder(Path("/srv/checkout/.git")) == "checkout"
    assert name_from_folder("file:///srv/checkout.git") == "checkout"


def test_hostile_names_stay_inside_the_folder_of_clones_and_apart(tmp_path: Path) -> None:
    folders = [clone_folder(tmp_path, name, name) for name in ("../../etc", "-x", "a/b", "a b", "..", "\0")]
    assert {folder.parent for folder in folders} == {tmp_path / "clones"}
    assert len({folder.name for folder in folders}) == len(folders)
    assert not [folder for folder in folders if folder.name.startswith(("-", "."))]


def test_users_and_passwords_are_cut_from_urls() -> None:
    assert without_credentials("https://me:pw@x.org/a?b") == "https://x.org/a?b"
    assert without_credentials("git@x.org:a/b") == "git@x.org:a/b"
