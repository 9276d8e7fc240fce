"""What PagerDuty's objects mean, the same for its API and its webhooks (v3).

An incident pages the rotation of its escalation policy once, whoever of it is notified how often: that is what the
load of a shift counts. An incident of low urgency pages nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from collectors.parsed import UNSAID, known_as, part, parts, said
from collectors.people import handle
from collectors.times import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from collectors.parsed import Parsed

KIND = "pagerduty"
PERSONAL = frozenset(
    f"{within}.{key}"
    for within in (
        "user", "users", "agent", "assignee", "assignees", "acknowledger", "last_status_change_by", "resolved_by",
        "requester", "log_entries", "first_trigger_log_entry",
    )
    for key in ("summary", "name", "email", "avatar_url")
) | {"email"}  # fmt: skip
RESOLVED = "resolved"
FIRST_LEVEL = 1
"""Who is paged first; the levels behind it are asked when nobody answers."""


@dataclass(frozen=True)
class Names:
    """The name of the source, and services by PagerDuty's id where they are called otherwise here."""

    source: str
    services: Mapping[str, str] = field(default_factory=dict)

    def service(self, raw: object) -> object:
        """The service of an incident: its mapped name, else what PagerDuty calls it."""
        reference = part(raw, "service")
        mapped = self.services.get(str(part(reference, "id")))
        return mapped or said(part(reference, "name") or part(reference, "summary"))


@dataclass(frozen=True)
class History:
    """What an incident's log tells: its first acknowledgement, its last delegation, and the first one after that."""

    acknowledged: datetime | None = None
    delegated: datetime | None = None
    answered: datetime | None = None

    def after(self, kind: str, at: datetime) -> History:
        """The history with one more entry; entries come in the order of time, and may come again."""
        if kind == "acknowledge_log_entry":
            return replace(self, acknowledged=self.acknowledged or at, answered=self.answered or at)
        if kind == "delegate_log_entry":
            return replace(self, delegated=at, answered=None)
        return self


def histories(entries: Iterable[object], known: Mapping[str, History]) -> dict[str, History]:
    """The history of each incident that log entries are about, those known before continued."""
    found: dict[str, History] = {}
    for at, incident, kind in sorted(_entries(entries), key=lambda each: each[0]):
        before = found.get(incident) or known.get(incident) or History()
        found[incident] = before.after(kind, at)
    return found


def _entries(entries: Iterable[object]) -> Iterable[tuple[datetime, str, str]]:
    for entry in entries:
        at, incident = instant(part(entry, "created_at")), part(entry, "incident", "id")
        if at is not None and isinstance(incident, str):
            yield at, incident, str(part(entry, "type"))


def parse_incident(raw: object, history: History, names: Names, parsed: Parsed) -> None:
    """An incident as the API gives it, and its page."""
    resolved = part(raw, "status") == RESOLVED
    over = part(raw, "resolved_at") or part(raw, "last_status_change_at")
    version = said(part(raw, "updated_at") or part(raw, "last_status_change_at"))
    # while it is acknowledged it says so itself, however old its log is
    standing = min((at for each in parts(raw, "acknowledgements") if (at := instant(part(each, "at")))), default=UNSAID)
    facts = {
        "raw": known_as("incident", raw),
        "source": names.source,
        "version": version,
        "acknowledged_at": history.acknowledged or standing,
        "resolved_at": over if resolved else None,
    }
    add_incident(raw, names, parsed, facts)
    add_page(
        raw,
        names,
        parsed,
        version=version,
        paged_at=history.delegated or part(raw, "created_at"),
        acknowledged_at=history.answered or (standing if history == History() else UNSAID),
    )


def add_incident(raw: object, names: Names, parsed: Parsed, facts: Mapping[str, Any]) -> None:
    """The incident with what holds from its beginning, and ``facts`` besides."""
    parsed.add(
        "incident",
        **facts,
        id=part(raw, "id"),
        service=names.service(raw),
        severity=said(part(raw, "priority", "summary") or part(raw, "priority", "name") or part(raw, "urgency")),
        title=said(part(raw, "title")),
        detected_at=said(part(raw, "created_at")),
        url=said(part(raw, "html_url")),
    )


def add_page(raw: object, names: Names, parsed: Parsed, **facts: object) -> None:
    """The page of an incident's present escalation policy, if it is urgent enough to be one."""
    policy = part(raw, "escalation_policy")
    if part(raw, "urgency") == "low" or not part(policy, "id"):
        return
    parsed.add(
        "page",
        known_as("incident", raw),
        source=names.source,
        id=f"{part(raw, 'id')}/{part(policy, 'id')}",
        rotation=rotation(policy),
        service=names.service(raw),
        **facts,
    )


def rotation(policy: object) -> object:
    """What a rotation is called: its escalation policy, on shifts and pages alike."""
    return part(policy, "name") or part(policy, "summary") or part(policy, "id")


def parse_oncall(raw: object, names: Names, parsed: Parsed) -> None:
    """A shift of those who are paged first; who is always on call has none."""
    policy, user, begins = part(raw, "escalation_policy"), part(raw, "user"), instant(part(raw, "start"))
    if part(raw, "escalation_level") != FIRST_LEVEL or begins is None or part(raw, "end") is None:
        return
    schedule = part(raw, "schedule", "id") or "direct"
    parsed.add(
        "shift",
        known_as("on-call", raw, "start"),
        source=names.source,
        id=f"{part(policy, 'id')}/{schedule}/{begins.isoformat()}",
        rotation=rotation(policy),
        person=handle(KIND, part(user, "email") or part(user, "id")),
        starts_at=begins,
        ends_at=part(raw, "end"),
    )
