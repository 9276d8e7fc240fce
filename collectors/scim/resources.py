"""What SCIM users and groups say: people with handles and dates, teams with members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.parsed import UNSAID, Parsed, part, parts, said
from collectors.people import handle
from collectors.table_file import instant
from tribometer.events import Ownership

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tribometer.privacy import Pseudonyms

FORGE = "scim"
"""Before ids and user names, which are nobody's login at a forge unless the configuration says so."""


@dataclass(frozen=True)
class Attributes:
    """Where an organisation keeps what SCIM does not define, as RFC 7644 writes paths: ``urn:…:User:attribute``."""

    start_date: str | None = None
    end_date: str | None = None
    logins: str | None = None

    @property
    def names(self) -> Sequence[str]:
        """The attributes to ask for."""
        own = (self.start_date, self.end_date)
        return ("id", "userName", "emails", "meta", *(each for each in own if each))


def parse_user(user: Mapping[str, Any], attributes: Attributes, source: str) -> Parsed:
    """A user as a person. That the account is not active says nothing about when somebody left."""
    found, person = Parsed(), _person(part(user, "id"))
    dates = {"start_date": attributes.start_date, "end_date": attributes.end_date}
    stated = {name: _date(attribute(user, path)) for name, path in dates.items() if path}
    found.add(
        "person",
        {"type": "person", "source": source, "id": person, **stated},
        source=source,
        id=person or UNSAID,
        version=said(part(user, "meta", "lastModified")),
        handles=_handles(user, attributes.logins) or UNSAID,
        **stated,
    )
    return found


def parse_groups(
    groups: Sequence[Mapping[str, Any]], pseudonyms: Pseudonyms, source: str
) -> tuple[Parsed, list[Ownership]]:
    """Groups as teams, with the claims that their members belong to them; a group within one has it as parent."""
    found, claims = Parsed(), Parsed()
    within = ((_key(part(member, "value")), each["displayName"]) for each in groups for member in _groups_in(each))
    above = {key: team for key, team in within if key}
    for group in groups:
        team, people = str(group["displayName"]), list(_people_in(group))
        raw = {key: group[key] for key in ("id", "displayName") if key in group}
        found.add(
            "team",
            raw,
            source=source,
            id=team,
            name=team,
            parent=above.get(_key(part(group, "id")) or ""),
            headcount=len(people) or UNSAID,
        )
        for person in people:
            who = pseudonyms.of(person)
            claims.add("ownership", raw, source=source, id=f"person/{who}/{team}", team=team, person=who)
    found.rejected += claims.rejected
    return found, [event for event in claims.events if isinstance(event, Ownership)]


def attribute(resource: Mapping[str, Any], path: str) -> object:
    """The value at a path: an attribute, ``attribute.sub``, or either behind a schema's URN; None where there is none.

    Names and URNs are compared without letter case (RFC 7643, 2.1).
    """
    wanted = path.casefold()
    for key in resource:
        if wanted.startswith(f"{key.casefold()}:"):
            return attribute(resource[key], path[len(key) + 1 :]) if isinstance(resource[key], dict) else None
    name, _, rest = wanted.partition(".") if not wanted.startswith("urn:") else (wanted, "", "")
    value = next((each for key, each in resource.items() if key.casefold() == name), None)
    return (attribute(value, rest) if isinstance(value, dict) else None) if rest else value


def _date(value: object) -> object:
    return instant(value) if isinstance(value, str) and value else None


def _key(value: object) -> str | None:
    """The service's own key of a resource."""
    return value if isinstance(value, str) and value else None


def _person(key: object) -> str | None:
    """What somebody goes by here: the service's own key."""
    return handle(FORGE, _key(key))


def _handles(user: Mapping[str, Any], logins: str | None) -> list[str]:
    login = part(user, "userName")
    stated = [handle(logins or FORGE, login if isinstance(login, str) else None)]
    stated += [part(each, "value") for each in parts(user, "emails")]
    return list(dict.fromkeys(each for each in stated if isinstance(each, str) and each))


def _groups_in(group: Mapping[str, Any]) -> Iterator[object]:
    return (each for each in parts(group, "members") if _is_group(each))


def _people_in(group: Mapping[str, Any]) -> Iterator[str]:
    found = (_person(part(each, "value")) for each in parts(group, "members") if not _is_group(each))
    return (each for each in found if each)


def _is_group(member: object) -> bool:
    """The type is optional; the address tells it too (RFC 7643, 2.4 and 4.2)."""
    return part(member, "type") == "Group" or "/Groups/" in str(part(member, "$ref"))
