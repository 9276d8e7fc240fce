"""The edge rules in full: what counts and what does not where the plain definition leaves it open.

`metrics.wording.RULES` has the few words that stand beside an exclusion; these are what a reader checks them against.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EDGE_RULES: Mapping[str, str] = MappingProxyType(
    {
        "E1": "Where a change does not say when its first commit was written, its lead time starts with the earliest "
        "of its known commits; where none is known, when the change was opened, marked as approximate. Never with its "
        "merge commit.",
        "E2": "A squash or a rebase replaces a change's commits: its own list of commits still ties them to it, and "
        "what a rebase merge wrote anew from them, by the same author at the same author time, is no push of its own. "
        "Author time starts the clock, since a rebase keeps it, and committer time never does.",
        "E3": "A start more than 180 days before the change was opened (a wrong clock, an old branch, a cherry-pick) "
        "becomes 90 days before it. A negative duration becomes 0. Both are counted and marked.",
        "E4": "A merge commit adds no code and is no unit of lead time.",
        "E5": "A deployment ships the commits reachable from its own that no earlier successful production deployment "
        "of the service shipped, in the order in which they finished, ties by id. The first one known of a service "
        "counts as a deployment and has no lead time. Where a service has any explicit deployment, its version tags "
        "are no deployments.",
        "E6": "A failed or cancelled attempt ships nothing; what it carried is shipped by the next success. It is a "
        "failed deployment only where an incident names it or users felt it, and then it is in the denominator too.",
        "E7": "Deploying again what already ran, or only configuration, ships nothing.",
        "E8": "Deploying an older version than the one that runs is a rollback, judged per service and environment: a "
        "remedy, no shipped change. It blames the first deployment after the version it went back to, as far as the "
        "failure window reaches; `--blame last` blames the last one before it.",
        "E9": "Which deployment failed, in this order: the one an incident names; the one that shipped what a revert "
        "undoes; for an incident that a change caused, the latest of its service that finished within the failure "
        "window before it began; for a hotfix, the latest before it in the same way. An incident of unknown cause "
        "blames nothing. A blamed deployment outside the denominator is an exclusion.",
        "E10": "The steps of a progressive or multi-region roll-out share a group: one deployment, from its first step "
        "to the last required one.",
        "E11": "Only production counts. A version that reaches another production environment for the first time "
        "within 7 days belongs to the deployment that brought it to the first; lead time ends with the last.",
        "E12": "One pipeline of a monorepo may deploy several services: each has deployments of its own and, by its "
        "paths, commits of its own.",
        "E13": "Switching a feature flag is no deployment.",
        "E14": "Lead time and its stages leave bots out, everything else counts them, for what they ship changes "
        "production; `--bots` decides otherwise. An author of unknown kind is a human.",
        "E15": "A draft waits for its review from when it was ready; before that it is being written.",
        "E16": "The approval that ends a review is the last one before the merge; a dismissed one is none.",
        "E17": "A change that nobody but its author or a bot looked at before the merge has no pickup and no review.",
        "E18": "Every attempt of a CI run is an event of its own: the first is the answer that an author waits for, "
        "the last decides whether the run is green. A job that a later attempt only carries over, with the start it "
        "had, is not counted again.",
        "E19": "A cancelled, skipped or neutral run, or one that waits for somebody, is neither green nor red. One is "
        "superseded where it was cancelled and the next commit of its change, else of its branch, had come to the same "
        "workflow before it ended: its machine time is waste.",
        "E20": "Waiting for a gate that was decided is taken out of the release wait and shown for itself; gates that "
        "overlap count once.",
        "E21": "Jobs that run side by side are waited for as long as the last required one, and cost machines their "
        "sum. Where no job of an attempt says whether it is required, all are.",
        "E23": "A deployment that caused several incidents failed once, an incident blames one deployment at most, and "
        "incidents of one service that overlap are one outage.",
        "E24": "What still goes on is not left out: it counts with the time so far, as not yet over.",
        "E25": "A service belongs to the team that owned it when the thing happened. Where services changed hands, a "
        "comparison of teams or periods is told twice: as it was, and with every past counted for the owners of now "
        "(`--owners now`).",
        "E26": "Where too little of what was asked about could be judged, the number is hidden and the coverage shown "
        "instead. Nothing to judge hides nothing. A deployment that brought commits from behind the end of a cut "
        "history (a shallow clone) is not covered, and what it brought is left out.",
    },
)
"""By number, in the words of this project."""
