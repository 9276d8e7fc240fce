"""The code side of small organisations for property tests: repositories, commits, changes.

Everything stands on whole seconds, and no two deployments of a service finish at the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import factories as make
from factories import Event, day, sha_of

Choice = TypeVar("Choice")

AUTHORS = ("ann", "bob", "eve", "renovate[bot]", "robo", None)
STATES = ("approved", "commented", "changes_requested", "dismissed")
STYLES = ("push", "squash", "merge", "rebase")


@dataclass
class Trunk:
    """A repository's default branch: its commits in order, and the changes that made them."""

    repository: str
    folders: Sequence[str]
    commits: list[Event] = field(default_factory=list)
    changes: list[Event] = field(default_factory=list)

    @property
    def tip(self) -> str:
        """The newest commit."""
        return str(self.commits[-1]["sha"])

    def head_at(self, time: datetime) -> int:
        """Give the place of the newest commit that is not younger than a time."""
        past = [n for n, each in enumerate(self.commits) if each["committed_at"] <= make.text(time)]
        return past[-1] if past else 0


@dataclass
class Sketch:
    """The organisation while it is drawn; ``choose`` gives a whole number between two, both included."""

    choose: Callable[[int, int], int]
    events: list[Event] = field(default_factory=list)

    def pick(self, options: Sequence[Choice]) -> Choice:
        """Draw one of some options."""
        return options[self.choose(0, len(options) - 1)]

    def between(self, low: int, high: int) -> int:
        """Draw a whole number."""
        return self.choose(low, high)

    def chance(self, percent: int) -> bool:
        """Draw yes in so many of a hundred cases."""
        return self.choose(0, 99) >= 100 - percent

    def sometimes(self, value: Choice, percent: int = 70) -> Choice | None:
        """Keep a value, or lose it as sources do."""
        return None if self.chance(100 - percent) else value

    def later(self, time: datetime, low_minutes: int, high_minutes: int) -> datetime:
        """Draw a later time, off the full minute so that sums show mistakes."""
        minutes = self.between(low_minutes, high_minutes)
        return time + timedelta(minutes=minutes, seconds=minutes * 7 % 60)

    def add(self, event: Event) -> Event:
        """Record an event."""
        self.events.append(event)
        return event


def new_commit(sketch: Sketch, trunk: Trunk, name: str, time: datetime, *parents: str, **fields: Any) -> Event:
    """Make a commit; one with several parents carries no files of its own, as git tells it."""
    author = sketch.pick(AUTHORS)
    files = None
    if trunk.folders and len(parents) < 2:
        files = [{"path": f"{sketch.pick(trunk.folders)}/{name}.py"}]
    kind = "bot" if author is None and sketch.chance(20) else None
    known = {"author": author, "author_kind": kind, "file_changes": files}
    return make.commit(trunk.repository, sha_of(f"{trunk.repository}:{name}"), time, *parents, **{**known, **fields})


def branch(sketch: Sketch, trunk: Trunk, number: int, time: datetime) -> list[Event]:
    """Write one or two commits on a branch off the trunk."""
    base = trunk.tip
    written = []
    for step in range(sketch.between(1, 2)):
        made = new_commit(sketch, trunk, f"b{number}.{step}", time, base)
        written.append(made)
        base, time = made["sha"], sketch.later(time, 1, 600)
    return written


def land(sketch: Sketch, trunk: Trunk, number: int, style: str, time: datetime) -> dict[str, Any]:
    """Bring a branch to the trunk in one of three ways; give what the change knows of it."""
    written = branch(sketch, trunk, number, time)
    merged = sketch.later(datetime.fromisoformat(written[-1]["authored_at"]), 5, 1500)
    if sketch.chance(30):
        trunk.commits.append(sketch.add(new_commit(sketch, trunk, f"s{number}", merged, trunk.tip)))
    tip = trunk.tip
    if style == "merge":
        new = [*written, new_commit(sketch, trunk, f"m{number}", merged, tip, written[-1]["sha"])]
    elif style == "squash":
        files = [each for old in written for each in old.get("file_changes") or ()] or None
        new = [new_commit(sketch, trunk, f"q{number}", merged, tip, file_changes=files)]
        sketch.events += written if sketch.chance(50) else []
    else:
        new = []
        for step, old in enumerate(written):
            kept = {name: old.get(name) for name in ("author", "author_kind", "authored_at", "file_changes")}
            same = {**kept, "committed_at": merged}
            new.append(new_commit(sketch, trunk, f"r{number}.{step}", merged, tip, **same))
            tip = new[-1]["sha"]
    sketch.events += new
    trunk.commits.append(new[-1])
    first = datetime.fromisoformat(written[0]["authored_at"])
    shas = [each["sha"] for each in written]
    return {"commits": shas, "merge_sha": new[-1]["sha"], "merged_at": merged, "first_commit_at": first}


def propose(sketch: Sketch, trunk: Trunk, number: int, style: str, time: datetime) -> datetime:
    """Open, review and land one change; give the time it was merged."""
    facts = land(sketch, trunk, number, style, time)
    merged, first = facts["merged_at"], facts["first_commit_at"]
    created = min(sketch.later(first, 0, 300), merged)
    facts["first_commit_at"] = sketch.sometimes(first, 60)
    facts["commits"] = sketch.sometimes(facts["commits"], 85)
    facts["merge_sha"] = sketch.sometimes(facts["merge_sha"], 95)
    facts["ready_at"] = sketch.sometimes(min(sketch.later(created, 0, 300), merged), 40)
    if sketch.chance(5):
        facts["first_commit_at"] = created - timedelta(days=sketch.between(179, 400))
    made = make.change(trunk.repository, number, created, author=sketch.pick(AUTHORS), **facts, **intent(sketch, trunk))
    trunk.changes.append(sketch.add(made))
    for index in range(sketch.between(0, 3)):
        look(sketch, made, index, created)
    return datetime.fromisoformat(make.text(merged))


def intent(sketch: Sketch, trunk: Trunk) -> dict[str, Any]:
    """Draw what a change is for: mostly plain work, at times a revert or a hotfix."""
    purpose = sketch.pick(("work", "work", "work", "work", "work", "revert", "label", "title", "branch"))
    if purpose == "revert" and trunk.changes:
        return {"title": "Take it back", "reverts": sketch.pick(trunk.changes)["number"]}
    if purpose == "label":
        return {"title": "Mend", "labels": ["hotfix"]}
    if purpose == "title":
        return {"title": "hotfix: mend"}
    return {"title": "Work", "head": "hotfix/mend" if purpose == "branch" else "work"}


def look(sketch: Sketch, change: Event, index: int, created: datetime) -> None:
    """Review a change, by a person, its author or a bot, now and then after the merge."""
    when = sketch.later(created, 1, 4000)
    kind = "bot" if sketch.chance(10) else None
    reviewer, state = sketch.pick(AUTHORS), sketch.pick(STATES)
    name = f"{change['id']}/{index}"
    sketch.add(make.review(name, change["id"], when, reviewer=reviewer, reviewer_kind=kind, state=state))


def grow(sketch: Sketch, name: str, folders: Sequence[str]) -> Trunk:
    """Write a repository's history of pushes and changes over some weeks."""
    trunk = Trunk(name, folders)
    born = sketch.sometimes(day(sketch.between(-60, 5)), 40)
    sketch.add(make.repository(name, created_at=born))
    time = day(0, 8)
    trunk.commits.append(sketch.add(new_commit(sketch, trunk, "root", time)))
    for number in range(1, sketch.between(4, 16) + 1):
        time = sketch.later(time, 30, 1500)
        style = sketch.pick(STYLES)
        if style == "push":
            undone = sketch.pick(trunk.commits)["sha"] if sketch.chance(15) else None
            made = new_commit(sketch, trunk, f"p{number}", time, trunk.tip, reverts=undone)
            trunk.commits.append(sketch.add(made))
        else:
            time = propose(sketch, trunk, number, style, time)
    return trunk
