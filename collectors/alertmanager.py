"""Alertmanager's notifications: each alert that fired is an incident.

Prometheus, "Alertmanager configuration", webhook payload version 4. An alert is the same one by the fingerprint of its
labels and the time it began to fire; when it fires anew it is another. Only what its labels say is taken, because
annotations change from one notification to the next. Route to the hook only alerts that mean an incident.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collectors.hooks.dispatch import Context, Hook
from collectors.hooks.schemes import Authorization
from collectors.parsed import UNSAID, Parsed, part, parts, said
from collectors.times import instant

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "alertmanager"
VERSION = "4"


def parse_delivery(headers: Mapping[str, str], payload: object, context: Context) -> Parsed:
    """The incidents of one notification."""
    del headers
    return parse_notification(payload, context.named(KIND))


def parse_notification(payload: object, source: str) -> Parsed:
    """The incidents of one notification: one of each alert in it."""
    parsed = Parsed()
    if part(payload, "version") != VERSION or not isinstance(part(payload, "alerts"), list):
        parsed.reject(payload, f'an Alertmanager notification has "version": "{VERSION}" and a list of alerts')
        return parsed
    for alert in parts(payload, "alerts"):
        _add(parsed, alert, source)
    return parsed


def _add(parsed: Parsed, alert: object, source: str) -> None:
    began, ended = instant(part(alert, "startsAt")), instant(part(alert, "endsAt"))
    fingerprint = part(alert, "fingerprint")
    if began is None or not isinstance(fingerprint, str) or not fingerprint:
        parsed.reject(alert, "an alert has a fingerprint and startsAt, a time with an offset")
        return
    # of an alert that fires, endsAt is when Alertmanager would give it up
    over = ended if part(alert, "status") == "resolved" else None
    parsed.add(
        "incident",
        alert,
        source=source,
        id=f"{fingerprint}/{began.isoformat()}",
        version=over or began,
        service=said(part(alert, "labels", "service")),
        severity=said(part(alert, "labels", "severity")),
        title=said(part(alert, "labels", "alertname")),
        detected_at=began,
        resolved_at=over or UNSAID,
        url=said(part(alert, "generatorURL")),
    )


HOOK = Hook(KIND, (Authorization(),), parse_delivery)
