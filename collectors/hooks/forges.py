"""What the tables of GitLab, Gitea and Forgejo say about a repository, for their webhooks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from collectors.forge.facts import RELEASES
from collectors.parsed import part, parts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collectors.hooks.dispatch import Context


@dataclass(frozen=True)
class Reading:
    """How a repository's deliveries are read; not at all where its group's table leaves it out.

    ``named``: whether a table is about its group or owner, or there is none at all.
    """

    collected: bool = True
    named: bool = True
    labels: frozenset[str] = frozenset()
    releases: re.Pattern[str] = RELEASES


def reading(context: Context, repository: str) -> Reading:
    """By the first table that collects the repository; by defaults where none is about its group or owner."""
    about = [table for table in context.tables if _within(table, repository) is not None]
    fitting = [table for table in about if _fits(table, repository)]
    if not fitting:
        return Reading(collected=not about, named=bool(about) or not context.tables)
    releases = fitting[0].get("releases")
    return Reading(
        labels=frozenset(map(str, parts(part(fitting[0], "incidents"), "labels"))),
        releases=re.compile(releases) if isinstance(releases, str) else RELEASES,
    )


def _within(table: Mapping[str, Any], repository: str) -> str | None:
    """The repository's name within the table's group or owner; None where it is another's."""
    group = str(table.get("group") or table.get("owner") or "").casefold()
    if not group:
        return repository
    return repository[len(group) + 1 :] if repository.casefold().startswith(f"{group}/") else None


def _fits(table: Mapping[str, Any], repository: str) -> bool:
    globs: Sequence[str] = table.get("projects") or table.get("repositories") or ()
    names = (repository, _within(table, repository) or "")
    return not globs or any(fnmatchcase(name, str(glob)) for name in names for glob in globs)
