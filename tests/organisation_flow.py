"""What generated organisations say of the flow of changes: sizes, branches, requests for reviews, work left open."""

from __future__ import annotations

from datetime import datetime, timedelta

import factories as make
from factories import Event, day
from repositories import AUTHORS, Sketch, Trunk, look

FILES = (
    "src/pay.py",
    "web/app.min.js",
    "poetry.lock",
    "vendor/lib/a.go",
    "svc/vendor/b.go",
    "locks/keys.py",
    "a.lock/b",
)
TEAMS = ("red", "blue", None)


def measure(sketch: Sketch, change: Event) -> None:
    """Tell a change's size: by files, as a whole, or not at all."""
    told = sketch.pick(("files", "files", "whole", "nothing"))
    if told == "files":
        paths = [sketch.pick(FILES) for _ in range(sketch.between(0, 3))]
        change["file_changes"] = [
            {"path": path, "additions": sketch.between(0, 90), "deletions": sketch.sometimes(sketch.between(0, 9))}
            for path in paths
        ]
    if told != "nothing":
        change["additions"], change["deletions"] = sketch.between(0, 300), sketch.between(0, 40)
    change["base"] = sketch.pick(("main", "main", "main", None, "release"))


def ask(sketch: Sketch, change: Event) -> None:
    """Ask people or teams for reviews, once or again, and let some answer."""
    created = datetime.fromisoformat(change["created_at"])
    for number in range(sketch.between(0, 3)):
        when = sketch.later(created, 0, 4000)
        reviewer = sketch.pick(AUTHORS)
        team = sketch.pick(TEAMS) if reviewer else sketch.pick(("red", "blue"))
        name = f"{change['id']}/asked/{number}"
        sketch.add(
            make.event("review_request", name, change=change["id"], reviewer=reviewer, team=team, requested_at=when)
        )
        if sketch.chance(60):
            look(sketch, change, 10 + number, when)


def leave_open(sketch: Sketch, trunk: Trunk, number: int) -> Event:
    """Open a change that is not merged: closed after a while, or not at all."""
    created = day(sketch.between(0, 60), sketch.between(0, 23))
    closed = sketch.sometimes(created + timedelta(days=sketch.between(0, 30), minutes=3), 40)
    ready = sketch.sometimes(created + timedelta(days=sketch.between(0, 9)), 30)
    author = sketch.pick(AUTHORS)
    return sketch.add(
        make.change(trunk.repository, number, created, author=author, closed_at=closed, ready_at=ready, title="Later")
    )


def flow(sketch: Sketch, trunk: Trunk) -> None:
    """Add all this to what a repository's changes say already."""
    if sketch.chance(60):
        home = next(e for e in sketch.events if e["type"] == "repository" and e["name"] == trunk.repository)
        home["default_branch"] = "main"
    left = [leave_open(sketch, trunk, 500 + number) for number in range(sketch.between(0, 3))]
    for change in [*trunk.changes, *left]:
        measure(sketch, change)
        ask(sketch, change)


def belong(sketch: Sketch) -> None:
    """Let some people belong to a team, and change it."""
    for name in ("ann", "bob", "eve"):
        if sketch.chance(60):
            moved = day(sketch.between(0, 60))
            sketch.add(make.ownership(f"{name}/1", "red", person=name, valid_to=sketch.sometimes(moved)))
            sketch.add(make.ownership(f"{name}/2", "blue", person=name, valid_from=moved))
