"""A real Buildbot master is collected: builds that succeed and fail, one that runs meanwhile, and a rebuild."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import buildbot_master
from ci_servers import SHA
from collectors import build
from collectors.base import Collector
from collectors.sync import run
from foreign_packages import from_pip
from tribometer.store import EventStore

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[buildbot_master.Master]:
    program = from_pip("buildbot", buildbot_master.PACKAGES, tmp_path_factory) / "bin/buildbot"
    with buildbot_master.master(program, tmp_path_factory.mktemp("buildbot")) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EventStore]:
    with EventStore.open(tmp_path / "data") as opened:
        yield opened


def rows(store: EventStore, query: str) -> list[tuple[Any, ...]]:
    with store.reader() as reader:
        return reader.rows(query)


RUNS = "SELECT workflow, run, attempt, conclusion, event, actor_kind FROM runs ORDER BY id"


def test_a_real_master_is_collected_and_a_build_that_runs_lands_when_it_ends(
    master: buildbot_master.Master, store: EventStore, tmp_path: Path
) -> None:
    table = {"kind": "buildbot", "url": master.url, "name": "ci", "deployments": {"jobs": ["deploy"]}}
    source: Collector = build(table, origin="test.toml", data=tmp_path)
    assert [each.granted for each in source.check()] == [True]
    assert run(source, store).new == 0
    for builder in ("good", "bad", "slow"):
        master.force(builder, SHA)
    master.wait(lambda: master.ended() == 2 and (master.place / "begun").exists(), "the builds")
    first = run(source, store)
    assert (first.error, first.rejected, first.next_cursor and len(first.next_cursor["open"])) == (None, 0, 1)
    by = ("workflow_dispatch", "human")
    found = {row[0]: row for row in rows(store, RUNS)}
    assert {name: row[2:] for name, row in found.items()} == {
        "bad": (1, "failure", *by), "good": (1, "success", *by), "slow": (1, None, *by),
    }  # fmt: skip
    assert rows(store, "SELECT status, finished_at FROM deployments") == [("running", None)]
    again = run(source, store)
    assert (again.new, again.updated) == (0, 0)

    (master.place / "go").touch()
    master.wait(lambda: master.ended() == 3, "the end of the slow build")
    bad = next(each["buildid"] for each in master.ask("builds")["builds"] if each["results"] == 2)
    master.rebuild(bad)
    master.wait(lambda: master.ended() == 4, "the rebuild")
    master.rebuild(4)
    master.wait(lambda: master.ended() == 5, "the second rebuild")
    second = run(source, store)
    assert (second.error, second.rejected, second.next_cursor and second.next_cursor["open"]) == (None, 0, [])
    assert [row[:4] for row in rows(store, RUNS) if row[0] == "bad"] == [
        ("bad", str(bad), number, "failure") for number in (1, 2, 3)
    ]  # fmt: skip
    assert rows(store, "SELECT status, service FROM deployments") == [("success", "acme/checkout")]
    assert rows(store, "SELECT count(*), count(completed_at), count(conclusion) FROM runs") == [(5, 5, 5)]
    jobs = "SELECT name, conclusion, count(queued_at), count(*) FROM jobs GROUP BY ALL ORDER BY name"
    assert rows(store, jobs) == [
        ("compile", "success", 0, 1), ("deploy", "success", 0, 1), ("test", "failure", 0, 3),
        ("worker_preparation", "success", 5, 5),
    ]  # fmt: skip
    wrong = "SELECT count(*) FROM runs WHERE NOT created_at <= started_at OR NOT started_at <= completed_at"
    assert rows(store, wrong) == [(0,)]
