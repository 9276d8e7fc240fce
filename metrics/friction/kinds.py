"""The kinds of friction: what each counts, from what, and which journey of the survey is about the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT = re.compile(r"[A-Z].*[^.]\.", re.DOTALL)


@dataclass(frozen=True)
class Kind:
    """One kind of friction, defined like a metric.

    ``formula`` says which span is a wait and whom it holds up. ``needs`` names the event types without which no source
    could tell of it; none: nothing can today, and ``caveats`` say why. ``reads`` names all it is made from. ``metric``
    measures the same wait alone, ``journey`` is the survey's name of that stretch of work, None where it asks of none.
    ``remedy`` says what usually helps.
    """

    name: str
    title: str
    question: str
    formula: str
    caveats: tuple[str, ...]
    remedy: str
    reads: frozenset[str]
    needs: frozenset[str]
    metric: str | None
    journey: str | None

    def __post_init__(self) -> None:
        """Refuse a kind that does not say what it counts and where it misleads."""
        if not self.question.endswith("?") or not self.caveats:
            raise ValueError(f"{self.name}: the question or the caveats are missing; every number misleads somebody")
        if not TEXT.fullmatch(self.formula) or not TEXT.fullmatch(self.remedy):
            raise ValueError(f"{self.name}: say in a sentence what counts, and what helps")


KINDS = (
    Kind(
        "ci_queue",
        "Waiting for a CI runner",
        "How long do changes stand still because no runner is free?",
        "While required jobs of a change's first attempt were queued and none of them ran; its author.",
        (
            "A job that a CI service queues before the jobs it needs are over looks like one that waits for a runner.",
            "Workflows that wait at the same time for the same change count once.",
        ),
        "More or faster-starting runners, fewer jobs for each change, or those that matter first.",
        frozenset({"run", "job", "change", "commit"}),
        frozenset({"run", "job"}),
        "ci_queue_time",
        "builds",
    ),
    Kind(
        "ci_execution",
        "Waiting for CI to answer",
        "How long do authors wait for the first answer of CI, once it runs?",
        "From the first job of a change's first attempt to the first failure of a required one, else the end of all; "
        "its author, beyond the first minutes, which cost nothing.",
        ("Queues between jobs are in it too.", "There is no threshold beyond which faster no longer helps."),
        "Caches, running tests side by side, and running only those that a change can break.",
        frozenset({"run", "job", "change", "commit"}),
        frozenset({"run"}),
        "ci_time_to_feedback",
        "builds",
    ),
    Kind(
        "flaky_reruns",
        "Flaky checks run again",
        "How long do changes wait because a check failed though nothing was wrong?",
        "From a failed attempt to the next success of the same workflow on the same tree, within 14 days, not on a "
        "default branch; the change's author.",
        ("A lower bound: where nobody runs it again, a flake looks like a failure.",),
        "Quarantine and mend the few workflows with most of them: `tribometer metric ci_flake_rate --by pipeline`.",
        frozenset({"run", "job", "change", "commit"}),
        frozenset({"run"}),
        "ci_flake_rate",
        "flaky_checks",
    ),
    Kind(
        "red_default_branch",
        "Red default branch",
        "How long is everybody held up because the default branch is broken?",
        "From a workflow's first failure on a default branch to its next success, where several overlap once; "
        "everybody who committed there in the 28 days before.",
        (
            "Not everybody who works there needs the branch at that time: the factor may be too high.",
            "A break that turned green on the same tree is in it: it held people up all the same.",
        ),
        "A merge queue, required checks before a merge, and taking back first what broke it.",
        frozenset({"run", "job", "commit", "repository"}),
        frozenset({"run", "commit"}),
        "default_branch_breakage",
        "builds",
    ),
    Kind(
        "review_wait",
        "Waiting for a review",
        "How long do changes wait until anybody looks at them?",
        "From when a change was ready, or a review was asked for, to the first review by another person, or until now; "
        "its author.",
        ("Rounds after the first answer are not in it.", "What was merged without a review waited for none."),
        "Smaller changes, and a team's agreement on when somebody looks.",
        frozenset({"change", "review", "review_request"}),
        frozenset({"change", "review"}),
        "review_response_time",
        "review",
    ),
    Kind(
        "approval_wait",
        "Waiting for an approval",
        "How long does what is ready wait until a person lets it pass?",
        "From when a person's approval was asked for until it was given or refused, or until now; one person for each.",
        ("Who waited is not known: the cap of 8 hours holds for each gate, not for each person.",),
        "Policy checks in place of people where the answer is nearly always yes.",
        frozenset({"gate", "deployment", "run", "request"}),
        frozenset({"gate"}),
        "approval_wait",
        "approval",
    ),
    Kind(
        "release_wait",
        "Waiting for a release",
        "How long does what is merged wait until it is deployed?",
        "From a change's merge to the begin of the deployment that brought it to production; its author.",
        ("Nobody waits for it unless the settings say so: its attention is 0 by default.",),
        "Deploying every merge, or more often.",
        frozenset({"change", "commit", "deployment"}),
        frozenset({"change", "deployment"}),
        "lead_time_stages",
        "deploy",
    ),
    Kind(
        "failed_deployments",
        "Failed deployments and recovery",
        "How long are people busy bringing users back what a deployment broke?",
        "From the begin of a failure that a deployment caused until users were served again, in business hours; two "
        "people.",
        (
            "Without an incident source only failures that a rollback, revert or hotfix answered are known.",
            "Nights and weekends are in `out_of_hours_pages`, where pages are collected.",
        ),
        "Smaller deployments, progressive delivery, and a rollback that is one click.",
        frozenset({"deployment", "incident", "change", "commit"}),
        frozenset({"deployment"}),
        "failed_deployment_recovery_time",
        "incidents",
    ),
    Kind(
        "rework",
        "Unplanned rework",
        "How long do people work on hotfixes and reverts that no failed deployment explains?",
        "From when a hotfix or a revert was opened until it was merged; its author. Those that answer a failed "
        "deployment are in `failed_deployments`.",
        ("Which change is a hotfix is told by its branch, its title or a label: see `[patterns]`.",),
        "Tests where it broke, and smaller changes.",
        frozenset({"change", "deployment", "commit"}),
        frozenset({"change"}),
        "deployment_rework_rate",
        "deploy",
    ),
    Kind(
        "onboarding_access",
        "Waiting for access and tools",
        "How long do people who join wait for access and tools?",
        "From a request for access, an account, a licence or a machine until it could be used, or now; one person.",
        (
            "Learning the work is not waiting: how long a first change takes is told by `time_to_first_change`.",
            "Requests made by word of mouth are not seen.",
        ),
        "Access that comes with the team, before the first day.",
        frozenset({"request"}),
        frozenset({"request"}),
        "joiner_access_wait",
        "environments",
    ),
    Kind(
        "provisioning",
        "Waiting for the platform",
        "How long do teams wait for what they ask the platform for?",
        "From a request to the platform until what was asked for could be used, or until now; one person.",
        ("A request made early is waited for less than it lasts.",),
        "Self-service with a template for what is asked for most.",
        frozenset({"request"}),
        frozenset({"request"}),
        "provisioning_wait",
        "environments",
    ),
    Kind(
        "out_of_hours_pages",
        "Pages out of hours",
        "How much of people's own time do pages take?",
        "Every page out of the team's business hours, by an assumed time for each; whoever is on call.",
        ("How long a page took is not recorded: the minutes for each are an assumption.",),
        "Alerts that need no action off, and what pages at night first.",
        frozenset({"page"}),
        frozenset({"page"}),
        "pages_per_shift",
        "incidents",
    ),
    Kind(
        "pipeline_drift",
        "Upkeep of pipelines off the golden path",
        "How much time does it take to keep pipelines of one's own?",
        "Not measurable today.",
        (
            "How far pipelines are from the golden path is told by the metric pipeline_drift.",
            "Which commits are the upkeep of pipelines, and how long they took, no event tells.",
        ),
        "Take the pipeline by reference.",
        frozenset({"pipeline_definition"}),
        frozenset(),
        "pipeline_drift",
        None,
    ),
)
BY_NAME: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in KINDS})
