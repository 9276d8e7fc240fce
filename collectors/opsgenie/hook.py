"""Opsgenie's outgoing webhooks: one action on one alert each, with the same ids as its API gives.

Opsgenie signs nothing: its webhook integration sends the custom headers that are set there. Add a header
``Authorization`` with the value ``Bearer`` and the secret of ``[hooks.opsgenie]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.hooks.dispatch import Context, Hook
from collectors.hooks.schemes import Authorization
from collectors.opsgenie.parse import INCIDENT_PRIORITIES, KIND, PERSONAL, Alert, Names, add_alert
from collectors.parsed import UNSAID, Parsed, part, parts, said
from collectors.times import epoch, first_wins

if TYPE_CHECKING:
    from collections.abc import Mapping

ACKNOWLEDGE, CLOSE = "Acknowledge", "Close"
READ = frozenset({"Create", ACKNOWLEDGE, "UnAcknowledge", CLOSE, "UpdatePriority"})


def parse_delivery(headers: Mapping[str, str], payload: object, context: Context) -> Parsed:
    """What one action says about its alert."""
    del headers
    parsed, action, raw = Parsed(), part(payload, "action"), part(payload, "alert")
    created, updated = epoch(part(raw, "createdAt")), epoch(part(raw, "updatedAt"))
    if not isinstance(action, str) or (action in READ and (created is None or not part(raw, "alertId"))):
        parsed.reject(payload, "an Opsgenie webhook has an action, alert.alertId and alert.createdAt")
    elif action not in READ or created is None:
        parsed.ignored.append(action)
    else:
        at = updated or created
        acknowledged = action == ACKNOWLEDGE
        alert = Alert(
            str(part(raw, "alertId")),
            created,
            # of several acknowledgements the first counts
            first_wins(at) if acknowledged else at,
            title=said(part(raw, "message")),
            priority=said(part(raw, "priority")),
            tags=tuple(parts(raw, "tags")),
            responders=tuple(str(each) for each in parts(raw, "teams")),
            acknowledged_at=at if acknowledged else UNSAID,
            resolved_at=at if action == CLOSE else UNSAID,
        )
        add_alert(alert, _names(context), parsed)
    return parsed


def _names(context: Context) -> Names:
    """What the configured source says; without its API a rotation is called by its id unless the settings name it."""
    priorities = tuple(context.option("incident_priorities", INCIDENT_PRIORITIES))
    source, services = context.named(KIND), context.option("services", {})
    return Names(source, services, context.option("rotations", {}), priorities)


HOOK = Hook(KIND, (Authorization(),), parse_delivery, personal=PERSONAL)
