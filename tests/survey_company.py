"""An organisation of 300 people in a tree of teams: its address book, and what its catalog tells."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import factories as make
from survey_respondents import Person

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
"""No holiday, and working hours, in every place of the organisation."""
TEAMS: Mapping[str, tuple[str, int, int]] = {
    "checkout": ("commerce", 60, 45), "search": ("commerce", 50, 36), "payments": ("commerce", 40, 28),
    "build": ("platform", 45, 33), "runtime": ("platform", 40, 29),
    "analytics": ("data", 35, 23), "warehouse": ("data", 20, 12), "labs": ("data", 10, 4),
}  # fmt: skip
"""Of each team the one above it, how many are asked, and how many of them answer."""
PLACES = {"commerce": ("Europe/Berlin", "DE"), "platform": ("Europe/London", "GB"), "data": ("Asia/Kolkata", "IN")}
WHOLE = "engineering"
GONE = ("ci@acme.example", "left@acme.example")
"""A bot and somebody who left: they stand in the address book, and are not asked."""


def people() -> list[Person]:
    """Everybody who is asked; every fifth by Slack."""
    teams = [team for team, (_, size, _) in TEAMS.items() for _ in range(size)]
    return [
        Person(number, team, f"{team}{number}@acme.example", f"U{number:06}" if number % 5 == 0 else "")
        for number, team in enumerate(teams)
    ]


def members(team: str) -> set[str]:
    """The teams with people that a team consists of: itself, or those below it."""
    return {name for name, (unit, _, _) in TEAMS.items() if team in {name, unit, WHOLE}}


def catalog() -> Iterator[make.Event]:
    """What the organisation's catalog tells of people and teams."""
    yield make.event("team", WHOLE, name=WHOLE)
    for unit, (zone, country) in PLACES.items():
        yield make.event("team", unit, name=unit, parent=WHOLE, timezone=zone, holidays=country)
    for team, (unit, _, _) in TEAMS.items():
        zone, country = PLACES[unit]
        yield make.event("team", team, name=team, parent=unit, timezone=zone, holidays=country)
    for each in people():
        yield make.person(each.address)
        yield make.ownership(f"member {each.number}", each.team, person=each.address)
    yield make.person(GONE[0], kind="bot")
    yield make.person(GONE[1], end_date=MONDAY - timedelta(days=3))


def write_book(file: Path) -> None:
    """Write the address book."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(("address", "slack", "language"))
        rows.writerows((each.address, each.slack, "de" if each.number % 7 == 0 else "en") for each in people())
        rows.writerows((address, "", "") for address in GONE)
