"""A GitHub that misbehaves on purpose: nothing is lost, nothing stands twice, every run ends, and says what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from github_collecting import Collecting, collecting
from github_server import GitHub, question
from github_world import Repository, repository
from loopback import (
    NOON,
    Asked,
    Reply,
    Told,
    cut_in_the_body,
    cut_in_the_headers,
    cut_while_packed,
    cut_without_length,
    limit,
    zeros,
)
from tribometer.errors import SourceBusy, SourceGone, SourceUnavailable

RESET = int((NOON + timedelta(minutes=10)).timestamp())
LATER = int((NOON + timedelta(hours=3)).timestamp())
ALL = 10**9
TROUBLES: dict[str, Reply] = {
    "429 with seconds": limit(429, retry_after=30),
    "429 with a date": limit(429, retry_after=format_datetime(NOON + timedelta(minutes=2), usegmt=True)),
    "429 without a hint": limit(429),
    "403 with seconds": limit(403, retry_after=30),
    "403 of a spent quota": limit(403, x_ratelimit_remaining=0, x_ratelimit_reset=RESET),
    "403 of a secondary limit": limit(403, "You have exceeded a secondary rate limit"),
    "500": Told(status=500),
    "502": Told(b"<html>", 502),
    "cut in the headers": cut_in_the_headers(),
    "cut in the body": cut_in_the_body(),
    "cut without a length": cut_without_length(),
    "cut while packed": cut_while_packed(),
    "truncated JSON": Told(b'{"data": {"repository": '),
    "no JSON": Told(b"<html>maintenance</html>"),
    "nothing": Told(b""),
}


def world() -> GitHub:
    """Two repositories; one change has more commits than come with it."""
    one, two = repository(1, 6, 5, 3), repository(2, 3, 2, 0)
    one.add_change(commits=30)
    return GitHub(one, two)


@dataclass(frozen=True)
class Calm:
    """A collection of the world without trouble: its folder, and all it came to."""

    folder: Path
    tables: dict[str, Any]
    questions: int


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Calm:
    """What all the others are compared with."""
    folder = tmp_path_factory.mktemp("calm")
    with collecting(folder, world()) as place:
        assert place.sync().error is None
        return Calm(folder, place.contents(), len(place.github.asked))


def once(reply: Reply) -> Callable[[Asked], Reply | None]:
    """A fault that every question meets when it is asked for the first time."""
    met: set[str] = set()

    def fault(asked: Asked) -> Reply | None:
        new = question(asked) not in met
        met.add(question(asked))
        return reply if new else None

    return fault


def behind(count: int, reply: Reply) -> Callable[[Asked], Reply | None]:
    """A fault that all questions meet after so many."""
    left = [count]

    def fault(_: Asked) -> Reply | None:
        left[0] -= 1
        return reply if left[0] < 0 else None

    return fault


@pytest.mark.parametrize("trouble", TROUBLES)
def test_when_every_question_fails_once_the_tables_are_those_of_an_undisturbed_run(
    trouble: str, calm: Calm, tmp_path: Path
) -> None:
    with collecting(tmp_path, world(), calm.folder) as place:
        place.github.fault = once(TROUBLES[trouble])
        summary = place.sync()
        assert (summary.error, summary.rejected) == (None, 0)
        assert place.contents() == calm.tables
        assert len(place.github.asked) == 2 * calm.questions


@pytest.mark.parametrize("count", [0, 8, 22])
@pytest.mark.parametrize("trouble", ["502", "cut in the body", "truncated JSON", "403 of a spent quota"])
def test_what_was_broken_off_is_told_and_the_next_collection_completes_it(
    count: int, trouble: str, calm: Calm, tmp_path: Path
) -> None:
    busy = trouble == "403 of a spent quota"
    reply = limit(403, x_ratelimit_remaining=0, x_ratelimit_reset=LATER) if busy else TROUBLES[trouble]
    with collecting(tmp_path, world(), calm.folder) as place:
        place.github.fault = behind(count, reply)
        error = place.sync().error
        assert isinstance(error, SourceBusy if busy else SourceUnavailable)
        assert ("until 15:00 UTC" if busy else "Check that the server is up") in str(error)
        assert "What was read is kept" in str(error)
        # nobody asks on and on: two repositories and the questions that are under way give up one after the other
        assert len(place.github.asked) < count + (10 if busy else 100)
        place.github.fault = lambda _: None
        assert place.sync().error is None
        assert place.contents() == calm.tables


def test_a_token_that_is_replaced_in_mid_run_costs_nothing(calm: Calm, tmp_path: Path) -> None:
    with collecting(tmp_path, world(), calm.folder) as place:

        def fault(asked: Asked) -> Reply | None:
            if len(place.github.asked) < 15 or asked.headers["authorization"] == "Bearer ghp_second":
                return None
            (tmp_path / "new").write_text("ghp_second")
            (tmp_path / "new").replace(place.token)
            return Told({"message": "Bad credentials"}, 401)

        place.github.fault = fault
        assert place.sync().error is None
        assert place.contents() == calm.tables


def test_a_token_that_expires_in_mid_run_is_told_and_the_next_collection_goes_on_with_a_new_one(
    calm: Calm, tmp_path: Path
) -> None:
    with collecting(tmp_path, world(), calm.folder) as place:
        place.github.fault = behind(15, Told({"message": "Bad credentials"}, 401))
        summary = place.sync()
        told = (
            f"{summary.error} {[remark.what for remark in summary.remarks]} {[each.error for each in summary.members]}"
        )
        assert "the server refuses the credential (Bad credentials)" in told
        assert "ghp_first" not in told
        assert place.contents() != calm.tables
        place.github.fault = lambda _: None
        assert place.sync().error is None
        assert place.contents() == calm.tables


@pytest.mark.parametrize("hours", [-9, 9])
def test_a_server_whose_clock_is_hours_off_changes_nothing(hours: int, calm: Calm, tmp_path: Path) -> None:
    theirs = NOON + timedelta(hours=hours)
    reset = int((theirs + timedelta(minutes=10)).timestamp())
    date = format_datetime(theirs, usegmt=True)
    with collecting(tmp_path, world(), calm.folder) as place:
        place.github.fault = once(limit(403, x_ratelimit_remaining=0, x_ratelimit_reset=reset, date=date))
        assert place.sync().error is None
        assert place.contents() == calm.tables


def test_an_answer_of_a_gigabyte_ends_one_repository_with_a_message_and_costs_the_others_nothing(
    calm: Calm,
    tmp_path: Path,
) -> None:
    with collecting(tmp_path, world(), calm.folder) as place:
        large = zeros(1 << 30)
        place.github.fault = lambda asked: large if asked.path.endswith("shop-001/actions/runs") else None
        summary = place.sync()
        [error] = [each.error for each in summary.members if each.error]
        assert isinstance(error, SourceGone)
        assert "answers with more than 64 MB. Ask its operator why" in str(error)
        assert place.rows("SELECT repository, count(*) FROM runs GROUP BY 1") == [("acme/shop-002", 2)]
        place.github.fault = lambda _: None
        assert place.sync().error is None
        assert place.contents() == calm.tables


def test_a_list_of_runs_that_shrinks_while_it_is_read_loses_none_that_is_left(tmp_path: Path) -> None:
    repo = repository(1, 0, 130)
    with collecting(tmp_path, GitHub(repo)) as place:

        def fault(asked: Asked) -> Reply | None:
            if asked.query.get("page") == "2" and len(repo.runs) == 130:
                del repo.runs[-5:]
            return None

        place.github.fault = fault
        assert place.sync().error is None
        assert place.rows("SELECT count(DISTINCT run), count(*) FROM runs") == [(130, 130 + 32)]


def conclusions(place: Collecting) -> list[tuple[Any, ...]]:
    return place.rows("SELECT attempt, conclusion FROM runs ORDER BY run, attempt")


def test_a_run_that_ends_after_three_collections_is_collected_however_late(tmp_path: Path) -> None:
    repo = repository(1)
    slow = repo.add_run(0, 1, ended=False)
    with collecting(tmp_path, GitHub(repo)) as place:
        for day in range(3):
            place.now = NOON + timedelta(days=20 * day)
            repo.add_run(60 * 24 * (31 + 20 * day), 1)
            assert place.sync().error is None
            assert [conclusion is None for _, conclusion in conclusions(place)] == [True] + [False] * (day + 1)
        repo.finish(slow, 60 * 24 * 90)
        assert place.sync().error is None
        assert conclusions(place)[0] == (1, "success")
        assert place.rows("SELECT count(*) FROM jobs WHERE completed_at IS NULL") == [(0,)]


def test_a_run_that_was_run_again_keeps_both_attempts(tmp_path: Path) -> None:
    repo = repository(1)
    first = repo.add_run(60 * 24 * 30, 1)
    with collecting(tmp_path, GitHub(repo)) as place:
        place.sync()
        assert conclusions(place) == [(1, "success")]
        repo.rerun(first, 60 * 24 * 30 + 60, ended=False)
        place.sync()
        assert conclusions(place) == [(1, "success"), (2, None)]
        repo.finish(first, 60 * 24 * 30 + 70)
        place.sync()
        assert conclusions(place) == [(1, "success"), (2, "success")]
        assert place.rows("SELECT attempt, count(*) FROM jobs GROUP BY 1 ORDER BY 1") == [(1, 2), (2, 2)]


def without_jobs_of(repo: Repository, number: int) -> Callable[[Asked], Reply | None]:
    """Delete a run when its jobs are asked for."""
    run = repo.runs[number]

    def fault(asked: Asked) -> Reply | None:
        if asked.path.endswith(f"/{run.last['id']}/jobs") and run in repo.runs:
            repo.runs.remove(run)
        return None

    return fault


def test_a_run_that_is_deleted_between_the_list_and_its_jobs_costs_the_others_nothing(tmp_path: Path) -> None:
    repo = repository(1, 0, 7)
    with collecting(tmp_path, GitHub(repo)) as place:
        place.github.fault = without_jobs_of(repo, 2)
        summary = place.sync()
        assert summary.error is None
        assert place.rows("SELECT count(DISTINCT run) FROM runs") == [(7,)]
        assert place.rows("SELECT count(DISTINCT run_id) FROM jobs") == [(6 + 1,)]


def test_what_had_not_ended_and_is_deleted_is_asked_for_no_more(tmp_path: Path) -> None:
    repo = repository(1, 1)
    repo.add_run(0, 1, ended=False)
    repo.add_deployment(5, "QUEUED", "IN_PROGRESS")
    with collecting(tmp_path, GitHub(repo)) as place:
        place.sync()
        repo.runs.clear()
        repo.deployments.clear()
        place.now = NOON + timedelta(days=2)
        for _ in range(2):
            assert place.sync().error is None
        place.github.asked.clear()
        assert place.sync().error is None
        assert not [words for words in place.github.questions() if "Some" in words or "/runs/" in words]
        assert conclusions(place) == [(1, None)]
        assert place.rows("SELECT status FROM deployments") == [("running",)]


def test_a_repository_that_goes_while_it_is_read_costs_the_others_nothing(tmp_path: Path) -> None:
    github = world()
    with collecting(tmp_path, github) as place:

        def fault(asked: Asked) -> Reply | None:
            if "shop-002" in asked.path:
                github.repositories.pop("acme/shop-002", None)
            return None

        github.fault = fault
        summary = place.sync()
        assert summary.error is None
        told = [member.error.problem for member in summary.members if member.error]
        assert told == ["/repos/acme/shop-002/pulls is not there (Not Found)"]
        assert place.rows("SELECT count(*) FROM changes") == [(7,)]


def test_what_is_new_is_collected_and_what_is_not_is_not_asked_for_again(tmp_path: Path) -> None:
    github = world()
    repo = github.repositories["acme/shop-001"]
    with collecting(tmp_path, github) as place:
        place.sync()
        first = len(github.asked)
        assert place.sync().new == 0
        assert len(github.asked) - first <= 1 + 2 * 5
        assert all("if-none-match" in asked.headers for asked in github.asked[first:])
        repo.add_change(60 * 24 * 31)
        repo.add_run(60 * 24 * 31)
        repo.add_deployment(60 * 24 * 31)
        summary = place.sync()
        assert summary.error is None
        assert place.rows("SELECT count(*) FROM changes") == [(7 + 3 + 1,)]
        with collecting(tmp_path / "anew", github, tmp_path) as anew:
            anew.sync()
            # a file that has not changed is not told again for a later commit
            files = ("pipeline_definitions",)
            assert anew.contents(*files) == place.contents(*files)
