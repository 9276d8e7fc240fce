"""Webhooks of Gitea and Forgejo: signed under their own names, and as GitHub does.

Gitea and Forgejo, "Webhooks". What a delivery says stands in `collectors.gitea.delivery`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectors.gitea import delivery as gitea_delivery
from collectors.hooks.dispatch import Context, Hook
from collectors.hooks.forges import reading
from collectors.hooks.schemes import Signature
from collectors.parsed import Parsed, part

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "gitea"
PERSONAL = frozenset({"login", "username", "email", "full_name", "author.name", "committer.name"})
EVENTS = ("x-gitea-event", "x-forgejo-event")
SIGNATURES = (
    Signature("x-gitea-signature"),
    Signature("x-forgejo-signature"),
    Signature("x-hub-signature-256", "sha256="),
)


def parse_delivery(headers: Mapping[str, str], payload: Any, context: Context) -> Parsed:  # noqa: ANN401 - any JSON
    """What one delivery says; a header names its kind."""
    event = next((headers[name] for name in EVENTS if headers.get(name)), "")
    repository = str(part(payload, "repository", "full_name") or "")
    how = reading(context, repository)
    if not how.collected:
        return Parsed(ignored=[f"{repository}, which is not among the configured repositories"])
    found = gitea_delivery.parse_delivery(event, payload, labels=how.labels, releases=how.releases)
    found.notes += [] if how.named else [context.unnamed(KIND, repository)]
    return found


HOOK = Hook(KIND, SIGNATURES, parse_delivery, personal=PERSONAL)
