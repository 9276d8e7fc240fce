"""People as keyed pseudonyms: what names a person is replaced before anything is stored.

A pseudonym is ``p_`` and 26 base-32 characters of HMAC-SHA256 over the normalised handle. The key lies beside the
store, never in it, so that a copy of the store alone tells nobody's name and cannot be searched by guessing names.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import typing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from tribometer.errors import StoreError
from tribometer.events import EVENT_TYPES, Event
from tribometer.events.base import Personal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

KEY_FILE = "pseudonym.key"
KEY_BYTES = 32
PSEUDONYM = re.compile(r"p_[a-z2-7]{26}")
EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]++@(?:[\w-]++\.)+[^\W\d_]{2,}")
"""The look-behind and the possessive repeats keep the search linear in lines of many megabytes."""
SIGNATURE = re.compile(r"[^<>\n]*<([^<>\s]+)>\s*")
BOT_SUFFIX = "[bot]"
KIND_FIELDS: Mapping[str, str] = {"author": "author_kind", "reviewer": "reviewer_kind"}


class Pseudonyms:
    """Turns handles (logins, e-mail addresses) into pseudonyms under one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        # one instance lives as long as its process: the few thousand people of an organisation fit
        self.of = cache(self._of)

    def _of(self, handle: str) -> str:
        """Pseudonym of a handle; letter case and outer blanks do not matter, a pseudonym stays as it is."""
        if PSEUDONYM.fullmatch(handle):
            return handle
        digest = self._sign(handle.strip().casefold().encode("utf-8", "surrogatepass"))
        return "p_" + base64.b32encode(digest).decode("ascii")[:26].lower()

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart without telling either; stands in the store."""
        return self._sign(b"tribometer: which key is this?").hex()[:16]

    def digest(self, content: bytes) -> str:
        """Keyed digest (hex) of content that may hold names: equal contents have equal digests."""
        return self._sign(b"content\0" + content).hex()

    def _sign(self, message: bytes) -> bytes:
        return hmac.digest(self._key, message, hashlib.sha256)

    @classmethod
    def load_or_make(cls, folder: Path) -> Pseudonyms:
        """Read ``pseudonym.key`` of the folder, made with mode 0600 if there is none.

        Raises `StoreError` when others can read the file, it holds no key, or it cannot be made.
        """
        path = folder / KEY_FILE
        try:
            if not path.exists():
                _make_key(path)
            return cls(_read_key(path))
        except OSError as error:
            raise StoreError(f"{path}: {error.strerror}. Check the data folder's rights and free space.") from error

    def key_event(self, event: Event) -> Event:
        """The event with every person in it keyed; kinds of authors and reviewers are read off ``[bot]`` first."""
        changes = self._keyed_fields(event.TYPE, event.__dict__, event.model_fields_set)
        if event.model_extra:
            extra = event.extra
            changes |= {name: keyed for name in extra if (keyed := self._keyed_value(extra[name])) != extra[name]}
        return event.model_copy(update=changes) if changes else event

    def key_object(self, event_type: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """The same for the JSON object of an event that is not valid, so only as far as its values are texts."""
        known = people_in(event_type).known
        rest = {name: self._keyed_value(value) for name, value in data.items() if name not in known}
        return {**data, **rest, **self._keyed_fields(event_type, data, data.keys())}

    def _keyed_fields(self, event_type: str, values: Mapping[str, Any], carried: Collection[str]) -> dict[str, Any]:
        """New values of the fields that change by keying."""
        people = people_in(event_type)
        changes: dict[str, Any] = {}
        for name, kind in people.kinds:
            if kind not in carried and _is_bot(values.get(name)):
                changes[kind] = "bot"
        for name in people.named:
            value = values.get(name)
            if value is not None:
                changes[name] = self._keyed_handles(value)
        trailers = values.get("trailers")
        if isinstance(trailers, dict):
            changes["trailers"] = {name: self._keyed_signatures(signed) for name, signed in trailers.items()}
        return changes

    def _keyed_handles(self, value: object) -> object:
        """Every text in the value keyed: what is not valid may hold names in any shape."""
        if isinstance(value, str):
            return self.of(value) if value else value
        if isinstance(value, dict):
            return {name: self._keyed_handles(each) for name, each in value.items()}
        if not isinstance(value, list):
            return value
        keyed = [self._keyed_handles(each) for each in value]
        # two spellings of one handle are one pseudonym
        return list(dict.fromkeys(keyed)) if all(isinstance(each, str) for each in keyed) else keyed

    def _keyed_signatures(self, value: object) -> object:
        """``Name <address>`` is one person: the name goes too."""
        if isinstance(value, list):
            return [self._keyed_signatures(each) for each in value]
        if not isinstance(value, str):
            return value
        signature = SIGNATURE.fullmatch(value)
        return self.of(signature[1]) if signature else self.key_addresses(value)

    def _keyed_value(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(value, str):
            return self.key_addresses(value)
        if isinstance(value, list):
            return [self._keyed_value(each) for each in value]
        if isinstance(value, dict):
            return {self.key_addresses(name): self._keyed_value(each) for name, each in value.items()}
        return value

    def key_addresses(self, text: str) -> str:
        """The text with the e-mail addresses in it keyed."""
        return EMAIL.sub(lambda match: self.of(match[0]), text) if "@" in text else text

    def redact(self, text: str, default_type: str | None = None) -> str:
        """The text of a rejected line with its people keyed: by field where it is JSON, else by look.

        A text that names nobody stays as it came.
        """
        try:
            data = json.loads(text, object_pairs_hook=_unambiguous)
            keyed = self._redacted(data, default_type)
        except (ValueError, RecursionError):
            return self.key_addresses(_personal_text().sub(self._keyed_text, text))
        return text if keyed == data else _json_text(keyed)

    def _redacted(self, data: Any, default_type: str | None) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(data, dict):
            name = data.get("type", default_type)
            if isinstance(name, str) and name in EVENT_TYPES:
                return self.key_object(name, data)
        return self._keyed_value(data)

    def _keyed_text(self, match: re.Match[str]) -> str:
        return match[1] + re.sub(r'"([^"\\]+)', lambda inner: '"' + self.of(inner[1]), match[2])


@dataclass(frozen=True)
class People:
    """Where an event type names people: ``named`` fields, and ``kinds`` that their handles may give away."""

    known: frozenset[str]
    named: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]


@cache
def people_in(event_type: str) -> People:
    """Where an event type names people; the ``id`` of a person event is a name."""
    hints = typing.get_type_hints(EVENT_TYPES[event_type], include_extras=True)
    named = tuple(name for name, hint in hints.items() if _is_personal(hint))
    kinds = tuple((name, kind) for name, kind in KIND_FIELDS.items() if name in hints and kind in hints)
    if event_type == "person":
        named, kinds = ("id", *named), (("id", "kind"),)
    return People(frozenset(EVENT_TYPES[event_type].model_fields), named, kinds)


def _is_personal(hint: object) -> bool:
    if get_origin(hint) is Annotated and any(isinstance(each, Personal) for each in get_args(hint)[1:]):
        return True
    return any(_is_personal(part) for part in get_args(hint))


@cache
def _personal_text() -> re.Pattern[str]:
    """Finds ``"author": "…"`` and the like in text that no longer parses as JSON."""
    names = {name for event_type in EVENT_TYPES for name in people_in(event_type).named} - {"id"}
    return re.compile(rf'("(?:{"|".join(sorted(names))})"\s*:\s*)(\[[^\]]*+|"[^"]*+)')


def _is_bot(handle: object) -> bool:
    return isinstance(handle, str) and handle.strip().lower().endswith(BOT_SUFFIX)


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


def _make_key(path: Path) -> None:
    """Write a new key under a name of its own, then link it: a key file is never seen half written."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(descriptor)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass  # another process was first: its key is the key
    finally:
        draft.unlink()


def _read_key(path: Path) -> bytes:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise StoreError(f"{path} can be read by others (mode {mode:o}); run: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise StoreError(f"{path} holds {len(key)} bytes, not a key of {KEY_BYTES}; restore it from a backup")
    return key
