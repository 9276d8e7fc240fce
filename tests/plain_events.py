"""The collected world as plain lists of contract events, merged by the contract's rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

from plain_clock import Span, intersect

Event = dict[str, Any]

UNFINISHED = {None, "queued", "in_progress", "running", "waiting", "pending", "requested"}
STATUS_FIELDS = {"deployment": "status", "run": "conclusion", "job": "conclusion", "request": "status"}
PRODUCTION = ("production", "prod", "live-*", "live")
DAWN = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Options:
    """The options of the command line that change a number."""

    unit: str = "change"
    blame: str = "first"
    bots: str | None = None
    clock: str = "calendar"


@dataclass(frozen=True)
class World:
    """All merged events by type, and the time at which we look at them."""

    by_type: Mapping[str, Sequence[Event]]
    now: datetime

    def of(self, kind: str) -> Sequence[Event]:
        """Give all events of a type, sorted by source and id."""
        return self.by_type.get(kind, [])


@dataclass(frozen=True)
class Scope:
    """A window (``end`` exclusive) and optionally a team that must own the service at the time."""

    world: World
    start: datetime
    end: datetime
    team: str | None = None

    def holds(self, service: str, time: datetime | None) -> bool:
        """Tell whether what ended at ``time`` belongs to the window and the team."""
        if time is None or not self.start <= time < self.end:
            return False
        return self.team is None or owner(self.world, service, time) == self.team


def at(event: Event, field: str) -> datetime | None:
    """Read a time field as an aware UTC datetime."""
    text = event.get(field)
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def first_known(event: Event, *fields: str) -> datetime | None:
    """Give the first of several time fields that is there."""
    return next((at(event, name) for name in fields if event.get(name) is not None), None)


def version_of(event: Event) -> float | None:
    """Give the version of a statement, a number or a time, as a number."""
    version = event.get("version")
    return datetime.fromisoformat(version).timestamp() if isinstance(version, str) else version


def is_late(known: Event, arriving: Event) -> bool:
    """Tell a statement without a version that knows the thing as unfinished, after it finished."""
    field = STATUS_FIELDS.get(arriving["type"])
    if field is None or field not in arriving or version_of(arriving) is not None:
        return False
    return arriving[field] in UNFINISHED and known.get(field) not in UNFINISHED


def take_in(known: Event, versions: dict[str, float], arriving: Event) -> None:
    """Let a statement replace what it carries, field by field; a late one only fills gaps."""
    version, late = version_of(arriving), is_late(known, arriving)
    for name, value in arriving.items():
        if late and known.get(name) is not None:
            continue
        if version is not None and version < versions.get(name, version):
            continue
        known[name] = value
        if version is not None:
            versions[name] = version


def build_world(events: Iterable[Event], now: datetime) -> World:
    """Merge all arrivals by (type, source, id) and sort them by type."""
    known: dict[tuple[str, str, str], Event] = {}
    versions: dict[tuple[str, str, str], dict[str, float]] = {}
    for event in events:
        key = (event["type"], event["source"], str(event["id"]))
        take_in(known.setdefault(key, {}), versions.setdefault(key, {}), event)
    by_type: dict[str, list[Event]] = {}
    for key in sorted(known):
        by_type.setdefault(key[0], []).append(known[key])
    return World({kind: [spoken(by_type, each) for each in told] for kind, told in by_type.items()}, now)


def spoken(by_type: Mapping[str, Sequence[Event]], event: Event) -> Event:
    """Give an event that names a repository as its service the one service it speaks of; a tag is the repository's."""
    named = event.get("service")
    if named is None or event.get("inferred_from") is not None:
        return event
    candidates = candidates_of(by_type.get("service", []), named)
    if event["type"] == "deployment" and len(candidates) > 1:
        candidates = named_in(event.get("environment") or "", candidates)
    return {**event, "service": candidates[0]} if len(candidates) == 1 else event


def candidates_of(catalog: Sequence[Event], repository: str) -> list[str]:
    """List the services a repository's name may stand for: its deployable ones, and where any lives only those."""
    entries = {entry["name"]: entry for entry in reversed(catalog)}
    if repository in entries:
        return []
    homes = {entry["name"]: entry["repository"] for entry in reversed(catalog) if entry.get("repository")}
    tied = [name for name, home in homes.items() if home == repository and entries[name].get("kind") != "library"]
    return [name for name in tied if entries[name].get("archived_at") is None] or tied


def named_in(environment: str, names: Sequence[str]) -> list[str]:
    """List the names that an environment's has in it, in words of their own and not within another of them."""
    words = re.split("[^a-z0-9]+", environment.lower())
    spelt = {name: re.split("[^a-z0-9]+", name.lower()) for name in names}
    found = {
        name: parts
        for name, parts in spelt.items()
        if any(words[place : place + len(parts)] == parts for place in range(len(words)))
    }
    return [name for name in found if not any(name in other for other in found if other != name)]


def reference(event: Event, field: str) -> tuple[str, str] | None:
    """Give the (source, id) an event's reference names."""
    named = event.get(field)
    if named is None:
        return None
    if isinstance(named, dict):
        return (named["source"], str(named["id"]))
    return (event["source"], str(named))


def key_of(event: Event) -> tuple[str, str]:
    """Give the (source, id) by which others refer to an event."""
    return (event["source"], str(event["id"]))


def is_bot(world: World, event: Event, author: str = "author", kind: str = "author_kind") -> bool:
    """Tell bots (E14): said so, known as such, or a login with the mark; unknown is human."""
    login = event.get(author)
    robots = {person["id"] for person in world.of("person") if person.get("kind") == "bot"}
    known = bool(robots & one_person(world, login))
    marked = isinstance(login, str) and login.endswith("[bot]")
    return event.get(kind) == "bot" or (login is not None and (known or marked))


def one_person(world: World, login: Any) -> set[Any]:
    """Give all handles that hang together with one, by what person events declare."""
    declared = [{person["id"], *(person.get("handles") or ())} for person in world.of("person")]
    found: set[Any] = set()
    reached = {login}
    while reached - found:
        found |= reached
        reached = {each for handles in declared if handles & found for each in handles}
    return found


def service_event(world: World, service: str) -> Event:
    """Give the catalog's event of a service, or an empty one."""
    return next((each for each in world.of("service") if each["name"] == service), {})


def service_names(world: World) -> list[str]:
    """List the deployable services any event names; repositories stand in for a missing catalog."""
    names = {each["name"] for each in world.of("service")}
    for kind in ("deployment", "incident", "slo", "ownership"):
        names |= {each["service"] for each in world.of(kind) if each.get("service") and not is_aside(world, each)}
    if not world.of("service"):
        names |= {each["name"] for each in world.of("repository")}
    return sorted(n for n in names if service_event(world, n).get("kind") != "library")


def is_aside(world: World, event: Event) -> bool:
    """Tell a deployment that makes no service of a repository the catalog knows: a tag, or one not to production."""
    homes = {each.get("repository") for each in world.of("service")} - {each["name"] for each in world.of("service")}
    if event["type"] != "deployment" or event["service"] not in homes:
        return False
    return event.get("inferred_from") is not None or not is_production(event)


def is_production(event: Event) -> bool:
    """Tell production by the tier, else by the environment's name (E11)."""
    if event.get("tier") is not None:
        return bool(event["tier"] == "production")
    return any(fnmatchcase(event["environment"], pattern) for pattern in PRODUCTION)


def owner(world: World, service: str, time: datetime) -> str | None:
    """Give the team that owned a service, or else its repository, at a time; the newest claim wins."""
    repository = service_event(world, service).get("repository")
    for field, name in (("service", service), ("repository", repository)):
        claims = [
            (at(claim, "valid_from") or DAWN, claim["team"])
            for claim in world.of("ownership")
            if name is not None
            and claim.get(field) == name
            and (at(claim, "valid_from") or DAWN) <= time < (at(claim, "valid_to") or time + timedelta(1))
        ]
        if claims:
            return str(max(claims)[1])
    return None


def lifetime(world: World, service: str) -> Span:
    """Give from when until when a service lived; without knowledge it always did, until now."""
    entry = service_event(world, service)
    home = entry.get("repository") or service
    repository = next((each for each in world.of("repository") if each["name"] == home), {})
    born = at(entry, "created_at") or at(repository, "created_at") or DAWN
    return born, min(at(entry, "archived_at") or world.now, world.now)


def observed_spans(scope: Scope, service: str) -> list[Span]:
    """Cut the window to the service's life, to now, and to the time the team owned it."""
    life = intersect([(scope.start, scope.end)], [lifetime(scope.world, service)])
    if scope.team is None:
        return life
    claims = scope.world.of("ownership")
    edges = {at(claim, edge) for claim in claims for edge in ("valid_from", "valid_to")}
    cuts = sorted({scope.start, scope.end, *(edge for edge in edges if edge)})
    owned = [pair for pair in pairwise(cuts) if owner(scope.world, service, pair[0]) == scope.team]
    return intersect(life, owned)


def path_matches(paths: Sequence[str], path: str) -> bool:
    """Tell whether a file lies under one of a service's folders or matches one of its globs."""
    return any(path == each or path.startswith(each.rstrip("/") + "/") or fnmatchcase(path, each) for each in paths)


def touches(paths: Sequence[str], event: Event) -> bool:
    """Tell whether a commit or change touches a service's paths; without paths everything does."""
    if not paths:
        return True
    changed = event.get("file_changes") or []
    return any(path_matches(paths, each["path"]) for each in changed)
