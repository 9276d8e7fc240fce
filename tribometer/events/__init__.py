"""The events of the contract: one pydantic model per type, and the way from a JSON object to a model."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from pydantic import ValidationError

from tribometer.errors import EventRejected
from tribometer.events.base import Event, FileChange, Personal, Reference, References
from tribometer.events.code import Change, Commit, Review, ReviewRequest
from tribometer.events.delivery import Deployment, Gate, Job, Observation, Run
from tribometer.events.operations import Incident, Page, ServiceLevel, Shift
from tribometer.events.organisation import Ownership, Person, Repository, Service, Team
from tribometer.events.platform import PipelineDefinition, Request, TemplateRelease

if TYPE_CHECKING:
    from collections.abc import Mapping

EVENT_TYPES: Mapping[str, type[Event]] = {
    model.TYPE: model
    for model in (
        Team, Service, Ownership, Repository, Person,
        Commit, Change, Review, ReviewRequest,
        Run, Job, Gate, Deployment, Observation,
        Incident, Page, Shift, ServiceLevel,
        TemplateRelease, Request, PipelineDefinition,
    )
}  # fmt: skip
"""Every event type of the contract by its name."""


def parse_event(data: object, default_type: str | None = None) -> Event:
    """Turn one JSON object into its event; raise `EventRejected` with all that is wrong with it."""
    if not isinstance(data, dict):
        raise EventRejected(f"an event is a JSON object, this is {_json_kind(data)}")
    name = data.get("type", default_type)
    model = EVENT_TYPES.get(name) if isinstance(name, str) else None
    if model is None:
        raise EventRejected(_unknown_type(name))
    try:
        return model.model_validate({key: value for key, value in data.items() if key != "type"})
    except ValidationError as error:
        problems = _problems(error)
    # not in the handler: a kept error would keep pydantic's with it, in a circle that no collector of garbage sees
    raise EventRejected(problems)


def _unknown_type(name: object) -> str:
    if name is None:
        return "the field 'type' is missing; it names one of: " + ", ".join(EVENT_TYPES)
    close = difflib.get_close_matches(str(name), EVENT_TYPES, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "; known types: " + ", ".join(EVENT_TYPES)
    return f"unknown type {str(name)[:80]!r}{hint}"


def _problems(error: ValidationError) -> str:
    """Word every failed check as ``field: what is wrong``; input values are left out, they may be personal."""
    found: dict[str, str] = {}
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in problem["loc"]) or "event"
        found.setdefault(where, problem["msg"].removeprefix("Value error, "))
    return "; ".join(f"{where}: {message}" for where, message in found.items())


def _json_kind(data: object) -> str:
    names = {list: "a list", str: "a text", bool: "a truth value", type(None): "null"}
    return names.get(type(data), "a number")


__all__ = [
    "EVENT_TYPES", "Change", "Commit", "Deployment", "Event", "FileChange", "Gate", "Incident", "Job", "Observation",
    "Ownership", "Page", "Person", "Personal", "PipelineDefinition", "Reference", "References", "Repository",
    "Request", "Review", "ReviewRequest", "Run", "Service", "ServiceLevel", "Shift", "Team", "TemplateRelease",
    "parse_event",
]  # fmt: skip
