"""Jenkins' jobs collected: folders and branches as a family, oldest builds first, again, late, and cut off."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from ci_servers import SHA, Played, cut_anywhere, recorded_and_replayed, whole
from collectors import build
from tribometer.errors import ConfigurationError, SourceForbidden

BEGAN = 1_767_603_600_000
TABLE = {"kind": "jenkins", "url": "https://ci.example.org/jenkins", "user": "ann", "token": {"env": "JENKINS_TOKEN"}}
FREESTYLE, PIPELINE = "hudson.model.FreeStyleBuild", "org.jenkinsci.plugins.workflow.job.WorkflowRun"
SOURCE = "jenkins:ci.example.org/jenkins"


@dataclass
class Jenkins:
    """A server: jobs by full name with their builds by number, in folders that may be multibranch projects."""

    jobs: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    multibranch: set[str] = field(default_factory=set)
    paused: bool = False
    has_stages: bool = True
    forbidden: str = "nothing"
    begins_meanwhile: int = 0

    def add(self, job: str, number: int, result: str | None = "SUCCESS", kind: str = FREESTYLE, **more: Any) -> None:
        """Add a build, or replace it."""
        data = {"lastBuiltRevision": {"SHA1": SHA}, "remoteUrls": ["https://github.com/acme/checkout"]}
        self.jobs.setdefault(job, {})[number] = {
            "_class": kind, "number": number, "result": result, "building": result is None,
            "timestamp": BEGAN + number * 60_000, "duration": 1000, "actions": [data], **more,
        }  # fmt: skip

    def answer(self, request: httpx.Request) -> Any:
        """Answer as Jenkins does."""
        assert request.headers["authorization"] == "Basic YW5uOnNlY3JldA=="
        path = request.url.raw_path.decode().partition("?")[0].removeprefix("/jenkins")
        tree = request.url.params.get("tree", "")
        found = re.fullmatch(
            r"((?:/job/[^/]+)*)/(?:(\d+)/)?(api/json|wfapi/describe|execution/node/(\d+)/wfapi/describe)", path
        )
        assert found, path
        # a name in the address is quoted once more than it is written
        job = "/".join(unquote(each) for each in found[1].split("/job/")[1:])
        if job == self.forbidden:
            return httpx.Response(403, text="<html>denied</html>")
        if found[3] != "api/json":
            return self._stages(found[4]) if self.has_stages else None
        if found[2]:
            return self.jobs[job].get(int(found[2]))
        if not tree.startswith("allBuilds"):
            return {**self._entry(job, 1), "jobs": self._folder(f"{job}/" if job else "", tree.count("jobs["))}
        return self._builds(job, tree)

    def _stages(self, node: str | None) -> dict[str, Any]:
        status = "PAUSED_PENDING_INPUT" if self.paused else "SUCCESS"
        if node:
            waits = {"id": "7", "name": "Wait for interactive input", "status": status, "startTimeMillis": BEGAN}
            return {"stageFlowNodes": [{**waits, "pauseDurationMillis": 1000}]}
        stage = {"id": "5", "name": "Test", "status": status, "startTimeMillis": BEGAN, "durationMillis": 5}
        return {"stages": [{**stage, "pauseDurationMillis": 1000}]}

    def _builds(self, job: str, tree: str) -> dict[str, Any]:
        newest = max(self.jobs[job])
        for number in range(newest + 1, newest + 1 + self.begins_meanwhile):
            self.add(job, number)
        builds = [each for _, each in sorted(self.jobs[job].items(), reverse=True)]
        bounds = re.search(r"\{(\d+),(\d+)\}$", tree)
        return {"allBuilds": builds[int(bounds[1]) : int(bounds[2])] if bounds else builds}

    def _folder(self, prefix: str, depth: int) -> list[dict[str, Any]]:
        names = {name.removeprefix(prefix).partition("/")[0] for name in self.jobs if name.startswith(prefix)}
        return [self._entry(prefix + name, depth) for name in sorted(names)]

    def _entry(self, path: str, depth: int) -> dict[str, Any]:
        if path in self.jobs:
            last = {"number": max(self.jobs[path])} if self.jobs[path] else None
            return {"_class": "org.jenkinsci.plugins.workflow.job.WorkflowJob", "fullName": path, "lastBuild": last}
        kind = "WorkflowMultiBranchProject" if path in self.multibranch else "Folder"
        inner = {"jobs": self._folder(f"{path}/", depth - 1)} if depth > 1 else {}
        return {"_class": f"org.example.{kind}", "fullName": path, **inner}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Jenkins:
    monkeypatch.setenv("JENKINS_TOKEN", "secret")
    return Jenkins()


def played(server: Jenkins, **keys: Any) -> Played:
    return Played({**TABLE, **keys}, server.answer)


def runs(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {each["id"]: each.get("conclusion") for each in found if each["type"] == "run"}


def test_jobs_in_folders_and_branches_are_found_however_deep_and_a_project_is_a_source(server: Jenkins) -> None:
    server.multibranch = {"shop/checkout"}
    for job in ("nightly", "shop/checkout/main", "shop/checkout/feature%2Flogin", "a/b/c/d/e/f/g/deep"):
        server.add(job, 1)
    source = played(server)
    pages = list(source.pages())
    assert dict.fromkeys(name for name, _ in pages) == dict.fromkeys([
        SOURCE, f"{SOURCE}/a/b/c/d/e/f/g/deep", f"{SOURCE}/nightly", f"{SOURCE}/shop/checkout"
    ])  # fmt: skip
    found = {event.id: event for _, page in pages for event in page.events if event.type == "run"}
    branch: Any = found["shop/checkout/feature%2Flogin/builds/1"]
    assert (branch.workflow, branch.branch) == ("shop/checkout", "feature/login")
    # the tree, a folder below its depth, and one for each job
    assert len(source.asked) == 2 + 4


@pytest.mark.parametrize("folder", ["", "a/b/c/d/e"])
def test_branches_of_a_project_at_the_edge_of_a_question_stay_together(server: Jenkins, folder: str) -> None:
    server.multibranch = {"a/b/c/d/e"}
    for branch in ("main", "PR-1"):
        server.add(f"a/b/c/d/e/{branch}", 1)
    assert dict.fromkeys(name for name, _ in played(server, folder=folder).pages()) == dict.fromkeys(
        [SOURCE, f"{SOURCE}/a/b/c/d/e"]
    )


def test_a_job_without_new_builds_costs_nothing(server: Jenkins) -> None:
    server.add("nightly", 1)
    server.jobs["empty"] = {}
    source = played(server)
    source.collect()
    source.asked.clear()
    assert source.events() == []
    assert len(source.asked) == 1


def test_only_the_jobs_of_the_settings_are_read(server: Jenkins) -> None:
    for job in ("shop/nightly", "shop/till", "other"):
        server.add(job, 1)
    assert runs(played(server, folder="shop", jobs=["*/night*"]).events()).keys() == {"shop/nightly/builds/1"}


def test_many_builds_come_oldest_first_a_hundred_a_request(server: Jenkins) -> None:
    for number in range(1, 351):
        server.add("nightly", number)
    source = played(server)
    pages = [page for page in source.collect() if page.events]
    assert [(len(page.events) // 2, page.cursor["jobs"]["nightly"]["seen"]) for page in pages] == [
        (100, 100), (100, 200), (100, 300), (50, 350),
    ]  # fmt: skip
    # the tree, the numbers, four pages
    assert len(source.asked) == 6


@pytest.mark.parametrize("each_time", [7, 30])
def test_builds_that_begin_while_older_ones_are_read_leave_no_hole(server: Jenkins, each_time: int) -> None:
    for number in range(1, 351):
        server.add("nightly", number)
    server.begins_meanwhile = each_time
    source = played(server)
    found = runs(source.events())
    assert found.keys() >= {f"nightly/builds/{number}" for number in range(1, 351)}
    server.begins_meanwhile = 0
    found |= runs(source.events())
    assert found.keys() == {f"nightly/builds/{number}" for number in server.jobs["nightly"]}


def test_a_collection_that_is_killed_behind_any_page_goes_on_with_less_than_a_page_repeated(server: Jenkins) -> None:
    server.multibranch = {"checkout"}
    for number in range(1, 251):
        server.add("checkout/main", number, None if number == 30 else "SUCCESS", PIPELINE)
    server.add("checkout/PR-1", 1)
    undisturbed = played(server)
    expected = whole(undisturbed)
    cuts = cut_anywhere(lambda: played(server))
    assert len(cuts) == 5
    assert all(landed == expected for landed, _ in cuts)
    # the tree and the numbers again, and the unfinished build with its stages and its input
    assert max(requests for _, requests in cuts) <= len(undisturbed.asked) + 5


def test_a_build_that_runs_is_told_and_lands_when_it_ends_however_late(server: Jenkins) -> None:
    server.add("nightly", 1, None)
    source = played(server)
    assert runs(source.events()) == {"nightly/builds/1": None}
    server.add("nightly", 2)
    assert runs(source.events()) == {"nightly/builds/1": None, "nightly/builds/2": "success"}
    server.add("nightly", 1, "FAILURE")
    assert runs(source.events()) == {"nightly/builds/1": "failure"}
    assert source.events() == []


def test_builds_and_branches_that_are_gone_are_forgotten(server: Jenkins) -> None:
    server.multibranch = {"checkout"}
    server.add("checkout/main", 1, None)
    server.add("checkout/main", 2)
    server.add("checkout/old", 1, None)
    source = played(server)
    source.collect()
    del server.jobs["checkout/main"][1]
    del server.jobs["checkout/old"]
    source.collect()
    assert source.cursors[f"{SOURCE}/checkout"] == {"jobs": {"checkout/main": {"seen": 2}}}


def test_stages_and_inputs_of_a_pipeline_are_asked_for_until_it_has_ended(server: Jenkins) -> None:
    server.add("checkout", 1, None, PIPELINE)
    server.paused = True
    source = played(server)
    [gate] = [each for each in source.events() if each["type"] == "gate"]
    assert "decided_at" not in gate
    assert [path.removeprefix("/jenkins/job/checkout/1/") for path in source.paths()[2:]] == [
        "wfapi/describe", "execution/node/5/wfapi/describe",
    ]  # fmt: skip
    server.add("checkout", 1, kind=PIPELINE)
    server.paused = False
    found = source.events()
    assert [(each["type"], each.get("decision")) for each in found] == [
        ("run", None), ("job", None), ("gate", "approved"),
    ]  # fmt: skip


def test_without_the_plugin_for_stages_runs_come_all_the_same_with_a_remark(server: Jenkins) -> None:
    server.has_stages = False
    server.add("checkout", 1, kind=PIPELINE)
    server.add("checkout", 2, kind=PIPELINE)
    source = played(server)
    pages = source.collect()
    assert [event.type for page in pages for event in page.events] == ["run", "run"]
    [remark] = [remark for page in pages for remark in page.remarks]
    assert "stages of pipelines of checkout could not be read" in remark.what
    assert "Pipeline: REST API" in remark.do
    assert pages[-1].unread == {"job", "gate"}
    assert source.collect()[-1].unread == {"job", "gate"}
    server.has_stages = True
    server.add("checkout", 3, kind=PIPELINE)
    assert (source.collect()[-1].remarks, source.collect()[-1].unread) == ([], frozenset())


def test_a_branch_that_may_not_be_read_is_named_and_its_project_does_not_vouch_for_it(server: Jenkins) -> None:
    server.multibranch = {"checkout"}
    server.add("checkout/main", 1)
    server.add("checkout/secret", 1)
    server.forbidden = "checkout/secret"
    pages = played(server).collect()
    assert [event.id for page in pages for event in page.events if event.type == "run"] == ["checkout/main/builds/1"]
    [remark] = [remark for page in pages for remark in page.remarks]
    assert remark.what.startswith("builds of checkout/secret could not be read")
    assert "--full" in remark.do
    assert "run" in pages[-1].unread


def test_a_project_none_of_whose_branches_may_be_read_cannot_be_read(server: Jenkins) -> None:
    server.add("checkout", 1)
    server.forbidden = "checkout"
    with pytest.raises(SourceForbidden):
        played(server).collect()


def test_replays_are_attempts_of_the_build_they_began_with(server: Jenkins) -> None:
    server.add("checkout", 1)
    data = server.jobs["checkout"][1]["actions"][0]

    def replay(number: int, of: int) -> None:
        cause = {"_class": "org.x.ReplayCause", "shortDescription": f"Replayed #{of}"}
        server.add("checkout", number, actions=[{"causes": [cause]}, data])

    replay(2, 1)
    source = played(server)
    source.collect()
    replay(3, 2)
    replay(4, 1)
    found = {each["id"]: (each["run"], each["attempt"]) for each in source.events() if each["type"] == "run"}
    assert found == {"checkout/builds/3": ("checkout/1", 3), "checkout/builds/4": ("checkout/1", 4)}


def test_builds_without_a_revision_and_with_several_are_remarked_on(server: Jenkins) -> None:
    server.add("cleanup", 1, actions=[])
    server.add("cleanup", 2, "ABORTED", actions=[])
    library = {"lastBuiltRevision": {"SHA1": SHA}, "remoteUrls": ["https://github.com/acme/library"]}
    server.add("checkout", 1)
    server.jobs["checkout"][1]["actions"].append(library)
    source = played(server)
    remarks = [remark.what for page in source.collect() for remark in page.remarks]
    assert remarks == [
        "builds check out several repositories (acme/checkout, acme/library)",
        "builds of ci.example.org/jenkins/cleanup name no git revision, so nothing is told of them",
    ]
    # what was remarked on stays so until it is mended
    assert [remark.what for page in source.collect() for remark in page.remarks] == remarks


def test_a_collection_since_a_time_reads_what_came_later_and_does_not_go_back(server: Jenkins) -> None:
    for number in range(1, 11):
        server.add("nightly", number)
    source = played(server)
    member = f"{SOURCE}/nightly"
    source.cursors[member] = {"since": "2026-01-05T09:09:00+00:00"}
    assert runs(source.events()).keys() == {"nightly/builds/9", "nightly/builds/10"}
    assert source.events() == []
    assert source.cursors[member] == {"jobs": {"nightly": {"seen": 10}}}


def test_a_collection_since_a_time_asks_for_what_was_open_and_passes_over_nothing(server: Jenkins) -> None:
    for number in range(1, 11):
        server.add("nightly", number, None if number in {2, 10} else "SUCCESS")
    source = played(server)
    source.collect()
    source.since = datetime(2026, 1, 5, 9, 9, tzinfo=UTC)
    server.add("nightly", 2)
    assert runs(source.events()) == {
        "nightly/builds/2": "success", "nightly/builds/9": "success", "nightly/builds/10": None,
    }  # fmt: skip
    assert source.cursors[f"{SOURCE}/nightly"] == {"jobs": {"nightly": {"seen": 10, "open": [10]}}}


def test_a_folder_that_may_not_be_read_is_remarked_on_and_the_others_are_read(server: Jenkins) -> None:
    server.add("a/b/c/d/e/f", 1)
    server.add("nightly", 1)
    server.forbidden = "a/b/c/d/e"
    pages = played(server).collect()
    assert [remark.what for remark in pages[0].remarks] == ["folder a/b/c/d/e cannot be read"]
    assert [event.id for page in pages for event in page.events if event.type == "run"] == ["nightly/builds/1"]


def test_a_server_that_shows_nothing_is_remarked_on(server: Jenkins) -> None:
    source = played(server)
    [page] = source.collect()
    assert [remark.what for remark in page.remarks] == ["no job is visible"]
    assert [each.granted for each in source.collector().check()] == [True]


def test_a_user_without_a_token_is_a_mistake_in_the_settings(tmp_path: Any) -> None:
    with pytest.raises(ConfigurationError, match="both `user` and `token`"):
        build({**TABLE, "token": None}, origin="test.toml", data=tmp_path)


def test_a_replay_lands_the_same_and_the_recording_names_nobody(server: Jenkins, tmp_path: Path) -> None:
    server.multibranch = {"checkout"}
    cause = {"_class": "hudson.model.Cause$UserIdCause", "shortDescription": "Started by user Ann", "userId": "ann"}
    server.add("checkout/main", 1, kind=PIPELINE)
    server.jobs["checkout/main"][1]["actions"].append({"causes": [cause]})
    live, again, text = recorded_and_replayed(played(server), tmp_path)
    assert [each[1] for each in live] == ["run", "job", "gate"]
    assert live == again
    assert "Ann" not in text
    assert '"ann"' not in text
