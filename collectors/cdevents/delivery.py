"""CDEvents 0.4 and newer in CloudEvents: binary, structured and batch mode.

CDEvents specification and its CloudEvents binding. Deployments and incidents land as they are. A pipeline run or a
change says neither repository nor commit in the specification's vocabulary: their sender adds them as ``customData``
(``repository``, ``sha``, ``created_at``, ``branch``, ``event``), else they are passed over, for nothing is guessed.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING

from collectors.cdevents.parse import TYPES, Occurrence
from collectors.hooks.dispatch import Context, Hook
from collectors.hooks.schemes import Authorization
from collectors.parsed import Parsed, part
from collectors.times import instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KIND = "cdevents"
TYPE = re.compile(r"dev\.cdevents\.(\w+\.\w+)\.\d+\.\d+\.\d+(?:-[\w.]+)?")
VERSION = re.compile(r"(\d+)\.(\d+)\.")
OLDEST = (0, 4)


def parse_delivery(headers: Mapping[str, str], payload: object, context: Context) -> Parsed:
    """What one request tells: one event, or each of a batch."""
    parsed = Parsed()
    for data in _unwrapped(headers.get("content-type", ""), payload):
        parse_event_of(data, context.named(KIND), parsed)
    return parsed


def parse_event_of(data: object, source: str, parsed: Parsed) -> None:
    """Add what one CDEvent says."""
    found = TYPE.fullmatch(str(part(data, "context", "type")))
    occurrence = _occurrence(data, source)
    if found is None or occurrence is None:
        parsed.reject(data, "a CDEvent has context.id, source, type, timestamp with an offset, and subject.id")
    elif not _is_new_enough(data):
        parsed.reject(data, "this CDEvents version is not read: send 0.4 or newer")
    elif found[1] not in TYPES:
        parsed.ignored.append(found[1])
    elif lacks := TYPES[found[1]](occurrence, parsed):
        parsed.ignored.append(f"{found[1]} without {lacks}")


def _unwrapped(content_type: str, payload: object) -> Iterator[object]:
    """The CDEvents in a request: the body itself in binary mode, else the data of what it holds."""
    form = content_type.partition(";")[0].strip().lower()
    if form == "application/cloudevents-batch+json" and isinstance(payload, list):
        for each in payload:
            yield _data(each)
    else:
        yield _data(payload) if form == "application/cloudevents+json" else payload


def _data(envelope: object) -> object:
    encoded = part(envelope, "data_base64")
    if not isinstance(encoded, str):
        return part(envelope, "data")
    try:
        return json.loads(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return envelope


def _is_new_enough(data: object) -> bool:
    """``specversion`` since 0.5, ``version`` before."""
    version = VERSION.match(str(part(data, "context", "specversion") or part(data, "context", "version")))
    return version is not None and (int(version[1]), int(version[2])) >= OLDEST


def _occurrence(data: object, source: str) -> Occurrence | None:
    at = instant(part(data, "context", "timestamp"))
    identity, sender, subject = (
        part(data, "context", "id"),
        part(data, "context", "source"),
        part(data, "subject", "id"),
    )
    if at is None or not all(isinstance(each, str) and each for each in (identity, sender, subject)):
        return None
    return Occurrence(source, identity, sender, at, data)


HOOK = Hook(KIND, (Authorization(),), parse_delivery, takes_token=True)
