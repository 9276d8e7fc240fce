"""A recorded collection of GitHub names nobody, and its replay lands the same events without the server."""

import json
from dataclasses import replace
from pathlib import Path

import httpx

from collectors.http.recording import recording, replaying
from collectors.sync import run as run_sync
from event_samples import contents
from github_forge import Forge, commit, deployment, job, pull_request, run, time
from tribometer.store import EventStore

DEPLOYS = {"deployments": {"from": "workflow", "name": "Deploy*", "environment": "production"}}


def forge() -> Forge:
    made = Forge()
    bot = {"email": "49699333+dependabot[bot]@users.noreply.github.com", "user": None}
    by_bot = pull_request(2, 2, author={"__typename": "Bot", "bot": "dependabot"})
    review = {"fullDatabaseId": "5", "state": "APPROVED", "submittedAt": time(1), "updatedAt": time(1),
              "author": {"__typename": "User", "login": "ann"}}  # fmt: skip
    made.add(
        pull_requests=[pull_request(1, 1, reviews=[review], body="Reverts acme/checkout#9"), by_bot],
        commits=[commit(2, 2, 1, author=bot), commit(1, 1, author={"email": "someone@example.org", "user": None})],
        runs=[run(1, 1, name="Deploy for @ann")],
        jobs={1: [job(1, 1, 1, name="ask @ann")]},
        deployments=[deployment(1, 1, "SUCCESS")],
    )
    return made


def test_a_replay_under_another_key_lands_what_was_recorded_and_the_file_names_nobody(tmp_path: Path) -> None:
    file = tmp_path / "github.jsonl"
    with EventStore.open(tmp_path / "live") as store:
        with recording(forge().collector(**DEPLOYS), file, store.pseudonyms) as recorded:
            assert run_sync(recorded, store).error is None
        live = contents(store)
        ann = store.pseudonyms.of("ann")
    written = file.read_text()
    assert not any(name in written for name in ('"ann"', "@ann", "dependabot", "someone@example.org"))
    assert all(json.loads(line) for line in written.splitlines())
    collector = forge().collector(**DEPLOYS)
    silent = replace(collector.server, transport=lambda: httpx.MockTransport(lambda _: httpx.Response(500)))
    with EventStore.open(tmp_path / "again") as store:
        summary = run_sync(replaying(replace(collector, server=silent), file), store)
        assert (summary.error, summary.remarks) == (None, ())
        again = contents(store)
        assert store.pseudonyms.of("ann") != ann
    assert live["deployments"]
    assert [f"ask @{ann}" in row for row in live["jobs"]] == [True]
    # who looks like whom is known only where handles were seen; which key it is, each store says for itself
    assert {table for table in live if again[table] != live[table]} <= {"likenesses", "store_meta"}
