"""What the numbers say of collected data."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

import gitea_server
import gitlab_server
import metrics
from collectors.sync import run
from gitea_server import Gitea
from github_forge import Forge, commit, deployment, sha
from gitlab_server import GitLab
from metrics.query import Query
from tribometer.events import Incident
from tribometer.settings import Rules
from tribometer.store import EventStore

JANUARY, FEBRUARY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore.open(tmp_path / "data") as opened:
        yield opened


def status(store: EventStore, name: str) -> str:
    query = Query(name, now=datetime(2026, 6, 1, tzinfo=UTC), start=JANUARY, end=FEBRUARY)
    with store.reader() as reader:
        return metrics.compute(reader, query, Rules()).status


def forge() -> Forge:
    made = Forge()
    made.add(commits=[commit("base", 1)], deployments=[deployment(1, 2, "SUCCESS", commitOid=sha("base"))])
    return made


def test_a_source_that_reads_no_incidents_does_not_vouch_for_there_being_none(store: EventStore) -> None:
    assert run(forge().collector(), store).error is None
    assert status(store, "change_fail_rate") == "not_observable"


def test_a_source_that_reads_incidents_and_finds_none_vouches_for_that(store: EventStore) -> None:
    assert run(forge().collector(incidents={"labels": ["incident"]}), store).error is None
    assert status(store, "change_fail_rate") == "ok"


LABELLED: dict[str, Any] = {"incidents": {"labels": ["incident"]}}


def test_a_source_vouches_for_incidents_only_as_long_as_it_reads_them(store: EventStore) -> None:
    source = forge()
    for settings, seen in (({}, "not_observable"), (LABELLED, "ok"), ({}, "not_observable")):
        assert run(source.collector(**settings), store).error is None
        assert status(store, "change_fail_rate") == seen


def test_a_repository_whose_issues_the_token_may_not_read_does_not_vouch_for_them(
    store: EventStore,
) -> None:
    def hidden(request: httpx.Request, _: object) -> httpx.Response | None:
        hides = request.url.path.endswith("/issues")
        return httpx.Response(403, json={"message": "Resource not accessible"}) if hides else None

    source = forge()
    for trouble, seen in ((hidden, "not_observable"), (lambda *_: None, "ok"), (hidden, "not_observable")):
        source.trouble = trouble
        assert run(source.collector(**LABELLED), store).error is None
        assert status(store, "change_fail_rate") == seen


def test_at_gitlab_and_gitea_too_issues_that_may_not_be_read_are_not_vouched_for(
    store: EventStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITLAB_TOKEN", "secret")
    monkeypatch.setenv("GITEA_TOKEN", Gitea().token)
    gitlab, gitea = GitLab(), Gitea()
    for forbidden, seen in ({"/issues"}, 0), (set[str](), 2), ({"/issues"}, 0):
        gitlab.forbidden = gitea.forbidden = forbidden
        for source in (gitlab_server.played(gitlab, **LABELLED), gitea_server.played(gitea, **LABELLED)):
            assert run(source.collector(), store).error is None
        with store.reader() as reader:
            told = reader.rows("SELECT source FROM source_states WHERE list_contains(reads, 'incident')")
        assert len(told) == seen


def test_incidents_that_landed_once_are_observed_though_nobody_reads_them_any_more(store: EventStore) -> None:
    assert run(forge().collector(), store).error is None
    store.land([Incident(source="pushed", id="i", service="acme/other", detected_at=JANUARY)])
    assert status(store, "change_fail_rate") == "ok"
