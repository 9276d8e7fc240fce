"""What every kind of friction counts, whom it holds up, and what an hour of it costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

import factories as make
import plain_friction
from factories import Event, day, sha_of
from metric_answers import RULES, answer, landed, query, rows, version, versions
from metrics import compute
from metrics.friction.measuring import Measured, measured, part
from metrics.tables import parents
from organisations import organisation_of
from plain_delivery import Question
from plain_friction import FACTORS, Factor
from test_metrics_against_plain import disagreements, options_of, query_of
from tribometer.settings import Friction, Rules
from tribometer.settings.friction import Change

FRICTION, REPOSITORY = "friction_cost", "acme/api"
API = make.service("api", repository=REPOSITORY)
FOUR_WEEKS = {"start": day(0), "end": day(28)}


def run(name: str, begins: datetime, ends: datetime, conclusion: str = "success", /, **fields: Any) -> Event:
    """A person's run for the change 1, on a tree of its own."""
    known = {
        "repository": REPOSITORY, "workflow": "ci", "run": name, "attempt": 1, "sha": sha_of(name),
        "event": "pull_request", "change": f"{REPOSITORY}#1", "actor_kind": "human", "created_at": begins,
        "started_at": begins, "completed_at": ends, "conclusion": conclusion,
    }  # fmt: skip
    return make.event("run", name, **{**known, **fields})


def on(branch: str, name: str, ends: datetime, conclusion: str, /, **fields: Any) -> Event:
    """A run of a branch."""
    return run(name, ends, ends, conclusion, **{"event": "push", "branch": branch, "change": None, **fields})


def job(of: str, name: str, starts: datetime, ends: datetime, /, **fields: Any) -> Event:
    """A job of a run."""
    known = {"run": of, "attempt": 1, "name": name, "started_at": starts, "completed_at": ends}
    return make.event("job", f"{of}/{name}", **{"conclusion": "success", **known, **fields})


def opened(at: datetime, /, number: int = 1, **fields: Any) -> Event:
    """A change of ann's."""
    return make.change(REPOSITORY, number, at, **{"author": "ann", **fields})


def reviewed(at: datetime, begins: datetime, /, **fields: Any) -> list[Event]:
    """A change of ann's and the first look at it."""
    return [opened(begins, **fields), make.review("r", f"{REPOSITORY}#1", at, reviewer="bob")]


def working(**committed: float) -> list[Event]:
    """Commits by people, so many days after Monday."""
    return [make.commit(REPOSITORY, sha_of(name), day(at, 9), author=name) for name, at in committed.items()]


def red(begins: datetime, ends: datetime, workflow: str = "ci", /, **fields: Any) -> list[Event]:
    """A break of the default branch."""
    return [
        on("main", f"{workflow}/red", begins, "failure", **{"workflow": workflow, **fields}),
        on("main", f"{workflow}/green", ends, "success", **{"workflow": workflow, **fields}),
    ]


def asked(name: str, kind: str, /, **fields: Any) -> Event:
    """A request of Monday at nine, usable at one."""
    return make.event("request", name, **{"kind": kind, "requested_at": day(0, 9), "usable_at": day(0, 13), **fields})


def costing(**kinds: dict[str, Any]) -> Rules:
    """Rules with other factors."""
    return Rules(friction=Friction(kinds={name: Change(**factors) for name, factors in kinds.items()}))


def hours(events: list[Event], rules: Rules = RULES, **options: Any) -> dict[str, float]:
    """Hours lost by kind within four weeks."""
    with landed([API, *events]) as reader:
        found = compute(reader, query(FRICTION, by="kind", **{**FOUR_WEEKS, **options}), rules).to_dict()
    return {each["bucket"]["label"]: each["lost_seconds"] / 3600 for each in found["series"]}


def test_two_workflows_of_one_change_that_run_side_by_side_are_one_wait() -> None:
    both = [
        run("a", day(0, 10), day(0, 11)),
        run("b", day(0, 10.5), day(0, 11.5), workflow="browser"),
    ]

    told = answer(FRICTION, [API, opened(day(0, 20), merged_at=day(0, 21)), *both], **FOUR_WEEKS)

    # ninety minutes, of which ten cost nothing, with half of ann's attention
    assert (told["n"], told["lost_seconds"]) == (1, 40 * 60)


def test_of_ci_only_what_takes_longer_than_ten_minutes_costs_anything() -> None:
    quick, slow = run("a", day(0, 10), day(0, 10.15)), run("b", day(1, 10), day(1, 10.5))

    assert hours([opened(day(-9), closed_at=day(-8)), quick]) == {"ci_execution": 0.0}
    assert hours([opened(day(-9), closed_at=day(-8)), quick, slow]) == {"ci_execution": pytest.approx(1 / 6)}


def test_a_first_answer_ends_the_wait_for_ci() -> None:
    jobs = [
        job("a", "lint", day(0, 10), day(0, 10.5), conclusion="failure"),
        job("a", "browser", day(0, 10), day(0, 12)),
    ]

    found = hours([opened(day(-9), closed_at=day(-8)), run("a", day(0, 10), day(0, 12), "failure"), *jobs])

    assert found == {"ci_execution": pytest.approx(1 / 6)}


def test_a_queue_is_waited_in_while_no_required_job_runs_and_only_where_anybody_says_so() -> None:
    jobs = [
        job("a", "lint", day(0, 11), day(0, 12), queued_at=day(0, 10)),
        job("a", "test", day(0, 14), day(0, 15), queued_at=day(0, 11)),
        # from three to six nobody says that it was queued
        job("a", "pack", day(0, 18), day(0, 18.5)),
    ]

    found = hours([opened(day(-9), closed_at=day(-8)), run("a", day(0, 10), day(0, 18.5)), *jobs])

    assert found["ci_queue"] == pytest.approx(1.5)


def test_of_one_person_and_day_all_kinds_together_are_at_most_eight_hours() -> None:
    # eight hours of a red branch, and half of eight hours of a review
    events = [*working(ann=-1), *red(day(0, 6), day(0, 20)), *reviewed(day(0, 20), day(0, 6))]

    assert hours(events) == {
        "red_default_branch": pytest.approx(8 * 8 / 12),
        "review_wait": pytest.approx(4 * 8 / 12),
    }
    assert answer(FRICTION, [API, *events], **FOUR_WEEKS)["full_days"] == 2


def test_two_people_whom_one_wait_holds_up_have_eight_hours_each() -> None:
    rules = costing(review_wait={"people": 2, "attention": 1})

    assert hours(reviewed(day(0, 20), day(0, 6)), rules) == {"review_wait": 16.0}


def test_what_waits_for_more_days_than_the_settings_say_is_not_waited_for_any_more() -> None:
    events = reviewed(day(14, 12), day(0, 7))

    assert hours(events) == {"review_wait": 5 * 8 * 0.5}
    assert hours(events, costing(review_wait={"at_most_days": 2})) == {"review_wait": 2 * 8 * 0.5}


def test_what_takes_nobody_s_attention_costs_nothing_until_the_settings_say_otherwise() -> None:
    commits = [
        make.commit(REPOSITORY, "c0", day(0, 9)),
        make.commit(REPOSITORY, "c1", day(1, 9), "c0"),
    ]
    change = opened(day(1, 9), merged_at=day(1, 10), merge_sha="c1", commits=["c1"])
    events = [*commits, change, version("v0", day(0, 10), sha="c0")]
    events.append(version("v1", day(1, 15), sha="c1", started_at=day(1, 14)))

    assert hours(events) == {"release_wait": 0.0}
    assert hours(events, costing(release_wait={"attention": 0.25})) == {"release_wait": 1.0}
    assert hours(events, costing(release_wait={"attention": 0.25}), bots="include") == {"release_wait": 1.0}


def test_what_was_merged_in_the_window_and_released_after_it_waited_in_it() -> None:
    commits = [make.commit(REPOSITORY, "c0", day(0, 9)), make.commit(REPOSITORY, "c1", day(25, 9), "c0")]
    change = opened(day(25, 9), merged_at=day(25, 10), merge_sha="c1", commits=["c1"])
    events = [*commits, change, version("v0", day(0, 10), sha="c0"), version("v1", day(29, 9), sha="c1")]

    for bots in ("exclude", "include"):
        assert hours(events, costing(release_wait={"attention": 0.25}), bots=bots) == {"release_wait": 2.0}


def test_factors_of_the_settings_change_what_a_wait_costs() -> None:
    events = reviewed(day(0, 12), day(0, 10))

    assert hours(events) == {"review_wait": 1.0}
    assert hours(events, costing(review_wait={"attention": 1, "people": 3})) == {"review_wait": 6.0}
    assert hours(events, costing(review_wait={"beyond_minutes": 60})) == {"review_wait": 0.5}


def test_weekends_and_the_team_s_holidays_cost_nothing() -> None:
    # from Friday at six to Tuesday at eight; the Monday between is a holiday in one country
    events = [*reviewed(day(15, 8), day(11, 18)), make.ownership("o", "red", service="api")]
    abroad = make.event("team", "red", name="red", holidays="US")

    assert hours(events) == {"review_wait": 5.0}
    assert hours([*events, abroad]) == {"review_wait": 1.0}


def test_a_team_s_own_hours_decide_when_it_waits() -> None:
    events = [*reviewed(day(1, 0), day(0, 20)), make.ownership("o", "red", service="api")]
    tokyo = make.event("team", "red", name="red", timezone="Asia/Tokyo")

    assert hours(events) == {}
    # from five to nine in the morning there
    assert hours([*events, tokyo]) == {"review_wait": 1.0}


def test_a_page_costs_only_out_of_hours() -> None:
    times = (day(0, 12), day(0, 22), day(5, 12))
    pages = [make.event("page", f"p{n}", rotation="first", paged_at=when) for n, when in enumerate(times)]

    assert hours(pages[:1]) == {}
    assert hours(pages) == {"out_of_hours_pages": 2.0}
    assert hours(pages, costing(out_of_hours_pages={"minutes": 30})) == {"out_of_hours_pages": 1.0}
    assert hours(pages, clock="calendar") == {"out_of_hours_pages": 2.0}


def test_a_red_branch_holds_up_who_committed_there_in_the_last_four_weeks() -> None:
    events = [*working(ann=-1, bob=-20, eve=-40), *red(day(0, 10), day(0, 12))]

    assert hours(events) == {"red_default_branch": 4.0}
    assert answer(FRICTION, [API, *events], **FOUR_WEEKS)["n"] == 1


def test_two_accounts_of_one_person_wait_once() -> None:
    events = [*working(ann=-1, annie=-2), *red(day(0, 10), day(0, 12))]

    assert hours(events) == {"red_default_branch": 4.0}
    assert hours([*events, make.person("ann", handles=["ann", "annie"])]) == {"red_default_branch": 2.0}


def test_two_workflows_that_break_one_branch_hold_everybody_up_once() -> None:
    events = [*working(ann=-1), *red(day(0, 10), day(0, 12)), *red(day(0, 11), day(0, 13), "browser")]

    assert hours(events) == {"red_default_branch": 3.0}


def test_nobody_waits_for_what_a_timer_found_broken() -> None:
    nightly = red(day(0, 10), day(0, 12), event="schedule")

    assert hours([*working(ann=-1), *nightly]) == {}


def test_a_branch_that_was_red_before_the_window_began_is_seen_to_be() -> None:
    events = [*working(ann=-9), *red(day(-3, 18), day(0, 10))]

    # an hour of Friday lies before the window
    assert hours(events) == {"red_default_branch": 3.0}
    assert hours(events, start=day(-7)) == {"red_default_branch": 4.0}


def test_a_branch_red_for_long_costs_no_more_because_a_window_begins() -> None:
    # another workflow broke it before the first one was green on Sunday, and is green on Monday
    events = [*working(ann=-9), *red(day(-5, 7), day(-1, 20)), *red(day(-3, 7), day(0, 12), "browser")]

    assert hours(events) == {"red_default_branch": 0.0}
    assert hours(events, start=day(-7)) == {"red_default_branch": 16.0}


def test_a_draft_waits_for_a_review_once_it_is_ready() -> None:
    assert hours(reviewed(day(0, 16), day(0, 9), ready_at=day(0, 14))) == {"review_wait": 1.0}


def test_a_change_that_was_asked_about_later_waits_from_then_on() -> None:
    ask = make.event("review_request", "q", change=f"{REPOSITORY}#1", reviewer="bob", requested_at=day(0, 12))

    assert hours([*reviewed(day(0, 16), day(0, 9)), ask]) == {"review_wait": 2.0}


def test_what_was_merged_unseen_waited_for_no_review() -> None:
    assert hours([opened(day(0, 9), merged_at=day(0, 18))]) == {}


def test_bots_lose_no_hours_unless_they_are_asked_for() -> None:
    events = reviewed(day(0, 12), day(0, 10), author="renovate[bot]")

    assert hours(events) == {}
    assert hours(events, bots="include") == {"review_wait": 1.0}


def test_a_bot_s_commit_in_a_change_of_nobody_is_no_person_s() -> None:
    commit = make.commit(REPOSITORY, sha_of("a"), day(0, 9), author="renovate[bot]")
    events = [opened(day(-9), author=None, closed_at=day(-8)), commit, run("a", day(0, 10), day(0, 11))]

    assert hours(events) == {}
    assert list(hours(events, bots="include")) == ["ci_execution"]


def test_a_check_that_was_green_again_on_the_same_tree_was_waited_for_in_vain() -> None:
    tree = sha_of("tree")
    again = [
        on("work", "a", day(0, 10), "failure", tree_sha=tree),
        on("work", "b", day(0, 12), "success", tree_sha=tree),
    ]

    assert hours(again) == {"flaky_reruns": 1.0}
    assert hours([{**each, "branch": "main"} for each in again]) == {}


def test_commits_of_no_change_are_waited_for_one_by_one() -> None:
    again = [
        on("work", f"{tree}/{end}", day(0, at), end, tree_sha=sha_of(tree), sha=sha_of(tree))
        for tree in ("one", "other")
        for end, at in (("failure", 10), ("success", 12))
    ]

    assert hours(again) == {"flaky_reruns": 2.0}


def test_a_week_costs_the_same_alone_and_among_others_though_a_flake_shows_after_it() -> None:
    tree = sha_of("tree")
    again = [
        on("work", "a", day(11, 15), "failure", tree_sha=tree),
        on("work", "b", day(14, 9), "success", tree_sha=tree),
    ]

    told = {
        each["bucket"]["label"]: each for each in answer(FRICTION, [API, *again], by="week", **FOUR_WEEKS)["series"]
    }
    alone = answer(FRICTION, [API, *again], start=day(7), end=day(14))

    assert told["2026-W03"]["lost_seconds"] == alone["lost_seconds"] == 2 * 3600


def test_access_for_those_who_join_is_told_apart_from_what_teams_ask_for() -> None:
    events = [asked("a", "VPN account"), asked("b", "database"), asked("c", "database", status="cancelled")]

    assert hours(events) == {"onboarding_access": 2.0, "provisioning": 2.0}


def test_requests_of_two_portals_that_have_one_number_are_two() -> None:
    one, other = asked("7", "database"), {**asked("7", "database"), "source": "portal"}

    assert hours([one, other]) == {"provisioning": 4.0}


def test_an_approval_is_waited_for_unless_it_was_withdrawn() -> None:
    gates = [
        make.gate("given", day(0, 9), deployment="v1", decided_at=day(0, 11), decision="approved"),
        make.gate("withdrawn", day(0, 9), deployment="v1", decided_at=day(0, 13), decision="cancelled"),
        make.gate("overtaken", day(0, 9), deployment="v1"),
        make.gate("timer", day(0, 9), deployment="v1", kind="timer", decided_at=day(0, 13)),
    ]

    assert hours([*versions("v1"), *gates]) == {"approval_wait": 1.0}


def test_a_recovery_takes_two_people() -> None:
    broken = {"deployment": "v1", "impact_started_at": day(1, 12), "mitigated_at": day(1, 15), "change_caused": "yes"}

    assert hours([*versions("v1"), make.incident("i", "api", **broken)]) == {"failed_deployments": 6.0}


def test_a_hotfix_that_answers_a_failed_deployment_is_in_its_recovery_only() -> None:
    commits = [make.commit(REPOSITORY, f"c{n}", day(n, 9), *([f"c{n - 1}"] if n else [])) for n in range(3)]
    shipped = [version(f"v{n}", day(n, 10), sha=f"c{n}") for n in range(2)]
    hotfix = opened(day(1, 11), merged_at=day(1, 13), merge_sha="c2", commits=["c2"], title="hotfix: crash")
    answered = version("v2", day(1, 14), sha="c2")

    assert hours([*commits, *shipped, hotfix]) == {"rework": 2.0}
    assert hours([*commits, *shipped, hotfix, answered]) == {"failed_deployments": 8.0, "release_wait": 0.0}


def test_of_a_wait_across_the_window_s_begin_only_what_lies_in_it_counts() -> None:
    events = reviewed(day(7, 11), day(4, 9))

    assert hours(events, start=day(7)) == {"review_wait": 2.0}
    assert hours(events, start=day(7), end=day(14)) == {"review_wait": 2.0}
    # the Friday before is one of the days that are waited for all the same
    assert hours(events, costing(review_wait={"at_most_days": 1}), start=day(7)) == {"review_wait": 0.0}


def test_a_wait_of_months_is_over_long_before_the_window_begins() -> None:
    assert hours([opened(day(-60))]) == {"review_wait": 0.0}
    assert hours([opened(day(-130))]) == {}


def test_the_value_is_hours_by_months_of_a_twelfth_of_a_year() -> None:
    told = answer(FRICTION, [API, *reviewed(day(0, 18), day(0, 10))], **FOUR_WEEKS)

    assert (told["status"], told["unit"], told["n"]) == ("ok", "hours_per_month", 1)
    assert told["value"] == pytest.approx(4 / (28 / 30.4375))


def test_months_that_are_not_over_last_until_now() -> None:
    events = reviewed(day(0, 18), day(0, 10))

    told = answer(FRICTION, [API, *events], start=day(0), end=day(28), now=day(14))

    assert told["value"] == pytest.approx(4 / (14 / 30.4375))


def test_what_no_source_could_tell_is_not_observable_and_what_nobody_waited_for_is_no_data() -> None:
    calm = answer(FRICTION, [API, opened(day(0, 9), merged_at=day(0, 10))], **FOUR_WEEKS)
    blind = answer(FRICTION, [API], **FOUR_WEEKS)

    assert (calm["status"], calm["value"], calm["n"]) == ("no_data", None, 0)
    assert (blind["status"], blind["value"]) == ("not_observable", None)


def test_a_row_says_what_was_waited_for_and_at_what_cost() -> None:
    (row,) = rows(FRICTION, [API, *reviewed(day(0, 12), day(0, 10))], **FOUR_WEEKS)

    assert (row["unit"], row["id"], row["service"], row["value"]) == ("change", "acme/api#1", "api", 3600.0)
    evidence = row["evidence"]
    assert (evidence["kind"], evidence["subject"], evidence["waited"]) == ("review_wait", "acme/api#1", 7200.0)
    assert (evidence["people"], evidence["attention"]) == (1.0, 0.5)


@pytest.mark.parametrize("seed", [20, 21, 157])
def test_sql_and_plain_python_say_the_same_of_every_kind_at_any_cost(seed: int) -> None:
    # nothing is free and everybody waits for long, so that days are full
    costs = {"people": 3.0, "attention": 1.0, "beyond_minutes": 5.0, "at_most_days": 12}
    same = dict.fromkeys(FACTORS, Factor(people=3.0, attention=1.0, beyond=5.0, days=12))
    organisation = organisation_of(seed)
    question = Question(organisation.now, organisation.window, options=options_of(seed))

    expected = plain_friction.by_kind(organisation.events, question, same)
    with landed(organisation.events, organisation.now) as reader:
        asked_for = query_of(FRICTION, question, by="kind")
        series = compute(reader, asked_for, costing(**dict.fromkeys(FACTORS, costs))).to_dict()["series"]

    assert [each["bucket"]["label"] for each in series] == list(expected)
    assert [disagreements(expected[each["bucket"]["label"]].as_json(), each) for each in series] == [[]] * len(series)


def placed(found: Measured) -> Any:
    """What a measurement says, to ten digits and in order."""
    cells = sorted((f"{each.kind} {each.team} {each.service} {each.pipeline}", each.waits, round(each.hours, 8))
                   for each in found.cells)  # fmt: skip
    weeks = sorted(f"{each.kind} {each.team} {each.service} {each.pipeline} {each.week} {each.hours:.8f}"
                   for each in found.weeks)  # fmt: skip
    return cells, weeks, found.months, found.observable, found.engineers


def test_a_scopes_part_of_everything_is_what_the_scope_has_alone() -> None:
    made = organisation_of(7)
    question = query_of(FRICTION, Question(made.now, made.window))
    with landed(made.events, made.now) as reader:
        everything, above = measured(reader, question, RULES), parents(reader)
        services = {each.service for each in everything.cells if each.service is not None}
        scopes = [replace(question, team=name) for name in above]
        scopes += [replace(question, service=name) for name in sorted(services)]
        for scope in scopes:
            assert placed(part(everything, scope, above)) == placed(measured(reader, scope, RULES)), scope.scope
    assert len(scopes) > 3
    assert everything.cells
