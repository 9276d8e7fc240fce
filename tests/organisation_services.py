"""What generated organisations say of how services began, and of pages to whoever was on call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import factories as make
from factories import day
from repositories import Sketch


def beginnings(sketch: Sketch, services: Sequence[str], now: datetime) -> None:
    """Let repositories be forks, archived or of some age, and services come from a template or wait for production."""
    for each in [e for e in sketch.events if e["type"] == "repository"]:
        if sketch.chance(50):
            each["created_at"] = make.text(day(sketch.between(-50, 20)))
        each["fork"], each["archived"] = sketch.chance(10), sketch.chance(10)
    for each in [e for e in sketch.events if e["type"] == "service"]:
        if sketch.chance(40):
            each["template"] = sketch.pick(("golden", "classic"))
    for number in range(sketch.between(0, 12)):
        new_service(sketch, f"new{number}", now)
    for name in services:
        if sketch.chance(40):
            tried = day(sketch.between(0, 40), 3)
            sketch.add(make.deployment(f"{name}/tried", name, tried, environment="staging", tier="staging"))


def new_service(sketch: Sketch, name: str, now: datetime) -> None:
    """Draw a service of its own with what it has reached."""
    born = day(sketch.between(-40, 60), sketch.between(0, 23))
    template = sketch.pick(("golden", None))
    sketch.add(make.service(name, repository=f"acme/{name}", created_at=born, template=template))
    if sketch.chance(70):
        live = min(sketch.later(born, -2000, 90_000), now)
        sketch.add(make.deployment(f"{name}/live", name, live))
    if sketch.chance(50):
        sketch.add(make.commit(f"acme/{name}", make.sha_of(name), sketch.later(born, -3000, 9000), author="ann"))
    if sketch.chance(30):
        since = sketch.later(born, 0, 50_000)
        sketch.add(make.slo(f"{name}/slo", name, since, since + timedelta(days=1), good=99, total=100))


def paged(sketch: Sketch, services: Sequence[str]) -> None:
    """Draw pages, of services or not, of use or not, or nobody says."""
    for number in range(sketch.between(0, 15)):
        known = {
            "rotation": sketch.pick(("first", "second")),
            "service": sketch.pick((*services, "nobody's", None)),
            "paged_at": day(sketch.between(0, 70), sketch.between(0, 23)),
            "actionable": sketch.pick((True, False, None)),
        }
        sketch.add(make.event("page", f"page/{number}", **known))
