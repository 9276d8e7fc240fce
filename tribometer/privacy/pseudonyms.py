"""Events, texts and rejected lines with every person in them keyed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from tribometer.events import EVENT_TYPES, Event
from tribometer.privacy.fields import people_in, personal_text
from tribometer.privacy.handles import PSEUDONYM, bot_pattern, canonical, fits, looks
from tribometer.privacy.key_file import read_or_make
from tribometer.settings import BOTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]++@(?:[\w-]++\.)+[^\W\d_]{2,}")
"""The look-behind and the possessive repeats keep the search linear in lines of many megabytes."""
CLONES = "git@"
SIGNATURE = re.compile(r"[^<>\n]*<([^<>\s]+)>\s*")


@dataclass(frozen=True)
class Likeness:
    """What a handle looks like, to find others that may be the same person's; it names nobody and is no pseudonym.

    ``handle``: its pseudonym. ``likeness``: a keyed digest of its login or local part. ``form``: address or login.
    """

    handle: str
    likeness: str
    form: str


class Pseudonyms:
    """Turns handles (logins, e-mail addresses) into pseudonyms under one key of 32 bytes.

    ``bots``: globs over handles; whose handle fits one is a bot, where the event itself does not say what they are.
    """

    def __init__(self, key: bytes, bots: Iterable[str] = BOTS) -> None:
        self._key = key
        self._bots = bot_pattern(bots)
        # one instance lives as long as its process: the few thousand people of an organisation fit
        self.of = cache(self._of)
        self.likeness = cache(self._likeness)
        self._is_bot = cache(self._fits)

    @classmethod
    def load_or_make(cls, folder: Path, bots: Iterable[str] = BOTS) -> Pseudonyms:
        """Read ``pseudonym.key`` of the folder, made with mode 0600 if there is none.

        Raises `StoreError` when others can read the file, it holds no key, or it cannot be made.
        """
        return cls(read_or_make(folder), bots)

    def _of(self, handle: str) -> str:
        """Pseudonym of a handle in any spelling; a pseudonym stays as it is."""
        return handle if PSEUDONYM.fullmatch(handle) else "p_" + self._sign_short(_bytes(canonical(handle)))

    def _likeness(self, handle: str) -> Likeness | None:
        """What a handle looks like; None for a pseudonym, which looks like nothing."""
        shared, form = looks(handle)
        if not shared or PSEUDONYM.fullmatch(handle):
            return None
        return Likeness(self.of(handle), self._sign_short(b"likeness\0" + _bytes(shared)), form)

    def likenesses(self, event: Event) -> Iterator[Likeness]:
        """What the handles in an event look like that is not keyed yet."""
        for name in people_in(event.TYPE).named:
            value = getattr(event, name)
            for handle in [value] if isinstance(value, str) else value or ():
                if found := self.likeness(handle):
                    yield found

    def _fits(self, handle: str) -> bool:
        return fits(self._bots, handle)

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart without telling either; stands in the store."""
        return self._sign(b"tribometer: which key is this?").hex()[:16]

    def digest(self, content: bytes) -> str:
        """Keyed digest (hex) of content that may hold names: equal contents have equal digests."""
        return self._sign(b"content\0" + content).hex()

    def _sign(self, message: bytes) -> bytes:
        return hmac.digest(self._key, message, hashlib.sha256)

    def _sign_short(self, message: bytes) -> str:
        return base64.b32encode(self._sign(message)).decode("ascii")[:26].lower()

    def key_event(self, event: Event) -> Event:
        """The event with every person in it keyed; kinds of authors and reviewers are read off their handles first."""
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
            handle = values.get(name)
            if kind not in carried and isinstance(handle, str) and self._is_bot(handle):
                changes[kind] = "bot"
        for name in people.named:
            value = values.get(name)
            if value is not None:
                changes[name] = self._keyed_handles(value)
        for name in people.written:
            text = values.get(name)
            if isinstance(text, str) and (keyed := self.key_addresses(text)) != text:
                changes[name] = keyed
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
        """The text with the e-mail addresses in it keyed; ``git@host:path`` is a clone's address and nobody's."""
        return EMAIL.sub(self._keyed_address, text) if "@" in text else text

    def _keyed_address(self, match: re.Match[str]) -> str:
        return match[0] if match[0].startswith(CLONES) else self.of(match[0])

    def redact(self, text: str, default_type: str | None = None) -> str:
        """The text of a rejected line with its people keyed: by field where it is JSON, else by look.

        A text that names nobody stays as it came.
        """
        try:
            data = json.loads(text, object_pairs_hook=_unambiguous)
            keyed = self._redacted(data, default_type)
        except (ValueError, RecursionError):
            return self.key_addresses(personal_text().sub(self._keyed_text, text))
        return text if keyed == data else _json_text(keyed)

    def _redacted(self, data: Any, default_type: str | None) -> Any:  # noqa: ANN401 - any JSON value
        if isinstance(data, dict):
            name = data.get("type", default_type)
            if isinstance(name, str) and name in EVENT_TYPES:
                return self.key_object(name, data)
        return self._keyed_value(data)

    def _keyed_text(self, match: re.Match[str]) -> str:
        return match[1] + re.sub(r'"([^"\\]+)', lambda inner: '"' + self.of(inner[1]), match[2])


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


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
