"""The text of a rejected line, which may be no event and no JSON, without the people and the secrets in it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tribometer.events import EVENT_TYPES
from tribometer.privacy.fields import personal_text

if TYPE_CHECKING:
    from tribometer.privacy.pseudonyms import Pseudonyms


def redacted(text: str, default_type: str | None, pseudonyms: Pseudonyms) -> str:
    """The text with its people keyed and its secrets masked: by field where it is JSON, else by look.

    A text in which there is nothing of both stays as it came.
    """
    try:
        data = json.loads(text, object_pairs_hook=_unambiguous)
        keyed = _redacted(data, default_type, pseudonyms)
    except (ValueError, RecursionError):
        named = personal_text().sub(lambda match: _keyed_text(match, pseudonyms), text)
        return pseudonyms.key_text(named)
    return text if keyed == data else _json_text(keyed)


def _redacted(data: Any, default_type: str | None, pseudonyms: Pseudonyms) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(data, dict):
        name = data.get("type", default_type)
        if isinstance(name, str) and name in EVENT_TYPES:
            return pseudonyms.key_object(name, data)
    return pseudonyms.key_value(data)


def _keyed_text(match: re.Match[str], pseudonyms: Pseudonyms) -> str:
    return match[1] + re.sub(r'"([^"\\]+)', lambda inner: '"' + pseudonyms.of(inner[1]), match[2])


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object as a dict, unless that would lose one of two values under one name."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _json_text(data: object) -> str:
    """JSON as readable as its texts allow: half a surrogate pair can only stand escaped."""
    text = json.dumps(data, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(data)
    return text
