"""Incidents, on-call pages and shifts, service-level objectives."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from tribometer.events.base import (
    Address,
    Event,
    Instant,
    Name,
    NumberedTitle,
    PersonRef,
    Prose,
    References,
    ReferenceTo,
    Text,
    Title,
)


class Incident(Event):
    """A degradation that somebody had to deal with."""

    TYPE: ClassVar[str] = "incident"

    service: Text | None = None
    severity: Name | None = None
    title: Prose | None = None
    """As its author wrote it; mentions and e-mail addresses in it are keyed, secrets masked."""
    impact_started_at: Instant | None = None
    """When users began to feel it; the start of recovery time."""
    detected_at: Instant | None = None
    acknowledged_at: Instant | None = None
    mitigated_at: Instant | None = None
    """When users stopped feeling it; the end of recovery time."""
    resolved_at: Instant | None = None
    """When the work was closed; serves where ``mitigated_at`` is absent."""
    change_caused: Literal["yes", "no", "unknown"] | None = None
    """Absent counts as unknown: never blamed on a deployment, shown in coverage (E9)."""
    deployment: Annotated[ReferenceTo, References("deployment")] | None = None
    """The deployment that caused it, where the source names one."""
    url: Address | None = None


class Page(Event):
    """Somebody on call was paged."""

    TYPE: ClassVar[str] = "page"

    rotation: NumberedTitle
    service: Text | None = None
    paged_at: Instant
    acknowledged_at: Instant | None = None
    actionable: bool | None = None


class Shift(Event):
    """A stretch of on-call duty."""

    TYPE: ClassVar[str] = "shift"

    rotation: NumberedTitle
    person: PersonRef | None = None
    starts_at: Instant
    ends_at: Instant


class ServiceLevel(Event):
    """One window of one service-level objective: ``good`` of ``total`` events met it."""

    TYPE: ClassVar[str] = "slo"

    service: Text
    name: Title
    from_: Annotated[Instant, Field(alias="from")]
    to: Instant
    objective: Annotated[float, Field(ge=0, le=1, strict=False, allow_inf_nan=False)]
    """Share 0..1."""
    good: Annotated[float, Field(ge=0, strict=False, allow_inf_nan=False)]
    """Events or seconds."""
    total: Annotated[float, Field(ge=0, strict=False, allow_inf_nan=False)]
    """Events or seconds."""
