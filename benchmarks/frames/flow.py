"""Metrics of the flow of changes and of the platform over frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from frames.reading import LEAST, Frames, Window, mean_of_services, median_of_services

if TYPE_CHECKING:
    from collections.abc import Callable

DUE = pd.Timedelta(days=14)
RAN = ("shipped", "redeploy", "rollback", "config")


def _by_people(frames: Frames) -> pd.DataFrame:
    people = frames["people"]
    bots = people.loc[people.kind == "bot", "id"]
    changes = frames["changes"]
    return changes[changes.author_kind.fillna("human").ne("bot") & ~changes.author.isin(bots)]


def _merged(frames: Frames, window: Window) -> pd.DataFrame:
    changes = _by_people(frames)
    return changes[window.holds(changes.merged_at) & changes.base.fillna("main").eq("main")]


def pr_size(frames: Frames, window: Window) -> float:
    """P4: the median of lines added and deleted, without lock files."""
    changes = _merged(frames, window)
    files = changes.file_changes.dropna().explode().dropna()
    each = pd.DataFrame(files.tolist(), index=files.index, columns=["path", "additions", "deletions"])
    read = each[~each.path.str.endswith("-lock.json")]
    lines = (read.additions + read.deletions).groupby(level=0).sum()
    lines = lines.reindex(changes.index).fillna(changes.additions + changes.deletions)
    return median_of_services(lines, changes.repository, LEAST)


def unreviewed_share(frames: Frames, window: Window) -> float:
    """P5: the share of merged changes that nobody but their author looked at."""
    changes = _merged(frames, window)
    people, reviews = frames["people"], frames["reviews"]
    reviews = reviews[reviews.reviewer_kind.fillna("human").ne("bot")]
    reviews = reviews[~reviews.reviewer.isin(people.loc[people.kind == "bot", "id"])]
    told = reviews.merge(changes[["id", "author", "merged_at"]], left_on="change_id", right_on="id")
    seen = told.loc[(told.reviewer != told.author) & (told.submitted_at <= told.merged_at), "change_id"]
    return mean_of_services((~changes.id.isin(seen)).astype(float), changes.repository)


def stale_changes(frames: Frames, window: Window) -> float:
    """P6: the share of changes that were still open 14 days after they were ready."""
    changes = _by_people(frames)
    due = changes.ready_at.fillna(changes.created_at) + DUE
    changes = changes.assign(due=due)[window.holds(due) & (due <= window.now)]
    over = changes.merged_at.fillna(changes.closed_at)
    return mean_of_services((~(over <= changes.due)).astype(float), changes.repository)


def _served(frames: Frames) -> pd.DataFrame:
    requests = frames["requests"]
    served_at = requests.usable_at.fillna(requests.fulfilled_at)
    return requests.assign(served_at=served_at, refused=requests.status == "rejected")


def self_service_rate(frames: Frames, window: Window) -> float:
    """G8: the share of fulfilled requests for which nobody had to do anything."""
    served = _served(frames)
    served = served[window.holds(served.served_at) & ~served.refused & served.human_touches.notna()]
    return float((served.human_touches == 0).mean())


def platform_task_success(frames: Frames, window: Window) -> float:
    """G9: the share of journeys along the golden path that reached their end with nobody's work."""
    asked = _served(frames)
    asked = asked[window.holds(asked.requested_at) & asked.template.isin(frames["template_releases"].template)]
    told = asked[asked.refused | (asked.served_at.notna() & asked.human_touches.notna())]
    return float((~told.refused & (told.human_touches == 0)).mean())


def golden_path_adoption(frames: Frames, window: Window) -> float:
    """G1: the share of services whose last deployment went by the golden path, by their template where nobody says."""
    ran = frames["production_deployments"]
    ran = ran[window.holds(ran.finished_at) & ran.role.isin(RAN)]
    template = ran.service.map(frames["services"].set_index("name").template)
    golden = template.isin(frames["template_releases"].template).map({True: "golden", False: "other"})
    ran = ran.assign(path=ran.path.fillna(golden.where(template.notna()))).dropna(subset="path")
    last = ran.sort_values(["finished_at", "id"]).groupby("service").tail(1)
    return float((last.path == "golden").mean())


COMPUTED: dict[str, Callable[[Frames, Window], float]] = {
    "pr_size": pr_size,
    "unreviewed_share": unreviewed_share,
    "stale_changes": stale_changes,
    "self_service_rate": self_service_rate,
    "platform_task_success": platform_task_success,
    "golden_path_adoption": golden_path_adoption,
}
