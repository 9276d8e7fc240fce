"""Recorded answers of GitLab and Gitea: what they came to was checked by eye once, and is pinned."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from ci_servers import RECORDINGS, Played, needs_recordings, recorded_lines, told
from collectors.forge.facts import Place
from collectors.gitea import delivery as gitea_delivery
from collectors.gitea.parse import parse_review
from collectors.gitlab import delivery as gitlab_delivery
from collectors.gitlab.ci import parse_deployment, parse_pipeline
from collectors.gitlab.parse import commits_of, parse_commit, parse_merge_request
from collectors.parsed import Parsed
from gitea_server import TABLE

SMALL = Path(__file__).parent / "recordings/gitea"
WHOLE = Path(RECORDINGS or "") / "gitea"
PLACE = Place("gitlab", "acme/checkout")
REPOSITORY = "/api/v1/repos/acme/requests"
ONE = "a" * 39 + "2"


def digest(events: Iterable[dict[str, Any]]) -> str:
    lines = "\n".join(sorted(json.dumps(event, sort_keys=True) for event in events))
    return sha256(lines.encode()).hexdigest()


def body(folder: Path, name: str) -> str:
    """A recorded body; where an address was taken out, the half of an escape that stood before it stands still."""
    return (folder / f"{name}.json").read_text().replace(r"\someone", r"\u003csomeone")


def replayed(folder: Path, files: dict[str, str], missing: str) -> Played:
    """Gitea as it was recorded: bodies and headers by path and page."""

    def answer(request: httpx.Request) -> httpx.Response:
        page = request.url.params.get("page", "1")
        name = files.get(f"{request.url.path}?{page}", files.get(request.url.path) if page == "1" else None)
        if name is None and page != "1":
            return httpx.Response(200, json=[])
        status, *lines = (folder / f"{name or missing}.hdr").read_text().splitlines()
        pairs = [line.partition(": ")[::2] for line in lines if line and not line.startswith(("Content-L", "Transfer"))]
        return httpx.Response(int(status.split()[1]), content=body(folder, name or missing), headers=pairs)

    return Played({**TABLE, "token": None}, answer)


def test_a_small_recorded_server_gives_the_events_that_were_checked() -> None:
    source = replayed(
        SMALL,
        {
            "/api/v1/orgs/acme/repos": "orgs_acme_repos", f"{REPOSITORY}/branches/main": "branch_main",
            f"{REPOSITORY}/pulls": "pulls", f"{REPOSITORY}/pulls/2/commits": "pull_2_commits",
            f"{REPOSITORY}/pulls/2/reviews": "pull_2_reviews", f"{REPOSITORY}/commits": "commits",
            f"{REPOSITORY}/releases": "releases", f"{REPOSITORY}/tags": "tags",
        },
        "missing",
    )  # fmt: skip
    found = {(each["type"], each["id"]): each for each in source.events()}
    assert Counter(kind for kind, _ in found) == {
        "repository": 1, "change": 3, "review": 1, "commit": 3, "deployment": 2,
    }  # fmt: skip
    assert found["change", "acme/requests#2"] == {
        "type": "change", "id": "acme/requests#2", "version": "2026-03-02T09:00:01Z", "repository": "acme/requests",
        "number": 2, "author": "gitea:ann", "title": "Change 2", "base": "main", "head": "topic-2",
        "created_at": "2026-03-01T08:00:00Z", "first_commit_at": "2026-03-01T08:12:27Z",
        "merged_at": "2026-03-02T09:00:00Z", "closed_at": None, "merge_sha": ONE, "commits": ["c" * 39 + "2"],
        "head_shas": ["c" * 39 + "2"], "labels": ["bug"],
    }  # fmt: skip
    assert found["review", "acme/requests#2/reviews/1"]["reviewer"] == "gitea:bob"
    assert found["commit", ONE] == {
        "type": "commit", "id": ONE, "repository": "acme/requests", "sha": ONE,
        "parents": ["d" * 40, "c" * 39 + "2"], "author": "gitea:ann", "authored_at": "2026-03-02T09:00:00Z",
        "committed_at": "2026-03-02T08:00:00Z", "files": 2,
    }  # fmt: skip
    assert found["commit", "d" * 40]["author_kind"] == "bot"
    # what a squash replaces is on no branch: the change's own commits land too
    assert found["commit", "c" * 39 + "2"]["authored_at"] == "2026-03-01T08:12:27Z"
    assert {
        identity: (each["sha"], each["finished_at"], each["inferred_from"])
        for (kind, identity), each in found.items()
        if kind == "deployment"
    } == {
        "acme/requests/releases/v1.1": (ONE, "2026-03-02T11:00:00Z", "annotated_tag"),
        "acme/requests/releases/v1.0": ("d" * 40, "2026-03-01T07:30:00Z", "lightweight_tag"),
    }


@needs_recordings
def test_the_whole_recorded_gitea_gives_the_events_that_were_checked() -> None:
    listed = "repos_acme_requests"
    source = replayed(
        WHOLE,
        {
            "/api/v1/orgs/acme/repos": "orgs_acme_repos",
            f"{REPOSITORY}/pulls": f"{listed}_pulls_state_all_limit_50",
            f"{REPOSITORY}/pulls/5/commits": f"{listed}_pulls_5_commits",
            f"{REPOSITORY}/pulls/7/reviews": f"{listed}_pulls_7_reviews",
            f"{REPOSITORY}/commits?1": "commits_p1", f"{REPOSITORY}/commits?2": "commits_p2",
            f"{REPOSITORY}/releases": f"{listed}_releases_limit_50", f"{REPOSITORY}/tags": f"{listed}_tags_limit_50",
        },
        "repos_acme_nope",
    )  # fmt: skip
    answer, branches = source.answering, json.loads(body(WHOLE, f"{listed}_branches_limit_50"))
    main = next(each for each in branches if each["name"] == "main")
    source.answering = lambda asked: main if asked.url.path == f"{REPOSITORY}/branches/main" else answer(asked)
    events = source.events()
    assert Counter(each["type"] for each in events) == {"repository": 1, "change": 40, "commit": 101, "deployment": 49}
    assert digest(events) == "d32b8be85af79f91b48d1710ad60eb21fdeb1f4ac1908bf1b238676bbeaec9a3"
    found = {(each["type"], each["id"]): each for each in events}
    assert found["change", "acme/requests#5"] == {
        "type": "change",
        "id": "acme/requests#5",
        "version": "2026-11-22T07:07:22Z",
        "repository": "acme/requests",
        "number": 5,
        "author": "gitea:devadmin",
        "title": "PR 5953",
        "base": "main",
        "head": "pr-5953",
        "created_at": "2026-11-22T07:06:38Z",
        "first_commit_at": "2021-10-08T10:12:27Z",
        "merged_at": "2026-11-22T07:07:22Z",
        "closed_at": None,
        "merge_sha": "917decb0d385d81d7f570cd168ecba83f3625087",
        "commits": ["4703994030ae796228ab8f3d34626ceeec2e5da9"],
        "head_shas": ["4703994030ae796228ab8f3d34626ceeec2e5da9"],
        "labels": [],
    }
    assert found["deployment", "acme/requests/releases/v2.34.1"] == {
        "type": "deployment",
        "id": "acme/requests/releases/v2.34.1",
        "service": "acme/requests",
        "environment": "production",
        "tier": "production",
        "sha": "b7b549b54571d03950b16afd2d01bc6ff0348224",
        "finished_at": "2026-05-13T19:17:24Z",
        "status": "success",
        "url": "http://127.0.0.1:3300/acme/requests/releases/tag/v2.34.1",
        "inferred_from": "lightweight_tag",
    }
    assert found["commit", "bc08e0ce88453828a223c4fa5d937acda6e77410"] == {
        "type": "commit",
        "id": "bc08e0ce88453828a223c4fa5d937acda6e77410",
        "repository": "acme/requests",
        "sha": "bc08e0ce88453828a223c4fa5d937acda6e77410",
        "parents": ["917decb0d385d81d7f570cd168ecba83f3625087"],
        "author": "someone@example.org",
        "authored_at": "2026-07-20T14:40:23Z",
        "committed_at": "2026-11-22T07:07:22Z",
        "files": 5,
    }


@needs_recordings
def test_recorded_deliveries_of_gitea_give_the_ids_of_its_answers() -> None:
    release = gitea_delivery.parse_delivery("release", json.loads(body(WHOLE, "hook_release")))
    assert [(each.source, each.id) for each in release.events] == [
        ("gitea:acme/requests", "acme/requests/releases/v99.0")
    ]
    push = gitea_delivery.parse_delivery("push", json.loads(body(WHOLE, "hook_push")))
    assert [(each.type, each.id) for each in push.events] == [("repository", "acme/requests")]


@needs_recordings
def test_a_recorded_review_of_gitea_is_none_of_the_author_himself() -> None:
    [raw] = json.loads(body(WHOLE, "repos_acme_requests_pulls_7_reviews"))
    place = Place("gitea", "acme/requests")
    assert parse_review(raw, 7, place, "devadmin").events == []
    [review] = told(parse_review(raw, 7, place).events)
    assert (review["reviewer"], review["state"]) == ("gitea:devadmin", "commented")


GITLAB: dict[str, Callable[[dict[str, Any]], Parsed]] = {
    "merge_requests": lambda raw: parse_merge_request(raw, PLACE),
    "merge_request_commits": lambda raw: parse_commit(raw, PLACE),
    "pipeline": lambda raw: parse_pipeline(raw, PLACE),
    "pipeline_details": lambda raw: parse_pipeline(raw, PLACE),
    "deployments": lambda raw: parse_deployment(raw, PLACE),
}


@needs_recordings
@pytest.mark.parametrize(
    ("name", "kinds", "rejected", "pinned"),
    [
        ("merge_requests", {"change": 18}, 0, "8014565635921e73dc95493517cb00ad3da2a0b132c909bb01b431a196cd4f7e"),
        (
            "merge_request_commits",
            {"commit": 37},
            0,
            "7ee678ff0156c14369ce8b57b85a22ddafaf5dd28225100f5217901ee6317b3f",
        ),
        ("pipeline", {"run": 29}, 0, "6ac9e626e1ff89ff4f3b7e2d640886c31eb8e5cbfa0e6a27b3836c34a564d267"),
        ("pipeline_details", {"run": 16}, 0, "2f51876e4667d9be5fbea57d05e914916d73d375f369074f15a5191f39077eec"),
        # two have a status that GitLab does not have: they were edited by hand
        (
            "deployments",
            {"deployment": 6, "gate": 1},
            2,
            "67775f81e88fb3109a7414a60488d9768219240709928c62b81b8dae9bde8103",
        ),
    ],
)
def test_recorded_answers_of_gitlab_give_the_events_that_were_checked(
    name: str, kinds: dict[str, int], rejected: int, pinned: str
) -> None:
    facts = [GITLAB[name](raw) for raw in recorded_lines(f"gitlab/{name}.jsonl")]
    events = [each for found in facts for each in told(found.events)]
    assert Counter(each["type"] for each in events) == kinds
    assert sum(len(found.rejected) for found in facts) == rejected
    assert digest(events) == pinned


@needs_recordings
def test_recorded_merge_requests_and_pipelines_mean_what_was_checked_by_eye() -> None:
    requests = {raw["iid"]: raw for raw in recorded_lines("gitlab/merge_requests.jsonl")}
    assert told(parse_merge_request(requests[1], PLACE).events) == [
        {
            "type": "change",
            "id": "acme/checkout!1",
            "version": "2019-06-28T14:32:05.270000Z",
            "repository": "acme/checkout",
            "number": 1,
            "author": "gitlab:emilie",
            "title": 'Resolve "Add documentation to snowflake spend package"',
            "base": "master",
            "head": "1-add-documentation-to-snowflake-spend-package",
            "created_at": "2019-06-28T05:21:43.743000Z",
            "merged_at": "2019-06-28T14:32:06.192000Z",
            "closed_at": None,
            "merge_sha": "da1d6dea48f5972ffc683da6cff30934e7d6c52c",
            "labels": [],
        }
    ]
    commits = commits_of(recorded_lines("gitlab/merge_request_commits.jsonl")[:5])
    assert (len(commits["commits"]), commits["first_commit_at"].isoformat()) == (5, "2019-06-28T05:40:36+00:00")
    pipelines = recorded_lines("gitlab/pipeline_details.jsonl")
    assert told(parse_pipeline(pipelines[0], PLACE).events) == [
        {
            "type": "run",
            "id": "acme/checkout/runs/1078343570/1",
            "version": "2023-11-21T01:54:29.757000Z",
            "repository": "acme/checkout",
            "workflow": ".gitlab-ci.yml:merge_request_event",
            "run": "1078343570",
            "attempt": 1,
            "sha": "694ed6ede74c367f17c7fddb56de629354a27069",
            "event": "merge_request_event",
            "actor_kind": "human",
            "change": {"id": "acme/checkout!5394"},
            "created_at": "2023-11-20T07:17:08.753000Z",
            "started_at": "2023-11-20T07:17:10.123000Z",
            "completed_at": "2023-11-21T01:54:29.748000Z",
            "conclusion": "success",
            "url": "https://gitlab.com/merico-dev/ee/vdev.co/-/pipelines/1078343570",
        }
    ]


@needs_recordings
@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("build", []),
        ("deployment", [("deployment", "root/test-deployment-webhooks/deployments/15")]),
        ("job", [("job", "jsmithy2/release-tools-fake/jobs/3580121225")]),
        ("merge_request", [("change", "gitlabhq/gitlab-test!1")]),
        ("pipeline", [
            ("run", "gitlab-org/gitlab-test/runs/31/1"),
            *(("job", f"gitlab-org/gitlab-test/jobs/{number}") for number in (376, 377, 378, 379, 380)),
        ]),
        ("push", [("repository", "mike/diaspora")]),
        ("release", [("deployment", "exm-namespace/example-project/releases/1.0.0")]),
        ("tag_push", [("repository", "jsmith/example")]),
    ],
)  # fmt: skip
def test_recorded_deliveries_of_gitlab_give_the_ids_of_its_answers(name: str, events: list[tuple[str, str]]) -> None:
    payload = json.loads((Path(RECORDINGS or "") / f"gitlab/webhooks/{name}.json").read_text())
    found = gitlab_delivery.parse_delivery(payload)
    assert [(each.type, each.id) for each in found.events] == events
    assert found.rejected == []
    if name == "deployment":
        [deployment] = told(found.events)
        assert payload["status_changed_at"] == "2021-04-28 21:50:00 +0200"
        assert deployment["finished_at"] == "2021-04-28T19:50:00Z"
