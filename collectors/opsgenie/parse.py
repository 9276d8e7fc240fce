"""What Opsgenie's objects mean, the same for its API and its webhooks.

An alert pages the team (else the schedule or escalation) that responds to it. It is an incident too where its priority
says so. Its service is what a tag ``service:NAME`` or the settings say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collectors.incident_cause import change_caused
from collectors.parsed import UNSAID, known_as, part, parts, said
from collectors.people import handle
from collectors.times import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collectors.parsed import Parsed

KIND = "opsgenie"
PERSONAL = frozenset(
    {"owner", "username", "acknowledgedBy", "closedBy", "recipient.name", "recipients.name", "flattenedRecipients.name"}
)
SERVICE_TAG = "service:"
INCIDENT_PRIORITIES = ("P1", "P2")
ROTATIONS = ("team", "schedule", "escalation")
ENDED = frozenset({"closed", "resolved"})


@dataclass(frozen=True)
class Names:
    """The name of the source, and what Opsgenie's ids are called.

    ``services``: service id or tag -> the service's name here. ``rotations``: id of a team, schedule or escalation ->
    its name. ``priorities``: those of alerts that are incidents.
    """

    source: str
    services: Mapping[str, str] = field(default_factory=dict)
    rotations: Mapping[str, str] = field(default_factory=dict)
    priorities: tuple[str, ...] = INCIDENT_PRIORITIES

    def service(self, tags: Iterable[object], ids: Iterable[object] = ()) -> object:
        """The first service that the settings or a tag name."""
        texts = [str(each) for each in (*ids, *tags)]
        named = (self.services.get(each) for each in texts)
        tagged = (each.removeprefix(SERVICE_TAG).strip() for each in texts if each.startswith(SERVICE_TAG))
        return next((name for name in (*named, *tagged) if name), UNSAID)


@dataclass(frozen=True)
class Alert:
    """An alert, from wherever it comes; what is not known is `UNSAID`, ``responders`` are ids."""

    identity: str
    created: datetime
    version: datetime | int
    title: Any = UNSAID
    priority: Any = UNSAID
    tags: tuple[object, ...] = ()
    responders: tuple[str, ...] = ()
    acknowledged_at: Any = UNSAID
    resolved_at: Any = UNSAID


def parse_alert(raw: object, names: Names, parsed: Parsed) -> datetime | None:
    """An alert as the API gives it; returns when it was updated."""
    created, updated = instant(part(raw, "createdAt")), instant(part(raw, "updatedAt"))
    if created is None or updated is None or not part(raw, "id"):
        parsed.reject(known_as("alert", raw), "an alert has an id, createdAt and updatedAt")
        return updated
    closed = part(raw, "status") in ENDED
    alert = Alert(
        str(part(raw, "id")),
        created,
        updated,
        title=said(part(raw, "message")),
        priority=said(part(raw, "priority")),
        tags=tuple(parts(raw, "tags")),
        responders=_responders(parts(raw, "responders")),
        acknowledged_at=_later(created, part(raw, "report", "ackTime")),
        resolved_at=_later(created, part(raw, "report", "closeTime")) if closed else None,
    )
    add_alert(alert, names, parsed)
    return updated


def add_alert(alert: Alert, names: Names, parsed: Parsed) -> None:
    """The page of an alert, and its incident if it is urgent enough."""
    service = names.service(alert.tags)
    common = {
        "raw": {"kind": "alert", "id": alert.identity},
        "source": names.source,
        "id": alert.identity,
        "version": alert.version,
    }
    if alert.priority in names.priorities:
        parsed.add(
            "incident",
            **common,
            service=service,
            change_caused=change_caused(alert.tags),
            severity=alert.priority,
            title=alert.title,
            detected_at=alert.created,
            acknowledged_at=alert.acknowledged_at,
            resolved_at=alert.resolved_at,
        )
    if alert.responders:
        parsed.add(
            "page",
            **common,
            rotation=names.rotations.get(alert.responders[0], alert.responders[0]),
            service=service,
            paged_at=alert.created,
            acknowledged_at=alert.acknowledged_at,
        )


def parse_incident(raw: object, names: Names, parsed: Parsed) -> bool:
    """An incident of the incident API; returns whether it has ended.

    When users felt it is what Opsgenie says of its impact; where it does not, the last change of one that has ended
    stands for its end.
    """
    ended = part(raw, "status") in ENDED
    over = part(raw, "impactEndDate") or part(raw, "updatedAt")
    parsed.add(
        "incident",
        known_as("incident", raw),
        source=names.source,
        id=part(raw, "id"),
        version=said(part(raw, "updatedAt")),
        service=names.service(parts(raw, "tags"), parts(raw, "impactedServices")),
        change_caused=change_caused(parts(raw, "tags")),
        severity=said(part(raw, "priority")),
        title=said(part(raw, "message")),
        impact_started_at=said(part(raw, "impactStartDate")),
        detected_at=said(part(raw, "createdAt")),
        mitigated_at=said(part(raw, "impactEndDate")),
        resolved_at=over if ended else None,
        url=said(part(raw, "links", "web")),
    )
    return ended


def parse_period(raw: object, schedule: object, rotation: object, names: Names, parsed: Parsed) -> None:
    """A shift of one person; a period without one, or that of a whole team, is none."""
    begins, recipient = instant(part(raw, "startDate")), part(raw, "recipient")
    if begins is None or part(recipient, "type") != "user":
        return
    parsed.add(
        "shift",
        known_as("period", raw, "startDate"),
        source=names.source,
        id=f"{part(schedule, 'id')}/{part(rotation, 'id')}/{begins.isoformat()}",
        rotation=part(schedule, "ownerTeam", "name") or part(schedule, "name"),
        person=handle(KIND, part(recipient, "name") or part(recipient, "id")),
        starts_at=begins,
        ends_at=part(raw, "endDate"),
    )


def _responders(responders: Iterable[object]) -> tuple[str, ...]:
    """Ids of those that are rotations, teams first."""
    found = [(str(part(each, "type")), str(part(each, "id"))) for each in responders]
    return tuple(identity for kind in ROTATIONS for each, identity in found if each == kind)


def _later(begin: datetime, milliseconds: object) -> object:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int) or milliseconds <= 0:
        return UNSAID
    return begin + timedelta(milliseconds=milliseconds)
