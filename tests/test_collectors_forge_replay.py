"""Collections of GitLab and Gitea that were recorded, and played again without the server."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from ci_servers import NOON, Played
from collectors.http.recording import recording, replaying
from collectors.sync import run
from event_samples import contents
from forge_servers import MORNING, sha
from gitea_server import Gitea
from gitea_server import played as played_gitea
from gitlab_server import GitLab, text
from gitlab_server import played as played_gitlab
from tribometer.store import EventStore

KEPT = ("changes", "reviews", "review_requests", "commits", "runs")
NAMES = ("ann", "bob", "Ann", "ann@example.org")


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Played:
    monkeypatch.setenv("GITLAB_TOKEN", "secret")
    gitlab = GitLab(commits=[1])
    gitlab.merge_request(1, MORNING, description="For @bob, not acme@2")
    gitlab.pipeline(1, MORNING, user={"username": "project_7_bot_1f2e", "name": "Bot"})
    gitlab.more["merge_requests/1/notes"] = [
        {"id": 1, "system": True, "body": "requested review from @bob", "created_at": text(NOON),
         "author": {"username": "ann", "name": "Ann"}},
        {"id": 2, "system": True, "body": "approved this merge request", "created_at": text(NOON),
         "author": {"username": "bob", "name": "Bob"}},
    ]  # fmt: skip
    return played_gitlab(gitlab)


@pytest.fixture
def forgejo(monkeypatch: pytest.MonkeyPatch) -> Played:
    monkeypatch.setenv("GITEA_TOKEN", "secret")
    gitea = Gitea(commits=[1])
    gitea.pull(1, MORNING, body="For @bob")
    gitea.run(1, MORNING, actor={"id": -2, "login": "gitea-actions"})
    gitea.more["pulls/1/reviews"] = [
        {"id": 1, "user": {"id": 2, "login": "bob"}, "state": "APPROVED", "submitted_at": text(NOON)}
    ]
    return played_gitea(gitea, kind="forgejo")


def collected(data: Path, collector: Any) -> dict[str, Any]:
    with EventStore.open(data) as store:
        summary = run(collector, store, full=True)
        assert summary.error is None
        found = contents(store)
    return {table: found[table] for table in KEPT}


def refusing(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"a replay asked the server for {request.url}")


@pytest.mark.parametrize("forge", ["gitlab", "forgejo"])
def test_a_replay_under_another_key_lands_the_same_and_the_recording_names_nobody(
    forge: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source, file = request.getfixturevalue(forge), tmp_path / "recorded.jsonl"
    collector = source.collector()
    with EventStore.open(tmp_path / "live") as store, recording(collector, file, store.pseudonyms) as recorded:
        assert run(recorded, store).error is None
        live = {table: contents(store)[table] for table in KEPT}
    written = file.read_text()
    assert [name for name in NAMES if f'"{name}"' in written or f"@{name}" in written] == []
    assert all(live[table] for table in KEPT if forge == "gitlab" or table != "review_requests")
    offline = replace(collector, server=replace(collector.server, transport=lambda: httpx.MockTransport(refusing)))
    assert collected(tmp_path / "again", replaying(offline, file)) == live
    assert sha(1) in written
