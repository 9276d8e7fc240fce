"""Generated organisations for metrics of people: who began when, what they wrote, who was on call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import factories as make
from factories import Event, day, sha_of
from organisations import Organisation

REPOSITORY, SERVICE = "acme/joins", "joins"
TEAMS = ("red", "blue", None)
KINDS = ("access", "VPN account", "database")
STATUS = ("fulfilled", "open", None, "cancelled")
DAYS = 500


@dataclass(frozen=True)
class Worker:
    """One person with all handles; ``start`` is None where nobody tells it."""

    handles: tuple[str, ...]
    start: datetime | None


def hire(dice: Random, number: int, events: list[Event]) -> Worker:
    """Draw one person: told of once or by two sources, with or without a first day, here or gone."""
    name = f"p{number}"
    start = day(dice.randint(-300, DAYS)) if dice.random() < 0.9 else None
    end = start + timedelta(days=dice.randint(5, 400)) if start and dice.random() < 0.2 else None
    events.append(make.person(name, start_date=start, end_date=end, handles=[name, f"{name}@acme.test"]))
    if dice.random() < 0.2:
        events.append(make.person(f"{name}-hr", handles=[f"{name}@acme.test"], start_date=day(dice.randint(0, DAYS))))
    if team := dice.choice(TEAMS):
        left = day(dice.randint(100, DAYS)) if dice.random() < 0.3 else None
        events.append(make.ownership(f"{name}/team", team, person=name, valid_from=start, valid_to=left))
    return Worker((name, f"{name}@acme.test"), start)


def write(dice: Random, workers: list[Worker], events: list[Event]) -> None:
    """Draw commits in a row, some of them merges of a change, and a deployment now and then."""
    parent: tuple[str, ...] = ()
    for number in range(dice.randint(30, 120)):
        time = day(number * DAYS / 120 + dice.random() - 40)
        here = [each for each in workers if each.start is None or each.start < time or dice.random() < 0.02]
        author = dice.choice(dice.choice(here).handles) if here else None
        sha = sha_of(f"{REPOSITORY}{number}")
        events.append(make.commit(REPOSITORY, sha, time, *parent, author=author))
        if dice.random() < 0.7:
            merged = time if dice.random() < 0.9 else None
            facts = {"author": author, "merged_at": merged, "merge_sha": sha, "commits": [sha]}
            events.append(make.change(REPOSITORY, number, time - timedelta(hours=5), **facts))
        if dice.random() < 0.15:
            events.append(make.deployment(f"put/{number}", SERVICE, time + timedelta(hours=7), sha=sha))
        parent = (sha,)


def ask(dice: Random, events: list[Event]) -> None:
    """Draw what teams asked for."""
    for number in range(dice.randint(0, 60)):
        time = day(dice.random() * DAYS - 60)
        done = time + timedelta(hours=dice.randint(1, 900)) if dice.random() < 0.8 else None
        known = {"kind": dice.choice(KINDS), "team": dice.choice(TEAMS), "requested_at": time, "usable_at": done}
        events.append(make.event("request", f"ask/{number}", status=dice.choice(STATUS), **known))


def watch(dice: Random, workers: list[Worker], events: list[Event]) -> None:
    """Draw shifts of two rotations, of 12 hours or a week, and pages in and out of them."""
    for rotation, hours in (("first", 12), ("second", dice.choice((12, 24, 168)))):
        crew = dice.sample(workers, min(len(workers), dice.randint(2, 9)))
        for number in range(dice.randint(5, 40)):
            starts = day(0, number * hours)
            holder = dice.choice(crew).handles if dice.random() < 0.95 else (None,)
            ends = starts + timedelta(hours=hours)
            known = {"rotation": rotation, "person": dice.choice(holder), "starts_at": starts, "ends_at": ends}
            events.append(make.event("shift", f"{rotation}/{number}", **known))
        for number in range(dice.randint(0, 60)):
            known = {"rotation": rotation, "service": dice.choice((SERVICE, None)), "paged_at": day(dice.random() * 30)}
            said = dice.choice((True, False, None))
            events.append(make.event("page", f"{rotation}/page/{number}", actionable=said, **known))


def workforce(seed: int) -> Organisation:
    """Make the people of a seed with what they did, and a window to ask about."""
    dice = Random(seed)  # noqa: S311 - nothing here is secret
    events: list[Event] = [
        make.repository(REPOSITORY, default_branch="main"),
        make.service(SERVICE, repository=REPOSITORY),
        make.person("robot", kind="bot", start_date=day(3), handles=["robot"]),
        make.ownership("joins/red", "red", service=SERVICE),
    ]
    workers = [hire(dice, number, events) for number in range(dice.randint(3, 60))]
    write(dice, workers, events)
    ask(dice, events)
    watch(dice, workers, events)
    start = day(dice.randint(-100, 200))
    window = (start, start + timedelta(days=dice.randint(20, 400)))
    return Organisation(events, day(dice.randint(40, DAYS)), window, [SERVICE])
