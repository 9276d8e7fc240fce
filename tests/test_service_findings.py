"""What the doctor makes of sources and of trying their credentials: who has to act, what mends itself, what is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dashboards.health import AWAY, BROKEN, NOTE, UNTRIED, WAITING
from dashboards.health_sources import CredentialHealth, PermissionHealth, Run
from dashboards.health_words import state
from page_reader import NOW
from tribometer.service.findings_sources import of_credentials, of_sources
from tribometer.store import LIMITED, UNREACHABLE, Remark
from written_keeper import SOURCE

FORGE = replace(SOURCE, name="github:acme", kind="github", has_server=True)
NEW = replace(FORGE, last_success_at=None, age_seconds=None)
SPENT = replace(
    FORGE,
    last_error="github:acme: the quota of requests is spent until 10:05 UTC. What was read is kept",
    passing=LIMITED,
    failing_since=NOW,
    limited_until=NOW + timedelta(minutes=35),
    last_run=Run("failed", NOW, 2.0, {}, "the quota is spent"),
)
DOWN = replace(
    SPENT, last_error="github:acme: it answers 502. Check that it is up", passing=UNREACHABLE, limited_until=None
)
REFUSED = CredentialHealth("github:acme", (), "github:acme: the credential is refused. Put a new one there", None, NOW)
SILENT = CredentialHealth(
    "github:acme", (), "github:acme: no answer within 10 s. Check that it is up", UNREACHABLE, NOW
)
BUSY = CredentialHealth("github:acme", (), "github:acme: the quota is spent until 10:05 UTC. Wait", LIMITED, NOW)
GOOD = CredentialHealth("github:acme", (PermissionHealth("contents", granted=True, fix=""),), None, None, NOW)


def found(*sources: Any, credentials: tuple[CredentialHealth, ...] | None = (GOOD,)) -> list[tuple[str, str]]:
    every = [*of_sources(sources, credentials, running=True), *of_credentials(sources, credentials)]
    return [(each.level, each.what) for each in every]


def test_a_first_collection_that_goes_on_is_something_to_wait_for() -> None:
    going = replace(NEW, collecting=True)
    assert found(going) == [(WAITING, "github:acme: the first collection is under way")]
    assert found(replace(FORGE, collecting=True)) == []


def test_credentials_that_nobody_has_tried_are_noted_until_they_are_or_something_was_collected_with_them() -> None:
    untried = (NOTE, "github:acme: credentials have not been tried yet")
    assert untried in found(NEW, credentials=None)
    assert untried in found(replace(NEW, collecting=True), credentials=None)
    [about] = [each.about for each in of_credentials((NEW,), None)]
    assert about == UNTRIED
    assert untried not in found(NEW)
    assert found(FORGE, credentials=None) == []
    assert untried not in found(replace(NEW, has_server=False), credentials=None)


def test_a_spent_quota_is_waited_for_and_an_outage_is_out_of_reach_neither_is_broken() -> None:
    assert found(SPENT) == [(WAITING, "github:acme: waiting until 10:05 UTC for the quota")]
    assert found(DOWN) == [(AWAY, "github:acme: no answer since 15 Jun 09:30 UTC")]
    assert (state(SPENT), state(DOWN)) == (
        "waiting until 10:05 UTC for the quota", "no answer since 15 Jun 09:30 UTC",
    )  # fmt: skip


def test_what_mends_itself_says_when_it_is_tried_again() -> None:
    planned = replace(DOWN, next_run_at=NOW + timedelta(minutes=15))
    [tried] = of_sources((planned,), (), running=True)
    assert tried.do == "it answers 502. Check that it is up. It is tried again at 09:45 UTC"
    [alone] = of_sources((replace(SPENT, next_run_at=None),), (), running=False)
    assert "the rest is read by `tribometer up`, or now by `tribometer collect`" in alone.do


def test_a_limit_of_another_day_is_told_with_the_day_and_one_without_an_end_without() -> None:
    assert (
        state(replace(SPENT, limited_until=NOW + timedelta(days=2))) == "waiting until 17 Jun 09:30 UTC for the quota"
    )
    assert state(replace(SPENT, limited_until=None)) == "waiting, for it was asked too often"


def test_while_it_is_being_tried_again_its_collection_tells_what_it_waits_for() -> None:
    assert found(replace(SPENT, collecting=True), replace(DOWN, name="github:b", collecting=True)) == []


@pytest.mark.parametrize(("source", "credential"), [(SPENT, BUSY), (DOWN, SILENT)])
def test_what_a_source_and_its_credential_tell_alike_is_said_once(source: Any, credential: CredentialHealth) -> None:
    assert found(source, credentials=(credential,)) == found(source)
    assert len(found(source)) == 1


@pytest.mark.parametrize(
    ("credential", "level", "what"),
    [
        (REFUSED, BROKEN, "github:acme: the credential is refused. Put a new one there"),
        (SILENT, AWAY, "github:acme: no answer"),
        (BUSY, WAITING, "github:acme: waiting for the quota"),
    ],
)
def test_a_trial_that_failed_is_told_instead_of_what_its_source_says_of_itself(
    credential: CredentialHealth, level: str, what: str
) -> None:
    failed = replace(FORGE, last_error="github:acme: it was refused. Mend it")
    for source in (failed, replace(NEW, stale=True), FORGE):
        assert found(source, credentials=(credential,)) == [(level, what)]


def test_a_trial_is_outdated_by_a_collection_that_succeeded_after_it() -> None:
    later = replace(FORGE, last_success_at=NOW + timedelta(seconds=1))
    assert found(later, credentials=(REFUSED,)) == []


def test_a_source_that_is_no_longer_configured_is_no_matter_and_says_so_in_its_state() -> None:
    gone = replace(FORGE, unconfigured=True, every_seconds=None, last_error="github:acme: gone. Check it")
    assert found(gone) == []
    assert state(gone) == "no longer configured"


def test_a_right_that_a_remark_tells_to_give_is_not_told_again_by_the_trial() -> None:
    remark = Remark(
        "incidents cannot be read: it is forbidden", "Give the token `Issues: read` (a classic one: `repo`)"
    )
    denied = PermissionHealth("issues", granted=False, fix="Give the token `Issues: read`; a classic token: `repo`")
    credential = replace(GOOD, permissions=(denied,))
    assert found(FORGE, credentials=(credential,)) == [(NOTE, "github:acme: no permission for issues")]
    told = found(replace(FORGE, remarks=(remark,)), credentials=(credential,))
    assert told == [(NOTE, "github:acme: incidents cannot be read: it is forbidden")]


def test_what_was_never_collected_is_told_once_for_all() -> None:
    due = replace(NEW, every_seconds=900.0, last_run=None)
    assert found(due, replace(due, name="git:a"))[0] == (NOTE, "github:acme, git:a: they were never collected")


def test_parts_that_could_not_be_read_are_broken_and_named_together() -> None:
    failing = [
        replace(FORGE, name=f"github:acme/{name}", family="github:acme", last_error=f"github:acme: /{name} is gone. Do")
        for name in "abcd"
    ]
    [(level, what)] = found(FORGE, *failing)
    assert level == BROKEN
    assert what.startswith("github:acme: in 4 of 4 parts (acme/a, acme/b, acme/c and 1 more), for example: could not")
