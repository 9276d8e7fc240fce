"""Whom a survey asks: an address book joined with the catalog, in parts that are asked one after the other."""

from __future__ import annotations

import csv
import hashlib
import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

COLUMNS = ("address", "slack", "team", "tenure", "language", "timezone", "country")
TENURES = ((90, "<3 months"), (365, "3-12 months"), (1_095, "1-3 years"))
LONGEST = ">3 years"


@dataclass(frozen=True)
class Listed:
    """A line of the address book; what it does not tell is empty, and who has no address cannot be asked."""

    address: str
    slack: str = ""
    team: str = ""
    tenure: str = ""
    language: str = ""
    timezone: str = ""
    country: str = ""


@dataclass(frozen=True)
class Known:
    """What the catalog knows of a person: None where it does not."""

    team: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    is_bot: bool = False


@dataclass(frozen=True)
class Place:
    """Where a team works: its time zone and country of holidays, None where nobody said."""

    timezone: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class Candidate:
    """Somebody who can be asked, by a keyed pseudonym."""

    person: str
    address: str
    slack: str
    team: str
    tenure: str
    language: str
    timezone: str
    country: str | None
    cohort: int = 0


def read_people(path: Path) -> list[Listed]:
    """Read an address book; `UsageError` names the line and what is wrong with it."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(csv.DictReader(file), str(path))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{path}: the address book cannot be read ({type(error).__name__}). Write CSV in UTF-8."
        ) from None


def _read(rows: csv.DictReader[str], place: str) -> list[Listed]:
    names = {name.strip().casefold(): name for name in rows.fieldnames or () if name}
    if "address" not in names:
        raise UsageError(f"{place}: the address book needs a column `address`; it may have {', '.join(COLUMNS[1:])}.")
    found: dict[str, Listed] = {}
    for line, row in enumerate(rows, start=2):
        told = {column: (row.get(names[column]) or "").strip() for column in COLUMNS if column in names}
        if not any(told.values()):
            continue
        address = told["address"]
        if address and ("@" not in address or any(each.isspace() for each in address)):
            raise UsageError(f"{place}, line {line}: `address` is no e-mail address. Correct it, or remove the line.")
        found.setdefault(address.casefold() or f"line {line}", Listed(**told))
    return list(found.values())


def tenure_band(started_at: datetime | None, now: datetime) -> str:
    """The band of how long somebody has been here; empty where nobody knows."""
    if started_at is None:
        return ""
    days = (now - started_at).days
    return next((band for most, band in TENURES if days < most), LONGEST)


def candidates(
    listed: Iterable[Listed],
    known: Callable[[str], tuple[str, Known]],
    places: Mapping[str, Place],
    zone: str,
    now: datetime,
) -> list[Candidate]:
    """Who can be asked: neither bots nor people who left, each once; ``known`` gives who has an address."""
    found: dict[str, Candidate] = {}
    for each in listed:
        if not each.address:
            continue
        person, told = known(each.address)
        if told.is_bot or (told.ended_at is not None and told.ended_at <= now):
            continue
        team = each.team or told.team or ""
        place = places.get(team, Place())
        found.setdefault(
            person,
            Candidate(
                person,
                each.address,
                each.slack,
                team,
                each.tenure or tenure_band(told.started_at, now),
                each.language or "en",
                each.timezone or place.timezone or zone,
                each.country or place.country,
            ),
        )
    return list(found.values())


def in_cohorts(people: Sequence[Candidate], cohorts: int, key: bytes) -> list[Candidate]:
    """Share people out over cohorts, those of a team evenly; under one key the same person comes into the same one.

    Within each team people are ordered by a keyed digest, so that nobody can choose their place or foresee it.
    """

    def place(person: str) -> bytes:
        return hmac.digest(key, person.encode(), hashlib.sha256)

    found: list[Candidate] = []
    for team in sorted({each.team for each in people}):
        members = sorted((each for each in people if each.team == team), key=lambda each: place(each.person))
        begin = place(f"team {team}")[0] % cohorts
        found += [replace(each, cohort=(begin + number) % cohorts) for number, each in enumerate(members)]
    return found
