"""How Backstage refers to entities, what they are called in events, and where their code lies.

backstage.io/docs, "Entity references", "Well-known annotations on catalog entities".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collectors.parsed import part

if TYPE_CHECKING:
    from collections.abc import Mapping

ANNOTATIONS = ("metadata", "annotations")
SLUGS = ("github.com/project-slug", "gitlab.com/project-slug", "gitea.com/project-slug", "bitbucket.org/project-slug")
SOURCE = re.compile(r"url:https?://[^/]+/(?P<path>[^?#]+)")
"""``backstage.io/source-location`` of something on a forge."""
WITHIN = re.compile(r"(?P<repository>.+?)/(?:-/)?(?:tree|blob|src/branch)/(?P<branch>[^/]+)/?(?P<folder>.*)")
BRANCHES = frozenset({"main", "master", "HEAD", "develop", "trunk"})
"""A branch may have slashes in its name; of these it is known where the folder begins."""


def namespace_of(entity: Mapping[str, Any]) -> str:
    """The entity's namespace; ``default`` when it names none."""
    return str(part(entity, "metadata", "namespace") or "default")


def name_of(entity: Mapping[str, Any]) -> str:
    """The entity's name within its namespace."""
    return str(part(entity, "metadata", "name") or "")


def own_reference(entity: Mapping[str, Any]) -> str:
    """The entity's own reference in full and in lower case, ``kind:namespace/name``."""
    return f"{entity.get('kind')}:{namespace_of(entity)}/{name_of(entity)}".lower()


def called(entity: Mapping[str, Any]) -> str:
    """What an entity is called in events: its name, after its namespace if that is not the default one."""
    return _short(namespace_of(entity), name_of(entity))


def reference(text: object, kind: str, namespace: str = "default") -> str | None:
    """A reference in full and in lower case; ``kind`` and ``namespace`` fill in what it leaves out."""
    if not isinstance(text, str) or not text.strip():
        return None
    before, colon, rest = text.strip().partition(":")
    stated, path = (before, rest) if colon else (kind, before)
    space, slash, name = path.partition("/")
    return f"{stated}:{space}/{name}".lower() if slash else f"{stated}:{namespace}/{space}".lower()


def short_name(text: object, kind: str) -> str | None:
    """What the entity a reference names is called in events; None unless it is of this kind."""
    full = reference(text, kind)
    if full is None or not isinstance(text, str) or not full.startswith(f"{kind}:"):
        return None
    # its letter case is the entity's own
    tail = text.strip().partition(":")[2] or text.strip()
    space, slash, name = tail.partition("/")
    return _short(space, name) if slash else space


def _short(namespace: str, name: str) -> str:
    return name if namespace.lower() == "default" else f"{namespace}/{name}"


def place(entity: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The repository, and the folder in it where the annotation surely names one."""
    slugs = (part(entity, *ANNOTATIONS, name) for name in SLUGS)
    slug = next((each for each in slugs if isinstance(each, str) and each), None)
    location = SOURCE.fullmatch(str(part(entity, *ANNOTATIONS, "backstage.io/source-location")))
    if location is None:
        return slug, None
    within = WITHIN.fullmatch(location["path"])
    repository = (within["repository"] if within else location["path"]).strip("/").removesuffix(".git")
    folder = within["folder"].strip("/") if within and within["branch"] in BRANCHES else ""
    return slug or repository, f"{folder}/" if folder else None
