"""Workflow runs: every attempt, those that end late, and those that are started again."""

from datetime import timedelta
from typing import Any

from collectors.collection import beginning
from github_forge import NOW, Collected, Forge, Repository, collect, job, run, time

RUN = "acme/checkout/runs/{}/{}"


def conclusions(found: Collected) -> dict[str, str | None]:
    return {
        identity.removeprefix("acme/checkout/runs/"): event.conclusion for identity, event in found.of("run").items()
    }


def asked(forge: Forge, part: str) -> list[str]:
    return [question for question in forge.asked if part in question and not question.endswith("304")]


def rerun(repository: Repository, number: int, started: float, *, conclusion: str = "success") -> None:
    """Start a run again: its first attempt is kept, and so are the jobs."""
    (at,) = [at for at, raw in enumerate(repository.runs) if raw["id"] == number]
    before = repository.runs[at]
    attempt = before["run_attempt"] + 1
    repository.attempts[number, before["run_attempt"]] = before
    changes = {"run_attempt": attempt, "run_started_at": time(started), "updated_at": time(started, 600)}
    repository.runs[at] = {**before, **changes, "conclusion": conclusion}
    repository.jobs[number] = [*repository.jobs[number], job(number * 10 + attempt, number, started, attempt)]


def test_a_run_that_was_started_again_is_told_attempt_by_attempt_with_its_jobs() -> None:
    forge = Forge()
    repository = forge.add(runs=[run(1, 10, conclusion="failure")], jobs={1: [job(11, 1, 10, conclusion="failure")]})
    rerun(repository, 1, 11)
    found = collect(forge.collector())
    assert conclusions(found) == {"1/1": "failure", "1/2": "success"}
    first, second = (found.of("run")[RUN.format(1, attempt)] for attempt in (1, 2))
    assert first.created_at == second.created_at < first.completed_at < second.started_at < second.completed_at
    assert {event.run.id for event in found.of("job").values()} == {first.id, second.id}


def test_a_run_that_ends_three_collections_later_is_told_when_it_has() -> None:
    forge = Forge()
    going_on: dict[str, Any] = {"status": "in_progress", "conclusion": None}
    forge.add(runs=[run(1, 1, **going_on), run(2, 50)], jobs={1: [], 2: [job(21, 2, 50)]})
    collector = forge.collector()
    found = collect(collector)
    assert conclusions(found) == {"1/1": None, "2/1": "success"}
    for _ in range(2):
        found = collect(collector, found)
        assert found.events == []
    forge.repositories["checkout"].runs[0] = run(1, 1)
    forge.repositories["checkout"].jobs[1] = [job(11, 1, 1)]
    found = collect(collector, found)
    assert conclusions(found) == {"1/1": "success"}
    assert found.of("job")["acme/checkout/jobs/11"].completed_at == found.of("run")[RUN.format(1, 1)].completed_at
    forge.asked.clear()
    assert collect(collector, found).events == []
    assert asked(forge, "/actions/runs/1") == []


def test_a_collection_since_a_time_asks_for_runs_that_were_open_before_it() -> None:
    forge = Forge()
    going_on: dict[str, Any] = {"status": "in_progress", "conclusion": None}
    forge.add(runs=[run(1, 1, **going_on), run(2, 50)], jobs={1: [], 2: [job(21, 2, 50)]})
    collector = forge.collector()
    before = collect(collector).cursors
    forge.repositories["checkout"].runs[0] = run(1, 1)
    (member,) = next(iter(collector.collect(None))).members or ()
    since = beginning(member, before[member.name], forge.now - timedelta(days=5))
    found = collect(collector, Collected(cursors={**before, member.name: since}))
    assert conclusions(found)["1/1"] == "success"


def test_a_run_that_was_deleted_before_it_ended_is_asked_for_once_more_and_then_forgotten() -> None:
    forge = Forge()
    forge.add(runs=[run(1, 1, status="queued", conclusion=None), run(2, 50)], jobs={1: [], 2: []})
    collector = forge.collector()
    found = collect(collector)
    del forge.repositories["checkout"].runs[0]
    found = collect(collector, found)
    forge.asked.clear()
    assert collect(collector, found).remarks == []
    assert asked(forge, "/actions/runs/1") == []


def test_a_run_whose_jobs_are_gone_is_told_without_them() -> None:
    forge = Forge()
    forge.add(runs=[run(1, 1), run(2, 2), run(3, 3)], jobs={1: [job(11, 1, 1)], 3: [job(31, 3, 3)]})
    found = collect(forge.collector())
    assert conclusions(found) == {"1/1": "success", "2/1": "success", "3/1": "success"}
    assert set(found.of("job")) == {"acme/checkout/jobs/11", "acme/checkout/jobs/31"}


def test_only_runs_that_are_new_or_another_than_they_were_cost_a_question_about_their_jobs() -> None:
    forge = Forge()
    numbers = range(1, 31)
    repository = forge.add(runs=[run(n, 50 + n / 100) for n in numbers], jobs={n: [job(n, n, 50)] for n in numbers})
    collector = forge.collector()
    found = collect(collector)
    repository.runs.append(run(31, 51))
    repository.jobs[31] = [job(31, 31, 51)]
    rerun(repository, 7, 51)
    forge.asked.clear()
    found = collect(collector, found)
    assert set(conclusions(found)) == {"31/1", "7/1", "7/2"}
    assert sorted(asked(forge, "/actions/runs/")) == [
        "GET /repos/acme/checkout/actions/runs/31/jobs 200",
        "GET /repos/acme/checkout/actions/runs/7/attempts/1 200",
        "GET /repos/acme/checkout/actions/runs/7/jobs 200",
    ]


def test_a_run_that_is_started_again_weeks_later_is_found_within_a_day() -> None:
    forge = Forge()
    repository = forge.add(runs=[run(1, 40), run(2, 40), run(3, 58)], jobs={1: [job(11, 1, 40)], 2: [], 3: []})
    collector = forge.collector()
    found = collect(collector)
    rerun(repository, 1, 59.51)
    forge.now = NOW + timedelta(hours=1)
    found = collect(collector, found)
    assert found.events == []
    forge.now = NOW + timedelta(hours=25)
    found = collect(collector, found)
    assert set(conclusions(found)) == {"1/1", "1/2"}
    forge.now = NOW + timedelta(hours=50)
    forge.asked.clear()
    found = collect(collector, found)
    assert found.events == []
    assert asked(forge, "/jobs") == []


def test_more_runs_than_a_filtered_list_holds_are_all_read() -> None:
    forge = Forge()
    numbers = range(1, 2501)
    # many of one second stand across the end of a list
    forge.add(runs=[run(n, n // 40) for n in numbers])
    found = collect(forge.collector(jobs=False))
    assert len(found.of("run")) == 2500
    # 25 lists, and at the two borders those of one second once more
    assert len(asked(forge, "/actions/runs ")) <= 27


def test_a_run_with_more_jobs_than_a_page_gives_all_of_them() -> None:
    forge = Forge()
    forge.add(runs=[run(1, 1)], jobs={1: [job(n, 1, 1) for n in range(1, 251)]})
    found = collect(forge.collector())
    assert len(found.of("job")) == 250
    assert len(asked(forge, "/jobs")) == 3


def test_runs_of_the_workflow_that_deploys_are_deployments_and_no_others_are_read() -> None:
    forge = Forge()
    path = ".github/workflows/deploy-prod.yml"
    forge.add(
        runs=[run(1, 1), run(2, 2, path=path), run(3, 3, path=path, conclusion="failure")], jobs={2: [job(21, 2, 2)]}
    )
    found = collect(forge.collector(deployments={"from": "workflow", "name": "deploy*", "environment": "live"}))
    assert {identity: (event.status, event.environment) for identity, event in found.of("deployment").items()} == {
        "acme/checkout/runs/2/1/deployment": ("success", "live"),
        "acme/checkout/runs/3/1/deployment": ("failure", "live"),
    }
    deployed = found.of("deployment")["acme/checkout/runs/2/1/deployment"]
    assert deployed.finished_at == found.of("run")[RUN.format(2, 1)].completed_at
    assert asked(forge, "deployments") == []


def test_a_run_without_a_number_is_rejected_and_the_others_are_told() -> None:
    forge = Forge()
    forge.add(runs=[run(1, 1), {**run(2, 2), "id": None}], jobs={1: [job(11, 1, 1)]})
    collector = forge.collector(jobs=False)
    found = collect(collector)
    assert [each.content for each in found.rejected] == ["run of acme/checkout"]
    assert list(conclusions(found)) == ["1/1"]
    assert collect(collector, found).events == []
