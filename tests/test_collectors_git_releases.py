from pathlib import Path

import pytest

from git_events import events_of, pages, releases
from git_repositories import Workbench


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return Workbench.new(tmp_path / "shop")


def test_version_tags_are_releases_and_pre_releases_and_names_are_not(bench: Workbench) -> None:
    sha = bench.commit()
    for name in ("v1.0", "2.0", "v1.4.4.1", "v1.0rc1", "v1.0.0-rc.1", "v2.0a", "v2.34.0.dev1", "v4", "latest"):
        bench.tag(name)
    found = releases(pages(bench.path))
    assert set(found) == {"tag:v1.0", "tag:2.0", "tag:v1.4.4.1"}
    event = found["tag:2.0"]
    assert (event.service, event.environment, event.tier, event.status) == (
        "shop",
        "production",
        "production",
        "success",
    )
    assert (event.sha, event.artifact) == (sha, None)


def test_the_configured_pattern_says_which_tags_are_releases(bench: Workbench) -> None:
    bench.commit()
    bench.tag("release/7")
    bench.tag("v1.0.0")
    assert set(releases(pages(bench.path, releases="^release/"))) == {"tag:release/7"}


def test_a_release_is_of_the_tagger_s_time_else_of_the_commit_s(bench: Workbench) -> None:
    bench.commit()
    committed = bench.time
    bench.tag("v1.0")
    bench.tag("v2.0", "HEAD", "-a", "-m", "two")
    tagged = bench.time
    found = releases(pages(bench.path))
    assert (found["tag:v1.0"].finished_at, found["tag:v1.0"].inferred_from) == (committed, "lightweight_tag")
    assert (found["tag:v2.0"].finished_at, found["tag:v2.0"].inferred_from) == (tagged, "annotated_tag")


def test_a_tag_of_a_tag_leads_to_the_commit(bench: Workbench) -> None:
    sha = bench.commit()
    bench.tag("inner", "HEAD", "-a", "-m", "inner")
    bench.tag("v1.0", "inner", "-a", "-m", "outer")
    assert releases(pages(bench.path))["tag:v1.0"].sha == sha


def test_a_release_tag_of_a_file_is_rejected(bench: Workbench) -> None:
    bench.commit("key", {"key": "k"})
    bench.tag("v1.0", "HEAD:key")
    found = pages(bench.path)
    assert releases(found) == {}
    assert [refused.content for page in found for refused in page.rejected] == ["refs/tags/v1.0"]


def test_releases_come_after_all_commits(bench: Workbench) -> None:
    bench.commit()
    bench.tag("v1.0")
    assert [event.type for event in events_of(pages(bench.path))] == ["repository", "commit", "deployment"]


def test_a_moved_release_tag_is_told_again_and_a_deleted_one_is_withdrawn(bench: Workbench) -> None:
    bench.commit()
    bench.tag("v1.0")
    bench.tag("v2.0")
    cursor = pages(bench.path)[-1].cursor
    moved = bench.commit()
    bench.tag("v1.0", "HEAD", "--force")
    bench.git("tag", "-d", "v2.0")
    found = releases(pages(bench.path, cursor))
    assert found["tag:v1.0"].sha == moved
    assert (found["tag:v2.0"].status, "sha" in found["tag:v2.0"].carried) == ("cancelled", False)
