"""Tags as releases: which tags, of which commit, and when (E5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collectors.base import Rejection
from collectors.git.log import stamp
from tribometer.events import Deployment

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

    from collectors.git.repository import GitObject, GitRepository

TAGS = "refs/tags/"
PRODUCTION = r"^v?\d+(\.\d+)+$"
"""Two or more numbers: ``2.0``, ``v1.4.4.1``. Neither pre-releases (``v1.0rc1``) nor moving tags (``v4``)."""


@dataclass(frozen=True)
class Releases:
    """Release tags of a repository; ``tags`` gives each tag's object, by the tag's name."""

    source: str
    service: str
    tags: Mapping[str, str]

    @classmethod
    def among(cls, refs: Mapping[str, str], pattern: re.Pattern[str], source: str, service: str) -> Releases:
        """Choose the tags whose name the pattern finds."""
        named = ((ref.removeprefix(TAGS), sha) for ref, sha in refs.items() if ref.startswith(TAGS))
        return cls(source, service, {name: sha for name, sha in named if pattern.search(name)})

    def changes(self, before: Mapping[str, str], repository: GitRepository) -> Iterator[Deployment | Rejection]:
        """Deployments of tags that are new, were moved, or are gone since ``before``.

        A tag that is gone took its release back: its deployment becomes cancelled, which no number counts, as if
        the tag had never been seen.
        """
        changed = {name: sha for name, sha in self.tags.items() if before.get(name) != sha}
        commits = repository.commits(changed.values())
        objects = repository.objects({*changed.values(), *commits.values()})
        for name, sha in changed.items():
            if sha in commits:
                yield self._release(name, commits[sha], objects.get(sha), objects[commits[sha]])
            else:
                yield Rejection(f"{TAGS}{name}", f"the tag does not lead to a commit of this clone (object {sha})")
        for name in before.keys() - self.tags.keys():
            yield self._deployment(name, status="cancelled")

    def _release(self, name: str, sha: str, tag: GitObject | None, commit: GitObject) -> Deployment:
        tagged = stamp(tag.content, "tagger") if tag and tag.type == "tag" else None
        # without a tagger's time an annotated tag is as good as a lightweight one: the commit's time, flagged
        return self._deployment(
            name,
            status="success",
            sha=sha,
            finished_at=tagged or stamp(commit.content, "committer"),
            inferred_from="annotated_tag" if tagged else "lightweight_tag",
        )

    def _deployment(self, name: str, **fields: object) -> Deployment:
        return Deployment.model_validate(
            {
                "source": self.source,
                "id": f"tag:{name}",
                "service": self.service,
                "environment": "production",
                "tier": "production",
                **fields,
            }
        )
