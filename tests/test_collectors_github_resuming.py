"""What a collection of GitHub that was cut off, or comes again, asks for: nothing lost, nothing twice."""

from collections import Counter
from typing import Any

import pytest

from github_forge import Collected, Forge, Repository, collect, commit, deployment, job, pull_request, run, time


def busy(forge: Forge) -> Repository:
    """A repository with several pages of everything."""
    numbers = range(1, 251)
    return forge.add(
        commits=[commit(n, n / 10, n - 1) for n in reversed(numbers)],
        pull_requests=[pull_request(n, n / 10, commits=[{"commit": commit(f"own {n}", n / 10, n)}]) for n in numbers],
        runs=[run(n, n / 10) for n in numbers],
        jobs={n: [job(1000 + n, n, n / 10)] for n in numbers},
        deployments=[deployment(n, n / 10, "QUEUED", "IN_PROGRESS", "SUCCESS") for n in numbers],
        issues=[issue(n, n / 10) for n in range(1001, 1151)],
    )


def issue(number: int, updated: float) -> dict[str, Any]:
    return {"number": number, "title": "Down", "created_at": time(updated), "updated_at": time(updated),
            "closed_at": None, "labels": [{"name": "incident"}]}  # fmt: skip


def told(*collected: Collected) -> dict[tuple[str, str], Any]:
    """The last event of each id."""
    return {(event.type, event.id): event for each in collected for event in each.events}


def test_a_first_collection_tells_everything_once() -> None:
    forge = Forge()
    busy(forge)
    found = collect(forge.collector(incidents={"labels": ["incident"]}))
    assert Counter(event.type for event in found.events) == {
        "repository": 1, "change": 250, "commit": 500, "run": 250, "job": 250, "deployment": 250, "incident": 150,
    }  # fmt: skip
    assert (found.rejected, found.remarks) == ([], [])


def test_what_a_thousand_pull_requests_and_runs_cost_is_bounded_exactly() -> None:
    forge = Forge()
    numbers = range(1, 1001)
    forge.add(
        pull_requests=[pull_request(n, n / 10, commits=[{"commit": commit(n, n / 10, n - 1)}]) for n in numbers],
        runs=[run(n, n / 10) for n in numbers],
        jobs={n: [job(n, n, n / 10)] for n in numbers},
    )
    found = collect(forge.collector())
    assert len(found.of("change")) == len(found.of("run")) == 1000
    asked = Counter(question.split()[1].rpartition("/")[2] for question in forge.asked)
    assert asked == {
        "repos": 1, "main": 1, "pulls": 1, "PullRequests": 10, "runs": 10, "jobs": 1000, "deployments": 1,
        "releases": 1,
    }  # fmt: skip


def test_a_repository_in_which_nothing_happened_costs_conditional_requests_only() -> None:
    forge = Forge()
    busy(forge)
    collector = forge.collector(incidents={"labels": ["incident"]})
    first = collect(collector)
    # what is asked for again by time has another address the second time
    second = collect(collector, first)
    forge.asked.clear()
    third = collect(collector, second)
    assert third.events == []
    assert [question.split()[-1] for question in forge.asked] == ["304"] * 6


@pytest.mark.parametrize("pages", range(0, 42, 3))
def test_a_collection_that_was_killed_goes_on_within_a_page_of_where_it_was(pages: int) -> None:
    undisturbed, forge = Forge(), Forge()
    busy(undisturbed)
    busy(forge)
    whole = collect(undisturbed.collector(incidents={"labels": ["incident"]}))
    collector = forge.collector(incidents={"labels": ["incident"]})
    first = collect(collector, stop_after=pages)
    rest = collect(collector, first)
    assert told(first, rest) == told(whole)
    # what a page of runs needs is its list and the jobs of 20 runs; the rest is asked conditionally
    spent = [question for question in forge.asked if not question.endswith(" 304")]
    assert len(spent) - len(undisturbed.asked) <= 25
    forge.asked.clear()
    again = collect(collector, collect(collector, rest))
    assert again.events == []


def test_what_is_updated_while_a_collection_is_cut_off_is_read_all_the_same() -> None:
    forge = Forge()
    repository = busy(forge)
    collector = forge.collector()
    first = collect(collector, stop_after=3)
    repository.pull_requests[0] = pull_request(1, 30, title="Changed meanwhile")
    rest = collect(collector, first)
    changes = {identity: event for (kind, identity), event in told(first, rest).items() if kind == "change"}
    assert len(changes) == 250
    assert changes["acme/checkout#1"].title == "Changed meanwhile"


def test_a_collection_from_a_time_reads_what_happened_since() -> None:
    forge = Forge()
    busy(forge)
    (collector,) = (page.members for page in forge.collector().collect(None))
    assert collector
    since = collector[0].starting(forge.now.replace(month=1, day=20, hour=0))
    found = collect(forge.collector(), Collected(cursors={"github:acme/checkout": since}))
    assert min(event.version for event in found.of("change").values()).isoformat() == "2026-01-20T00:00:00+00:00"
    assert 50 < len(found.of("commit")) < 200
    assert sum(event.history_cut or False for event in found.of("commit").values()) == 1
