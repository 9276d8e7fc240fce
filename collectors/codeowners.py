"""CODEOWNERS files: which teams own a repository, by the rules of the forge that reads the file.

Only rules for the whole repository count: the contract's ownership names a service or a repository, and which service
a path belongs to is for the catalog to say. Single persons never become owners. What each forge does:

- GitHub: of all rules that fit, the last wins, and one without owners takes them away; ``!`` and ``[a-z]`` are errors.
  docs.github.com, "About code owners"
- GitLab: the same within each ``[section]``, and the sections add up; owners behind a section's heading are those of
  its rules without any; ``^[section]`` is optional and counts where no other owns all; ``!`` takes paths out of a
  section. A name without a slash may be a group's or a person's, so it counts as a person's.
  docs.gitlab.com, "Code Owners syntax and error handling"
- Gitea and Forgejo: patterns are regular expressions, all rules that fit add up, ``!`` turns one around.
  docs.gitea.com, "Code Owners"
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from collectors.base import Rejection
from tribometer.events import Event, Ownership
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Dialect = Literal["github", "gitlab", "gitea"]
FILE = "CODEOWNERS"
PLACES: Mapping[Dialect, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
    "gitea": ("CODEOWNERS", "docs/CODEOWNERS", ".gitea/CODEOWNERS"),
}
"""Where a forge looks for the file, in its order; the first one found is the only one."""
WHOLE: Mapping[Dialect, frozenset[str]] = {
    "github": frozenset({"*", "**", "/**", "**/*", "/**/*"}),
    "gitlab": frozenset({"*", "**", "/", "/**", "**/*", "/**/*"}),
    "gitea": frozenset({".*", "^.*$", ".+", "^.+$", "(.*)", "(.+)"}),
}
"""Patterns that fit every file."""
SECTION = re.compile(r"(?P<optional>\^)?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>.*)")
COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
BLANK = re.compile(r"(?<!\\)\s+")
CLASS = re.compile(r"(?<!\\)\[")


@dataclass
class _Section:
    """Owners of the whole repository by the rules of one section so far; None: no rule for all of it."""

    optional: bool = False
    defaults: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    excluded: bool = False


@dataclass(frozen=True)
class _Line:
    number: int
    text: str

    def refused(self, reason: str) -> Rejection:
        """The line's pattern without its owners, who may be persons."""
        return Rejection(BLANK.split(self.text)[0], reason, self.number, FILE)


def parse_codeowners(
    text: str, *, source: str, repository: str, dialect: Dialect
) -> tuple[list[Event], list[Rejection]]:
    """Ownership of the repository by each team that owns all of it, and the lines that the forge would not take.

    A team is called by its name within the repository's owner: ``@acme/payments`` owns ``acme/checkout`` as
    ``payments``, a GitLab group ``@acme/shop/payments`` as ``shop/payments``; other owners' teams keep their full name.
    The claims carry no dates; `collectors.ownership.dated` ends those that a later file no longer makes.
    """
    owners, rejected = _owners(text, dialect)
    teams = dict.fromkeys(_team(owner, repository) for owner in owners if _is_team(owner))
    claims: list[Event] = [
        Ownership(source=source, id=f"{repository}/CODEOWNERS/{team}", team=team, repository=repository)
        for team in teams
    ]
    return claims, rejected


def codeowners_remarks(text: str, *, repository: str, dialect: Dialect) -> list[Remark]:
    """What an operator should know of a file that names persons for the whole repository, but no team."""
    owners, _ = _owners(text, dialect)
    persons = sum(not _is_team(owner) for owner in owners)
    if not persons or persons < len(owners):
        return []
    what = f"CODEOWNERS of {repository} gives all of it to {persons} by name and to no team, so it has no owner here"
    return [Remark(what, "Name a team in it, like @organisation/team, or the owner in the catalog")]


def _owners(text: str, dialect: Dialect) -> tuple[list[str], list[Rejection]]:
    """Whom the whole repository belongs to, persons among them."""
    sections, rejected = {"": _Section()}, list[Rejection]()
    current = sections[""]
    for line in _lines(text, dialect):
        heading = SECTION.fullmatch(line.text) if dialect == "gitlab" else None
        if heading:
            current = sections.setdefault(heading["name"].strip().casefold(), _Section())
            current.optional = bool(heading["optional"])
            current.defaults = _named(heading["owners"].split()) or current.defaults
        elif reason := _error(line, dialect):
            rejected.append(line.refused(reason))
        else:
            _apply(line, current, dialect)
    required = [owner for section in sections.values() if not section.optional for owner in section.owners]
    optional = [owner for section in sections.values() if section.optional for owner in section.owners]
    return list(dict.fromkeys(required or optional)), rejected


def _lines(text: str, dialect: Dialect) -> Iterator[_Line]:
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        # GitLab knows no comment behind a rule: who is named in one is an owner
        content = raw if dialect == "gitlab" and not raw.lstrip().startswith("#") else COMMENT.sub("", raw)
        if content.strip():
            yield _Line(number, content.strip())


def _error(line: _Line, dialect: Dialect) -> str | None:
    """What the forge has against a line; None if nothing."""
    pattern, *owners = BLANK.split(line.text)
    if dialect == "github" and pattern.startswith("!"):
        return "GitHub takes no pattern that begins with !"
    if dialect == "github" and CLASS.search(pattern):
        return "GitHub takes no [ in a pattern"
    if dialect != "gitlab" and any("@" not in owner for owner in owners):
        return "an owner is written @name, @organisation/team or as an address"
    return "a rule needs an owner" if dialect == "gitea" and not owners else None


def _apply(line: _Line, section: _Section, dialect: Dialect) -> None:
    pattern, *owners = BLANK.split(line.text)
    if pattern.removeprefix("!") not in WHOLE[dialect]:
        return
    if pattern.startswith("!"):
        # GitLab: what a section leaves out cannot be taken in again; Gitea: all but all files is none
        section.excluded = section.excluded or dialect == "gitlab"
        section.owners = [] if section.excluded else section.owners
    elif dialect == "gitea":
        section.owners += owners
    elif not section.excluded:
        section.owners = _named(owners) or section.defaults


def _named(words: list[str]) -> list[str]:
    return [word for word in words if "@" in word]


def _is_team(owner: str) -> bool:
    """A name with a slash is a team or group; without one it may be a person."""
    return owner.startswith("@") and not owner.startswith("@@") and "/" in owner.strip("@/")


def _team(owner: str, repository: str) -> str:
    within = repository.partition("/")[0] + "/"
    name = owner.removeprefix("@").strip("/")
    return name[len(within) :] if name.casefold().startswith(within.casefold()) else name
