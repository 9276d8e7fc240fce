"""Deployments that GitHub keeps by environment, the gates they waited at, and releases in their place."""

from datetime import datetime
from typing import Any

import pytest

from github_forge import Collected, Forge, Repository, collect, deployment, job, run, sha, time

LOG = "https://github.com/acme/checkout/actions/runs/{}/job/{}"
HUMAN, TIMER = {"type": "REQUIRED_REVIEWERS", "timeout": 0}, {"type": "WAIT_TIMER", "timeout": 30}
DECIDED = {"state": "approved", "environments": [{"name": "production"}], "user": {"login": "bob", "type": "User"}}


def gated(number: int, created: float, *states: tuple[str, int], of_run: int = 7, of_job: int = 71) -> dict[str, Any]:
    """A deployment made by a run, with statuses at so many minutes after its creation."""
    statuses = [
        {"state": state, "createdAt": time(created, 60 * minute), "logUrl": LOG.format(of_run, of_job)}
        for state, minute in states
    ]
    return deployment(number, created) | {"statuses": {"nodes": statuses[::-1]}}


def forge_with(*deployments: dict[str, Any], rules: list[dict[str, Any]] | None = None, **other: Any) -> Forge:
    forge = Forge()
    environments = [{"name": "production", "protectionRules": {"nodes": rules or []}}]
    forge.add(
        deployments=list(deployments),
        environments=environments,
        runs=[run(7, 1)],
        jobs={7: [job(71, 7, 1)]},
        other={"actions/runs/7/approvals": [], **other},
    )
    return forge


def gates(found: Collected) -> dict[str, tuple[str, int, int | None, str | None]]:
    """Kind, minutes from the deployment's creation to request and decision, and what was decided, by id."""
    begun = datetime.fromisoformat(time(1))

    def minutes(at: datetime | None) -> int | None:
        return None if at is None else round((at - begun).total_seconds() / 60)

    return {
        identity: (gate.kind, minutes(gate.requested_at) or 0, minutes(gate.decided_at), gate.decision)
        for identity, gate in found.of("gate").items()
    }


def checkout(forge: Forge) -> Repository:
    return forge.repositories["checkout"]


def test_a_deployment_of_a_run_names_the_attempt_that_made_it() -> None:
    forge = forge_with(
        gated(1, 1, ("IN_PROGRESS", 1), ("SUCCESS", 2)), gated(2, 2, ("SUCCESS", 2), of_run=99, of_job=991)
    )
    found = collect(forge.collector()).of("deployment")
    assert found["acme/checkout/deployments/1"].run.id == "acme/checkout/runs/7/1"
    # that run is older than what GitHub keeps: its attempt is not guessed
    assert found["acme/checkout/deployments/2"].run is None


def test_of_a_run_that_was_started_again_the_job_tells_the_attempt() -> None:
    forge = forge_with(gated(1, 1, ("SUCCESS", 2), of_job=72))
    again = {"run_attempt": 2, "run_started_at": time(2), "updated_at": time(2, 600)}
    checkout(forge).attempts[7, 1] = checkout(forge).runs[0]
    checkout(forge).runs[0] = {**checkout(forge).runs[0], **again}
    checkout(forge).jobs[7].append(job(72, 7, 2, 2))
    found = collect(forge.collector()).of("deployment")
    assert found["acme/checkout/deployments/1"].run.id == "acme/checkout/runs/7/2"


def test_a_deployment_that_ends_late_is_asked_for_until_it_has() -> None:
    forge = Forge()
    repository = forge.add(deployments=[deployment(1, 1, "IN_PROGRESS"), deployment(2, 50, "SUCCESS")])
    collector = forge.collector()
    found = collect(collector)
    assert found.of("deployment")["acme/checkout/deployments/1"].status == "running"
    found = collect(collector, found)
    repository.deployments[0] = deployment(1, 1, "IN_PROGRESS", "FAILURE")
    found = collect(collector, found)
    assert found.of("deployment")["acme/checkout/deployments/1"].status == "failure"
    forge.asked.clear()
    assert collect(collector, found).events == []
    assert not any("SomeDeployments" in question for question in forge.asked)


def test_a_deployment_that_was_deleted_before_it_ended_is_forgotten() -> None:
    forge = Forge()
    repository = forge.add(deployments=[deployment(1, 1, "QUEUED"), deployment(2, 50, "SUCCESS")])
    collector = forge.collector()
    found = collect(collector)
    del repository.deployments[0]
    found = collect(collector, collect(collector, found))
    forge.asked.clear()
    collect(collector, found)
    assert not any("SomeDeployments" in question for question in forge.asked)


@pytest.mark.parametrize(
    ("rules", "approvals", "ends", "expected"),
    [
        ([HUMAN], [DECIDED], 90, {"human": (2, 90, "approved")}),
        ([HUMAN], [{**DECIDED, "state": "rejected"}], 90, {"human": (2, 90, "rejected")}),
        ([HUMAN], [{**DECIDED, "environments": [{"name": "staging"}]}], 90, {"human": (2, 90, None)}),
        ([], [DECIDED], 90, {"human": (2, 90, "approved")}),
        ([TIMER], [], 32, {"timer": (2, 32, None)}),
        ([TIMER], [], 20, {"timer": (2, 20, None)}),
        ([HUMAN, TIMER], [DECIDED], 90, {"timer": (2, 32, None), "human": (2, 90, "approved")}),
        # the timer ended the wait: when somebody approved before it did is not known
        ([HUMAN, TIMER], [DECIDED], 32, {"timer": (2, 32, None)}),
        ([], [], 90, {"policy": (2, 90, None)}),
    ],
)
def test_a_wait_that_is_over_is_a_gate_of_who_or_what_was_waited_for(
    rules: list[dict[str, Any]], approvals: list[dict[str, Any]], ends: int, expected: dict[str, tuple[Any, ...]]
) -> None:
    states = (("QUEUED", 2), ("WAITING", 2), ("QUEUED", ends), ("IN_PROGRESS", ends + 1), ("SUCCESS", ends + 5))
    forge = forge_with(gated(1, 1, *states), rules=rules, **{"actions/runs/7/approvals": approvals})
    found = collect(forge.collector())
    assert gates(found) == {
        f"acme/checkout/runs/7/1/gates/production/{kind}": (kind, *wait) for kind, wait in expected.items()
    }
    assert all(gate.deployment.id == "acme/checkout/deployments/1" for gate in found.of("gate").values())


def test_a_wait_that_goes_on_is_an_open_gate_and_is_decided_later() -> None:
    pending = {"environment": {"name": "production"}, "wait_timer": 0, "wait_timer_started_at": None, "reviewers": [{}]}
    forge = forge_with(gated(1, 1, ("WAITING", 2)), rules=[HUMAN], **{"actions/runs/7/pending_deployments": [pending]})
    collector = forge.collector()
    first = collect(collector)
    identity = "acme/checkout/runs/7/1/gates/production/human"
    assert gates(first) == {identity: ("human", 2, None, None)}
    checkout(forge).deployments[0] = gated(1, 1, ("WAITING", 2), ("QUEUED", 3000), ("SUCCESS", 3010))
    checkout(forge).other["actions/runs/7/approvals"] = [DECIDED]
    assert gates(collect(collector, first)) == {identity: ("human", 2, 3000, "approved")}


def test_deployments_that_never_waited_cost_no_question_about_gates() -> None:
    forge = forge_with(*(gated(n, n, ("IN_PROGRESS", 1), ("SUCCESS", 2)) for n in range(1, 101)), rules=[HUMAN])
    found = collect(forge.collector())
    assert len(found.of("deployment")) == 100
    assert not any("approvals" in each or "Environments" in each for each in forge.asked)


def test_the_attempt_of_a_wait_is_asked_for_by_its_job_where_the_run_was_not_read() -> None:
    states = (("WAITING", 2), ("QUEUED", 9), ("SUCCESS", 10))
    known = {"actions/jobs/81": {"id": 81, "run_attempt": 3}, "actions/runs/8/approvals": [DECIDED]}
    forge = forge_with(gated(1, 1, *states, of_run=8, of_job=81), rules=[HUMAN], **known)
    assert list(gates(collect(forge.collector()))) == ["acme/checkout/runs/8/3/gates/production/human"]


def release(number: int, created: float, tag: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"RE_{number}", "databaseId": number, "tagName": tag, "isDraft": False, "isPrerelease": False,
        "createdAt": time(created), "publishedAt": time(created, 60), "updatedAt": time(created, 60),
        "url": f"https://github.com/acme/checkout/releases/tag/{tag}", "tagCommit": {"oid": sha(tag)}, **more,
    }  # fmt: skip


def test_a_repository_without_any_deployment_has_its_releases_for_them() -> None:
    forge = Forge()
    repository = forge.add(
        releases=[release(1, 1, "v1.0"), release(2, 2, "v1.1-rc1"), release(3, 3, "v1.1", isPrerelease=True)]
    )
    collector = forge.collector()
    found = collect(collector)
    (made,) = found.of("deployment").values()
    assert (made.id, made.sha, made.inferred_from) == ("acme/checkout/releases/1", sha("v1.0"), "annotated_tag")
    assert made.finished_at == datetime.fromisoformat(time(1, 60))
    repository.deployments.append(deployment(9, 4, "SUCCESS"))
    repository.releases.append(release(4, 5, "v2.0"))
    assert set(collect(collector, found).of("deployment")) == {"acme/checkout/deployments/9"}


def test_releases_that_are_declared_to_deploy_are_no_inference() -> None:
    forge = Forge()
    forge.add(releases=[release(n, n, f"v1.{n}") for n in range(1, 151)], deployments=[deployment(9, 4, "SUCCESS")])
    found = collect(forge.collector(deployments={"from": "releases"})).of("deployment")
    assert len(found) == 150
    assert {made.inferred_from for made in found.values()} == {None}


def test_a_release_that_is_gone_takes_its_deployment_back() -> None:
    forge = Forge()
    repository = forge.add(releases=[release(1, 1, "v1.0"), release(2, 2, "v1.1")])
    collector = forge.collector(deployments={"from": "releases"})
    found = collect(collector)
    del repository.releases[0]
    found = collect(collector, found)
    assert found.of("deployment")["acme/checkout/releases/1"].status == "cancelled"
    del repository.releases[0]
    assert collect(collector, found).of("deployment")["acme/checkout/releases/2"].status == "cancelled"
