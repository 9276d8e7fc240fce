"""CircleCI's projects collected: as a family, again, late, with re-runs of old pipelines, and cut off anywhere."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ci_servers import NOON, SHA, Merged, Played, cut_anywhere, drain, recorded_and_replayed, whole
from tribometer.errors import SourceForbidden, SourceGone

SLUG = "gh/acme/checkout"
MORNING = NOON - timedelta(hours=12)


@dataclass
class Organization:
    """Pipelines of projects with their workflows, as CircleCI lists them: newest first, twenty a page."""

    pipelines: dict[str, dict[str, Any]] = field(default_factory=dict)
    workflows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    jobs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    generation: int = 0
    forbidden: str = "nothing"

    def add(self, number: int, at: datetime, *statuses: str, slug: str = SLUG, state: str = "created") -> None:
        """Add a pipeline with a workflow of each status, the second one a re-run of the first."""
        id_ = f"p{number}"
        self.pipelines[id_] = {
            "id": id_, "number": number, "project_slug": slug, "state": state, "created_at": at.isoformat(),
            "vcs": {"revision": SHA}, "trigger": {"type": "webhook"},
        }  # fmt: skip
        self.workflows[id_] = []
        for status in statuses:
            self.rerun(number, at, status)

    def rerun(self, number: int, at: datetime, status: str) -> None:
        """Add one more workflow to a pipeline."""
        its = self.workflows[f"p{number}"]
        its.append({
            "id": f"w{number}-{len(its) + 1}", "name": "build", "status": status,
            "created_at": (at + timedelta(seconds=len(its))).isoformat(),
        })  # fmt: skip
        job = {"id": f"j{number}-{len(its)}", "name": "test", "type": "build", "status": status, "job_number": number}
        self.jobs[its[-1]["id"]] = [job]

    def answer(self, request: httpx.Request) -> Any:  # noqa: PLR0911 - one for each address
        """Answer as CircleCI does."""
        assert request.headers["circle-token"] == "secret"
        path = request.url.path.removeprefix("/api/v2/")
        if path in {self.forbidden, f"project/{self.forbidden}/pipeline", f"workflow/{self.forbidden}/job"}:
            return httpx.Response(403, json={"message": "Permission denied"})
        match path.split("/"):
            case ["pipeline"]:
                return self._listed(list(self.pipelines.values()), request)
            case ["project", *slug, "pipeline"]:
                return self._listed(
                    [p for p in self.pipelines.values() if p["project_slug"] == "/".join(slug)], request
                )
            case ["pipeline", id_]:
                return self.pipelines.get(id_)
            case ["pipeline", id_, "workflow"]:
                return {"items": self.workflows[id_], "next_page_token": None}
            case ["workflow", id_, "job"]:
                return {"items": self.jobs[id_], "next_page_token": None}
            case ["project", *_, "job", number]:
                return {
                    "number": int(number),
                    "queued_at": MORNING.isoformat(),
                    "executor": {"resource_class": "large"},
                }
        return None

    def _listed(self, found: list[dict[str, Any]], request: httpx.Request) -> Any:
        token = request.url.params.get("page-token")
        generation, _, behind = (token or f"{self.generation}/").partition("/")
        if int(generation) != self.generation:
            return httpx.Response(400, json={"message": "Invalid page token"})
        found = sorted(found, key=lambda each: each["created_at"], reverse=True)
        start = next((n for n, each in enumerate(found) if each["id"] == behind), 0)
        onward = f"{self.generation}/{found[start + 20]['id']}" if len(found) > start + 20 else None
        return {"items": found[start : start + 20], "next_page_token": onward}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Organization:
    monkeypatch.setenv("CIRCLECI_TOKEN", "secret")
    return Organization()


def played(account: Organization, **keys: Any) -> Played:
    table = {"kind": "circleci", "organization": "gh/acme", "token": {"env": "CIRCLECI_TOKEN"}, **keys}
    return Played(table, account.answer)


def many(account: Organization, count: int) -> None:
    for number in range(1, count + 1):
        account.add(number, MORNING + timedelta(minutes=number), "success")


def runs(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["id"]: each.get("conclusion") for each in found if each["type"] == "run"}


def test_each_project_that_ran_lately_is_a_source_and_a_pipeline_costs_two_requests(account: Organization) -> None:
    many(account, 50)
    account.add(51, NOON, "success", slug="gh/acme/till")
    source = played(account)
    found = [(name, len(page.events)) for name, page in source.pages()]
    assert found == [
        ("circleci:gh/acme", 0), ("circleci:gh/acme/checkout", 40), ("circleci:gh/acme/checkout", 40),
        ("circleci:gh/acme/checkout", 20), ("circleci:gh/acme/till", 2),
    ]  # fmt: skip
    assert len(source.asked) == 3 + 3 + 1 + 51 * 2
    assert sum("/workflow" in path for path in source.paths()) == 51 * 2
    source.asked.clear()
    assert source.events() == []
    assert source.paths() == [
        "/api/v2/pipeline?org-slug=gh%2Facme&mine=false",
        "/api/v2/project/gh/acme/checkout/pipeline",
        "/api/v2/project/gh/acme/till/pipeline",
    ]


def test_a_project_that_ran_long_ago_is_read_when_it_is_named(account: Organization) -> None:
    many(account, 2)
    source = played(account, projects=["till", "check*"])
    assert {name for name, _ in source.pages()} == {
        "circleci:gh/acme", "circleci:gh/acme/till", "circleci:gh/acme/checkout"
    }  # fmt: skip
    account.pipelines.clear()
    assert {name for name, _ in source.pages()} >= {"circleci:gh/acme/checkout"}


def test_a_collection_that_is_killed_behind_any_page_goes_on_with_less_than_a_page_repeated(
    account: Organization,
) -> None:
    many(account, 50)
    account.add(51, MORNING, "failed")
    account.add(52, MORNING, "running")
    expected = whole(played(account))
    cuts = cut_anywhere(lambda: played(account))
    assert len(cuts) == 3
    assert all(landed == expected for landed, _ in cuts)


def test_a_kept_page_token_that_is_good_no_longer_begins_the_walk_anew(account: Organization) -> None:
    many(account, 30)
    expected = whole(played(account))
    source = played(account)
    landed: Merged = {}
    assert source.take(2, landed)
    assert source.cursors[f"circleci:{SLUG}"]["walk"]["token"] == "0/p10"  # noqa: S105 - of a page
    account.generation = 1
    drain(landed, source.pages())
    assert landed == expected


def test_a_page_token_that_is_refused_in_the_middle_of_a_walk_ends_it(account: Organization) -> None:
    many(account, 50)
    source = played(account)
    pages = source.pages()
    for _ in range(2):
        next(pages)
    account.generation = 1
    with pytest.raises(SourceGone, match="Invalid page token"):
        list(pages)


def test_what_runs_or_is_held_is_told_and_lands_when_it_ends_however_late(account: Organization) -> None:
    account.add(1, MORNING, "running")
    account.add(2, MORNING, "on_hold")
    source = played(account)
    assert runs(source.events()) == {"1/w1-1": None, "2/w2-1": None}
    many_later = NOON + timedelta(days=9)
    source.now = many_later
    account.add(3, NOON, "success")
    source.collect()
    account.workflows["p1"][0]["status"] = "success"
    account.workflows["p2"][0]["status"] = "canceled"
    source.now += timedelta(hours=7)
    assert runs(source.events()) == {"1/w1-1": "success", "2/w2-1": "cancelled"}
    source.asked.clear()
    source.now += timedelta(hours=7)
    source.collect()
    assert len(source.asked) == 2


def test_a_pipeline_that_failed_is_watched_for_reruns_ever_more_seldom_and_not_for_ever(account: Organization) -> None:
    account.add(1, NOON, "failed")
    source = played(account)
    source.collect()
    looks = []
    for _ in range(4 * 24 * 5):
        source.now += timedelta(minutes=15)
        source.asked.clear()
        if source.now == NOON + timedelta(days=1):
            account.rerun(1, source.now, "success")
        found = runs(source.events())
        if any(path == "/api/v2/pipeline/p1" for path in source.paths()):
            looks.append((source.now - NOON) / timedelta(hours=1))
        if found:
            assert found == {"1/w1-2": "success"}
            assert [each for each in source.paths() if "/job" in each] == ["/api/v2/workflow/w1-2/job"]
    assert looks[:6] == [0.5, 1, 2, 4, 8, 14]
    assert len(looks) < 20
    assert max(looks) < 24 * 3.3


def test_a_pipeline_whose_workflows_have_not_come_yet_is_looked_at_again(account: Organization) -> None:
    account.add(1, NOON, state="pending")
    account.add(2, NOON, state="errored")
    source = played(account)
    assert source.events() == []
    account.add(1, NOON, "success")
    source.now += timedelta(minutes=1)
    source.asked.clear()
    assert runs(source.events()) == {"1/w1-1": "success"}
    assert "/api/v2/pipeline/p2" not in source.paths()


def test_a_pipeline_that_is_gone_is_forgotten(account: Organization) -> None:
    account.add(1, NOON, "running")
    source = played(account)
    source.collect()
    account.pipelines.clear()
    source.collect()
    assert "watched" not in source.cursors[f"circleci:{SLUG}"]


def test_details_of_jobs_are_asked_for_only_where_the_settings_want_them(account: Organization) -> None:
    account.add(1, MORNING, "success")
    [job] = [each for each in played(account).events() if each["type"] == "job"]
    assert "queued_at" not in job
    [job] = [each for each in played(account, job_details=True).events() if each["type"] == "job"]
    assert (job["queued_at"], job["runner"]) == ("2026-01-05T00:00:00Z", "large")


def test_a_project_that_may_not_be_read_says_so(account: Organization) -> None:
    account.add(1, MORNING, "success")
    account.forbidden = SLUG
    source = played(account)
    with pytest.raises(SourceForbidden, match="Permission denied"):
        source.collect()
    assert [each.granted for each in source.collector().check()] == [True]


def test_jobs_that_may_not_be_read_lose_nothing_else(account: Organization) -> None:
    account.add(1, MORNING, "success")
    account.add(2, MORNING, "success")
    account.forbidden = "w1-1"
    pages = played(account).collect()
    assert sorted(event.id for page in pages for event in page.events) == ["1/w1-1", "2/w2-1", "2/w2-1/jobs/j2-1"]
    [remark] = [remark for page in pages for remark in page.remarks]
    assert remark.what.startswith("jobs of workflows w1-1 could not be read")
    assert pages[-1].unread == {"job", "gate"}


def test_jobs_that_were_never_read_are_remarked_on_by_later_collections_too(account: Organization) -> None:
    account.add(1, MORNING, "success")
    account.forbidden = "w1-1"
    source = played(account)
    first, later = (source.collect()[-1] for _ in range(2))
    assert later.remarks == first.remarks != ()
    assert later.unread == {"job", "gate"}


def test_a_collection_since_a_time_asks_for_what_was_watched_before_it(account: Organization) -> None:
    account.add(1, MORNING, "running")
    source = played(account)
    source.collect()
    source.since = NOON
    account.add(1, MORNING, "success")
    assert set(runs(source.events()).values()) == {"success"}


def test_a_watched_pipeline_that_is_forbidden_is_named_and_not_forgotten(account: Organization) -> None:
    account.add(1, NOON, "running")
    source = played(account)
    source.collect()
    account.forbidden = "pipeline/p1"
    pages = source.collect()
    assert [remark.what.partition(" could")[0] for page in pages for remark in page.remarks] == ["pipelines p1"]
    assert "run" in pages[-1].unread
    account.forbidden = "nothing"
    account.add(1, NOON, "success")
    assert "success" in {each.get("conclusion") for each in source.events()}


def test_details_of_jobs_that_may_not_be_read_are_remarked_on(account: Organization) -> None:
    account.add(1, MORNING, "success")
    account.forbidden = f"project/{SLUG}/job/1"
    pages = played(account, job_details=True).collect()
    assert [remark.what.partition(" could")[0] for page in pages for remark in page.remarks] == ["details of jobs 1"]


def test_a_replay_lands_the_same_and_the_recording_names_nobody(account: Organization, tmp_path: Path) -> None:
    many(account, 30)
    account.pipelines["p1"]["trigger"]["actor"] = {"login": "ann", "avatar_url": "https://example.org/ann.png"}
    live, again, text = recorded_and_replayed(played(account, job_details=True), tmp_path)
    assert len(live) == 60
    assert live == again
    assert "ann" not in text
    assert "secret" not in text
