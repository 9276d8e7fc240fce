"""Recorded answers of GitHub: what they came to was checked by eye against the raw lines once, and is pinned."""

import json
import os
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from collectors.forge.facts import Place
from collectors.github.nodes import deployment_of
from collectors.github.parse import (
    parse_commit,
    parse_deployment,
    parse_job,
    parse_pull_request,
    parse_review,
    parse_run,
)
from collectors.parsed import Parsed, merged

RECORDINGS = os.environ.get("RECORDED_ANSWERS")
FOLDER = Path(RECORDINGS or "") / "github"
pytestmark = pytest.mark.skipif(
    not (RECORDINGS and FOLDER.is_dir()), reason="RECORDED_ANSWERS names no folder of recorded answers of GitHub"
)
ANTS = Place("github", "panjf2000/ants")
NUMBERS = {"Id": "id", "DatabaseId": "databaseId", "CommitOid": "commitOid", "Environment": "environment",
           "State": "state", "CreatedAt": "createdAt", "UpdatedAt": "updatedAt"}  # fmt: skip


def review(raw: dict[str, Any]) -> Parsed:
    return parse_review(raw, int(raw["pull_request_url"].rpartition("/")[2]), ANTS)


def deployment(raw: dict[str, Any]) -> Parsed:
    """Its keys are those of the program that recorded it, and of its statuses it kept one time."""
    statuses = (raw.get("Statuses") or {"nodes": [raw["LatestStatus"]]})["nodes"]
    nodes = [{"state": each.get("state") or each["State"], "createdAt": each["updatedAt"]} for each in statuses]
    node = {NUMBERS[key]: value for key, value in raw.items() if key in NUMBERS} | {"statuses": {"nodes": nodes}}
    return parse_deployment(*deployment_of(node), Place("github", "facebook/OpenBIC"))


READ: dict[str, Callable[[dict[str, Any]], Parsed]] = {
    "runs": lambda raw: parse_run(raw, ANTS),
    "jobs": lambda raw: parse_job(raw, ANTS),
    "pull_requests": lambda raw: parse_pull_request(raw, ANTS),
    "pull_request_commits": lambda raw: parse_commit(raw, ANTS),
    "pull_request_reviews": review,
    "graphql_deployments": deployment,
}


def told(name: str) -> list[dict[str, Any]]:
    """The events of one file as JSON; nothing in it may be rejected."""
    lines = (FOLDER / f"{name}.jsonl").read_text().splitlines()
    parsed = merged(READ[name](json.loads(line)) for line in lines)
    assert parsed.rejected == []
    return [{"type": event.type, **event.model_dump(mode="json", exclude_unset=True)} for event in parsed.events]


@pytest.mark.parametrize(
    ("name", "count", "different", "digest"),
    [
        ("runs", 35, 35, "077317f8ae7d34528d555314fd356dd5ec9b3b4ba50a99868c62147e1b953c50"),
        ("jobs", 35, 35, "2dd8f5002168f771a35863e4433f3262c8410ff7d5c896907b9ae4bf9aef5afb"),
        ("pull_requests", 50, 49, "1ee8fd34c830ef93bb9d8af71de97b9dd316ba9053a1e71309f3b480a372ab75"),
        ("pull_request_commits", 91, 90, "1404bf62878d26c55db3147fa9063f7729ab62eecdc710a0bbb2b767cd5a106a"),
        ("pull_request_reviews", 31, 30, "b92939313cda3e985774a285c168978eb7639f31e01a42efa8a7e97b42043794"),
        ("graphql_deployments", 7, 7, "3e2c5f2cf7d35b1b1bbbd9c96f049ea7ba0c05989806c0586243e4df2f0ee69b"),
    ],
)
def test_every_recorded_answer_gives_the_events_that_were_checked(
    name: str, count: int, different: int, digest: str
) -> None:
    events = told(name)
    assert (len(events), len({event["id"] for event in events})) == (count, different)
    lines = "\n".join(sorted(json.dumps(event, sort_keys=True) for event in events))
    assert sha256(lines.encode()).hexdigest() == digest


def test_a_scheduled_run_is_a_machines_and_a_second_attempt_is_its_own_run() -> None:
    events = {event["id"]: event for event in told("runs")}
    assert events["panjf2000/ants/runs/2983238245/1"] == {
        "type": "run", "source": "github:panjf2000/ants", "id": "panjf2000/ants/runs/2983238245/1",
        "version": "2022-09-03T05:16:16Z", "repository": "panjf2000/ants", "workflow": ".github/workflows/codeql.yml",
        "run": "2983238245", "attempt": 1, "sha": "06e6934c35c336b1a2bd3005fb21dc3914a45747",
        "tree_sha": "71d66f9408b6d176073ca311fa30d749919bfa7e", "branch": "master", "event": "schedule",
        "actor_kind": "machine", "created_at": "2022-09-03T05:15:09Z", "started_at": "2022-09-03T05:15:09Z",
        "completed_at": "2022-09-03T05:16:16Z", "conclusion": "success",
        "url": "https://github.com/panjf2000/ants/actions/runs/2983238245",
    }  # fmt: skip
    again = events["panjf2000/ants/runs/2589885628/2"]
    assert (again["created_at"], again["started_at"]) == ("2022-06-30T12:23:37Z", "2022-07-01T13:34:14Z")
    assert Counter(event.get("conclusion") for event in events.values()) == {
        "success": 18, None: 7, "failure": 3, "cancelled": 1, "timed_out": 1, "startup_failure": 1, "neutral": 1,
        "skipped": 1, "stale": 1, "action_required": 1,
    }  # fmt: skip
    assert all(("completed_at" in event) == ("conclusion" in event) for event in events.values())


def test_a_job_that_was_cancelled_has_its_times_and_one_that_waits_has_none() -> None:
    events = {event["id"]: event for event in told("jobs")}
    assert events["panjf2000/ants/jobs/1924918171"] == {
        "type": "job", "source": "github:panjf2000/ants", "id": "panjf2000/ants/jobs/1924918171",
        "run": {"id": "panjf2000/ants/runs/577324554/1"}, "attempt": 1, "name": "deployubuntu",
        "started_at": "2021-02-18T06:59:13Z", "completed_at": "2021-02-18T07:01:18Z", "conclusion": "cancelled",
    }  # fmt: skip
    waiting = events["panjf2000/ants/jobs/2011825647"]
    assert not {"started_at", "completed_at", "conclusion"} & waiting.keys()


def test_open_closed_and_merged_pull_requests_are_told_apart() -> None:
    events = {event["id"]: event for event in told("pull_requests")}
    assert events["panjf2000/ants#211"] == {
        "type": "change", "source": "github:panjf2000/ants", "id": "panjf2000/ants#211",
        "version": "2022-02-22T16:48:28Z", "repository": "panjf2000/ants", "number": 211, "author": "lucafmarques",
        "title": "Remove worker_func.go and modify pool_func.go simplifying the library",
        "base": "master", "head": "simpler-pool-func", "created_at": "2022-02-07T21:31:30Z", "labels": [],
        "merged_at": None, "closed_at": None, "merge_sha": None,
    }  # fmt: skip
    # GitHub names a sha of a trial merge for this one, which was closed without being merged
    closed = events["panjf2000/ants#9"]
    assert (closed["merged_at"], closed["merge_sha"]) == (None, None)
    assert closed["closed_at"] == "2018-08-31T13:40:33Z"
    assert not any("reverts" in event for event in events.values())


def test_a_commit_without_an_account_goes_by_its_address() -> None:
    events = told("pull_request_commits")
    assert events[0] == {
        "type": "commit", "source": "github:panjf2000/ants", "id": "5bbc9e170bbee27c37bcc30da3da75b4531d1edb",
        "repository": "panjf2000/ants", "sha": "5bbc9e170bbee27c37bcc30da3da75b4531d1edb",
        "tree_sha": "8151b1cbd229589462dea1ad683146ef99261921", "author": "choleraehyq",
        "parents": ["812dd4e01075be3cf97429a43abaf6837908cdcd"], "authored_at": "2019-01-21T10:57:23Z",
        "committed_at": "2019-01-22T05:09:19Z",
    }  # fmt: skip
    assert sum("@" in event["author"] for event in events) == 11


def test_a_review_is_of_its_pull_request() -> None:
    assert told("pull_request_reviews")[16] == {
        "type": "review", "source": "github:panjf2000/ants", "id": "panjf2000/ants#53/reviews/298229495",
        "change": {"id": "panjf2000/ants#53"}, "reviewer": "panjf2000",
        "state": "changes_requested", "submitted_at": "2019-10-07T16:56:26Z",
    }  # fmt: skip


def test_a_deployment_that_another_one_replaced_was_a_success() -> None:
    live, replaced, *older = told("graphql_deployments")
    assert live == {
        "type": "deployment", "source": "github:facebook/OpenBIC", "id": "facebook/OpenBIC/deployments/3881429895",
        "version": "2026-02-20T00:30:59Z", "service": "facebook/OpenBIC", "environment": "github-pages",
        "sha": "0916a0afdfa825779c892a8951bde706a054d352", "created_at": "2026-02-20T00:30:37Z",
        "started_at": "2026-02-20T00:30:40Z", "finished_at": "2026-02-20T00:30:59Z", "status": "success",
    }  # fmt: skip
    assert (replaced["status"], replaced["finished_at"]) == ("success", "2026-02-14T00:32:36Z")
    # of those only the last word was kept, that they are inactive: when they ended is not known
    assert ["finished_at" in each for each in older] == [False] * 4 + [True]
    assert {each["status"] for each in older} == {"success"}
