"""PagerDuty's webhooks v3: one event of one incident each, with the same ids as its API gives.

A delivery does not know what came before it, so its times are said such that the first one stays, whichever order
deliveries come in; what the API says later goes before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.hooks.dispatch import Context, Hook
from collectors.hooks.schemes import Signature
from collectors.pagerduty.parse import KIND, PERSONAL, RESOLVED, Names, add_incident, add_page
from collectors.parsed import UNSAID, Parsed, known_as, part
from collectors.times import first_wins, instant

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

INCIDENT = "incident"
DELEGATED = "incident.delegated"
ACKNOWLEDGED = "incident.acknowledged"


def parse_delivery(headers: Mapping[str, str], payload: object, context: Context) -> Parsed:
    """What one delivery says about its incident."""
    del headers
    parsed, event = Parsed(), part(payload, "event")
    kind, raw, at = part(event, "event_type"), part(event, "data"), instant(part(event, "occurred_at"))
    if not isinstance(kind, str) or at is None:
        parsed.reject(payload, "a PagerDuty webhook (v3) has event.event_type and event.occurred_at")
    elif part(raw, "type") != INCIDENT:
        parsed.ignored.append(kind)
    else:
        _parse(kind, at, raw, Names(context.named(KIND), context.option("services", {})), parsed)
    return parsed


def _parse(kind: str, at: datetime, raw: object, names: Names, parsed: Parsed) -> None:
    resolved = part(raw, "status") == RESOLVED
    over = part(raw, "resolved_at") or (at if kind == "incident.resolved" else UNSAID)
    common = {"raw": known_as("incident", raw), "source": names.source}
    add_incident(raw, names, parsed, {**common, "version": at, "resolved_at": over if resolved else None})
    # the time of an incident's beginning is also that of its first page; later pages are told when they begin
    paged_at = at if kind == DELEGATED else part(raw, "created_at")
    first = first_wins(at)
    acknowledged = {"acknowledged_at": at} if kind == ACKNOWLEDGED else {}
    add_page(raw, names, parsed, version=first, paged_at=paged_at, **acknowledged)
    if acknowledged:
        parsed.add("incident", **common, **acknowledged, id=part(raw, "id"), version=first)


HOOK = Hook(KIND, (Signature("x-pagerduty-signature", "v1="),), parse_delivery, personal=PERSONAL)
