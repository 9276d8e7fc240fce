"""Self-service requests, golden-path templates and pipeline definitions."""

from __future__ import annotations

from typing import ClassVar

from tribometer.events.base import Count, Event, Instant, Name, Prose, Text, Title


class TemplateRelease(Event):
    """A release of a golden-path template and the steps it prescribes."""

    TYPE: ClassVar[str] = "template_release"

    template: Text
    release: Name
    released_at: Instant
    steps: list[Title] | None = None


class Request(Event):
    """Something a team asked the platform for, by portal or ticket."""

    TYPE: ClassVar[str] = "request"

    kind: Text
    team: Text | None = None
    service: Text | None = None
    template: Text | None = None
    requested_at: Instant
    first_response_at: Instant | None = None
    fulfilled_at: Instant | None = None
    usable_at: Instant | None = None
    """First successful use: provisioning waits end here, not when the ticket closed (G7)."""
    status: Text | None = None
    human_touches: Count | None = None


class PipelineDefinition(Event):
    """A pipeline file as it stood at one commit."""

    TYPE: ClassVar[str] = "pipeline_definition"

    repository: Text
    path: Text
    observed_at: Instant
    sha: Text | None = None
    content: Prose | None = None
    """The file as it stood; e-mail addresses and mentions in its comments are keyed, secrets masked."""
    steps: list[Title] | None = None
    uses: list[Text] | None = None
    """What it takes by reference, with its pin."""
    template: Text | None = None
    template_release: Name | None = None
