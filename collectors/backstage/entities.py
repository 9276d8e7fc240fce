"""What a Backstage catalog says: components as services, groups as teams, users as people, and who owns what.

Kinds, references and annotations: backstage.io/docs, "Descriptor format of catalog entities", "Well-known annotations".
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collectors.backstage.references import (
    ANNOTATIONS,
    called,
    namespace_of,
    own_reference,
    place,
    reference,
    short_name,
)
from collectors.parsed import UNSAID, Parsed, part, parts, said, text
from collectors.people import handle
from tribometer.events import Ownership
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tribometer.privacy import Pseudonyms

GITHUB_LOGIN = "github.com/user-login"
DEPLOYED = frozenset({"service", "website"})


@dataclass(frozen=True)
class Catalog:
    """Entities by their lower-case reference ``kind:namespace/name``, as Backstage looks them up."""

    entities: Sequence[Mapping[str, Any]]

    def of(self, kind: str) -> Iterator[Mapping[str, Any]]:
        """All entities of a kind."""
        return (each for each in self.entities if str(each.get("kind")).lower() == kind)

    def short(self, kind: str) -> Mapping[str, str]:
        """What each entity of a kind is called in events, by its reference."""
        return {own_reference(each): called(each) for each in self.of(kind)}

    def domains(self) -> Mapping[str, str]:
        """The domain of each system that is in one, by the system's reference."""
        found = (
            (own_reference(each), short_name(part(each, "spec", "domain"), "domain")) for each in self.of("system")
        )
        return {system: domain for system, domain in found if domain}


@dataclass
class Read(Parsed):
    """What a catalog came to: events, claims that get their dates later, and how many owners were no team."""

    claims: list[Ownership] = field(default_factory=list)
    persons: int = 0
    unknown: int = 0

    def claim(self, raw: object, **fields: object) -> None:
        """Make a claim that has no dates yet, or reject ``raw`` with the reason."""
        made = Parsed()
        made.add("ownership", raw, **fields)
        self.rejected += made.rejected
        self.claims += [event for event in made.events if isinstance(event, Ownership)]

    def remarks(self) -> Iterator[Remark]:
        """What an operator should know about owners."""
        name = "Name a group of the catalog in spec.owner"
        if self.persons:
            one = "1 component belongs to a single person, so it has no owner here"
            many = f"{self.persons:,} components belong to single persons, so they have no owner here"
            yield Remark(one if self.persons == 1 else many, name)
        if self.unknown:
            who = "1 component names" if self.unknown == 1 else f"{self.unknown:,} components name"
            yield Remark(f"{who} an owner that is no group of the catalog", name)


def parse_entities(
    entities: Sequence[Mapping[str, Any]], *, source: str, libraries: frozenset[str], pseudonyms: Pseudonyms
) -> Read:
    """Events of all entities of a catalog; systems and templates make none, since the contract has no place for them.

    ``libraries`` are the types of components that are not deployed. Claims name people by pseudonym, for nobody keys
    their ids.
    """
    catalog, found = Catalog(entities), Read()
    teams, domains = catalog.short("group"), catalog.domains()
    for component in catalog.of("component"):
        _component(found, component, domains, source, libraries)
        _owner(found, component, teams, source)
    parents = _parents(catalog, teams)
    members = Counter(team for user in catalog.of("user") for team in _teams_of(user, teams))
    for group in catalog.of("group"):
        _group(found, group, parents, members, source)
    shared = _shared(catalog.of("user"))
    for user in catalog.of("user"):
        person = _user(found, user, shared, source)
        who = pseudonyms.of(person) if person else None
        for team in _teams_of(user, teams) if who else ():
            found.claim(None, source=source, id=f"person/{who}/{team}", team=team, person=who)
    return found


def templates(entities: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What each template makes, like service, library or resource, by its name."""
    typed = ((called(each), part(each, "spec", "type")) for each in Catalog(entities).of("template"))
    return {name: kind for name, kind in typed if isinstance(kind, str) and kind}


def _component(
    found: Read, entity: Mapping[str, Any], domains: Mapping[str, str], source: str, libraries: frozenset[str]
) -> None:
    kind, system = text(part(entity, "spec", "type")), part(entity, "spec", "system")
    tier = part(entity, "spec", "tier") or part(entity, "metadata", "labels", "tier")
    deployed = "deployable" if kind in DEPLOYED else UNSAID
    repository, folder = place(entity)
    found.add(
        "service",
        entity,
        source=source,
        id=called(entity),
        name=called(entity),
        kind="library" if kind in libraries else deployed,
        tier=said(str(tier) if isinstance(tier, int) else text(tier)),
        template=said(short_name(part(entity, *ANNOTATIONS, "backstage.io/source-template"), "template")),
        repository=said(repository),
        paths=[folder] if folder else UNSAID,
        component_type=said(kind),
        lifecycle=said(part(entity, "spec", "lifecycle")),
        system=said(short_name(system, "system")),
        domain=said(domains.get(reference(system, "system", namespace_of(entity)) or "")),
    )


def _owner(found: Read, entity: Mapping[str, Any], teams: Mapping[str, str], source: str) -> None:
    owner = reference(part(entity, "spec", "owner"), "group", namespace_of(entity))
    if owner is not None and owner in teams:
        service, team = called(entity), teams[owner]
        found.claim(entity, source=source, id=f"service/{service}/{team}", team=team, service=service)
    elif owner is not None:
        found.persons += owner.startswith("user:")
        found.unknown += not owner.startswith("user:")


def _parents(catalog: Catalog, teams: Mapping[str, str]) -> dict[str, str]:
    """The team above each team, whether the lower or the upper one says so."""
    above: dict[str, str] = {}
    for group in catalog.of("group"):
        for child in parts(group, "spec", "children"):
            below = teams.get(reference(child, "group", namespace_of(group)) or "")
            if below:
                above[below] = called(group)
    for group in catalog.of("group"):
        parent = teams.get(reference(part(group, "spec", "parent"), "group", namespace_of(group)) or "")
        if parent:
            above[called(group)] = parent
    return above


def _group(
    found: Read, entity: Mapping[str, Any], parents: Mapping[str, str], members: Mapping[str, int], source: str
) -> None:
    team = called(entity)
    found.add(
        "team",
        entity,
        source=source,
        id=team,
        name=text(part(entity, "spec", "profile", "displayName")) or text(part(entity, "metadata", "title")) or team,
        parent=parents.get(team),
        headcount=members.get(team, UNSAID),
        group_type=said(part(entity, "spec", "type")),
    )


def _teams_of(user: Mapping[str, Any], teams: Mapping[str, str]) -> list[str]:
    """The user's groups: the relation knows both those he names and those that name him."""
    relations = (each for each in parts(user, "relations") if part(each, "type") == "memberOf")
    found = (teams.get(str(part(each, "targetRef")).lower()) for each in relations)
    return sorted({team for team in found if team})


def _handles(user: Mapping[str, Any]) -> list[str]:
    stated = (part(user, "spec", "profile", "email"), part(user, *ANNOTATIONS, GITHUB_LOGIN))
    return [each for each in stated if isinstance(each, str) and each]


def _shared(users: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Handles that several users have, a team's mailbox say: they are nobody's."""
    counts = Counter(each.casefold() for user in users for each in set(_handles(user)))
    return frozenset(each for each, count in counts.items() if count > 1)


def _user(found: Read, entity: Mapping[str, Any], shared: frozenset[str], source: str) -> str | None:
    """Make the person, who goes by the catalog's own key: it is nobody's login. A rejection of it names nobody."""
    uid = part(entity, "metadata", "uid")
    person = handle("backstage", uid) if isinstance(uid, str) else None
    own = [each for each in _handles(entity) if each.casefold() not in shared]
    raw = {"kind": "User", "metadata": {"uid": uid}}
    found.add("person", raw, source=source, id=person or UNSAID, kind="human", handles=own or UNSAID)
    return person
