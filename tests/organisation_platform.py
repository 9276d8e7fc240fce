"""What generated organisations say of their platform: paths taken, approvals, requests, and what is seen to run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import factories as make
from factories import Event, day, sha_of
from repositories import Sketch

PATHS = ("golden", "golden", "other", "manual", None)
DECISIONS = ("approved", "approved", "rejected", "cancelled", None)
STATUSES = ("open", "fulfilled", "Closed", "cancelled", "failed", None)


def pave(sketch: Sketch) -> None:
    """Let deployments say by which path they went, and one template have releases."""
    if sketch.chance(70):
        for each in [e for e in sketch.events if e["type"] == "deployment"]:
            path = sketch.pick(PATHS)
            if path is not None:
                each["path"] = path
    if sketch.chance(50):
        released = {"template": "golden", "release": "v1", "released_at": day(-50)}
        sketch.add(make.event("template_release", "golden@v1", **released))


def gates(sketch: Sketch) -> None:
    """Say of the gates there are what they were, and close one more before some deployments."""
    for each in [e for e in sketch.events if e["type"] == "gate"]:
        each["kind"] = sketch.pick(("human", "human", "timer", "policy"))
        decision = sketch.pick(DECISIONS)
        if decision is not None:
            each["decision"] = decision
    for each in [e for e in sketch.events if e["type"] == "deployment"]:
        if sketch.chance(20):
            asked = day(sketch.between(0, 70), sketch.between(0, 23))
            sketch.add(make.gate(f"{each['id']}/waits", asked, deployment=each["id"]))


def requests(sketch: Sketch, services: Sequence[str]) -> None:
    """Draw what teams ask the platform for, with a gate before some of it."""
    for number in range(sketch.between(0, 25)):
        asked = day(sketch.between(0, 80), sketch.between(0, 23))
        done = sketch.sometimes(sketch.later(asked, -30, 9000))
        known = {
            "kind": sketch.pick(("database", "service")),
            "team": sketch.pick(("red", "blue", None)),
            "service": sketch.pick((*services, None)),
            "template": sketch.pick(("golden", "classic", None)),
            "requested_at": asked,
            "first_response_at": sketch.sometimes(sketch.later(asked, 0, 5000), 60),
            "fulfilled_at": done,
            "usable_at": done and sketch.sometimes(sketch.later(done, 0, 900)),
            "status": sketch.pick(STATUSES),
            "human_touches": sketch.sometimes(sketch.between(0, 2), 80),
        }
        made = sketch.add(make.event("request", f"request/{number}", **known))
        if sketch.chance(30):
            gate_of(sketch, made, asked)


def gate_of(sketch: Sketch, request: Event, asked: datetime) -> None:
    """Draw the gate before a request."""
    decided = sketch.sometimes(sketch.later(asked, -2, 3000))
    decision = sketch.pick(DECISIONS)
    sketch.add(make.gate(f"{request['id']}/gate", asked, request=request["id"], decided_at=decided, decision=decision))


def looks(sketch: Sketch, services: Sequence[str]) -> None:
    """Look at what runs now and then: mostly what was deployed, by commit, by artifact or by both."""
    for service in services if sketch.chance(70) else ():
        mine = [e for e in sketch.events if e["type"] == "deployment" and e["service"] == service and e.get("sha")]
        for number in range(sketch.between(0, 12)):
            near = sketch.pick(mine) if mine else {}
            when = near.get("finished_at") or make.text(day(sketch.between(0, 70)))
            seen = sketch.later(datetime.fromisoformat(when), -90, 200)
            sha = near.get("sha") if sketch.chance(80) else sha_of(f"{service}/{number}")
            artifact = sketch.sometimes(near.get("artifact"), 70)
            known = {
                "service": service,
                "environment": sketch.pick(("production", "production", "production", "staging")),
                "observed_at": seen + timedelta(seconds=number),
                "sha": sketch.sometimes(sha, 80) if artifact else sha or sha_of(service),
                "artifact": artifact,
            }
            sketch.add(make.event("observation", f"{service}/seen/{number:02}", **known))


def platform(sketch: Sketch, services: Sequence[str]) -> None:
    """Add all this to what an organisation says already."""
    pave(sketch)
    gates(sketch)
    requests(sketch, services)
    looks(sketch, services)
