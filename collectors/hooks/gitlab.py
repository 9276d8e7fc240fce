"""GitLab's webhooks: verified by the secret token, or by the signature of a signing token.

GitLab, "Webhooks"; the signature is that of Standard Webhooks. What a delivery says stands in
`collectors.gitlab.delivery`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collectors.gitlab import delivery as gitlab_delivery
from collectors.hooks.dispatch import Context, Hook
from collectors.hooks.forges import reading
from collectors.hooks.schemes import SharedSecret, StandardWebhook
from collectors.parsed import Parsed, part

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "gitlab"
LARGEST = 25 << 20
"""GitLab sends no payload beyond 25 MB."""
PERSONAL = frozenset({"username", "email", "user_username", "user_email", "user_name", "name"})


def parse_delivery(headers: Mapping[str, str], payload: Any, context: Context) -> Parsed:  # noqa: ANN401 - any JSON
    """What one delivery says; its payload names its kind."""
    del headers
    repository = str(part(payload, "project", "path_with_namespace") or "")
    how = reading(context, repository)
    if not how.collected:
        return Parsed(ignored=[f"{repository}, which is not among the configured projects"])
    found = gitlab_delivery.parse_delivery(payload, labels=how.labels, releases=how.releases)
    found.notes += [] if how.named else [context.unnamed(KIND, repository)]
    return found


HOOK = Hook(KIND, (StandardWebhook(), SharedSecret("x-gitlab-token")), parse_delivery, LARGEST, PERSONAL)
