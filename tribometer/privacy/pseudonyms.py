"""Events, texts and rejected lines with every person in them keyed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from tribometer.events import Event, FileChange, Reference
from tribometer.privacy.addresses import CLONES
from tribometer.privacy.branches import LONGEST, keyed_branch
from tribometer.privacy.cleaning import OF_AN_ADDRESS, clean_address, clean_name, clean_text, is_clean
from tribometer.privacy.fields import people_in
from tribometer.privacy.handles import bot_pattern, canonical, fits, handle, looks, unmarked
from tribometer.privacy.key_file import read_or_make
from tribometer.privacy.mentions import key_mentions
from tribometer.privacy.redaction import redacted
from tribometer.privacy.values import texts_in, with_texts
from tribometer.settings import BOTS, HOTFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from tribometer.privacy.fields import People

EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]++@(?:[\w-]++\.)+[^\W\d_]{2,}")
"""The look-behind and the possessive repeats keep the search linear in lines of many megabytes."""
LABEL = "label:"
CONTAINERS = (str, list, dict, Reference, FileChange)
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
    ``hotfix``: expressions over names of branches, as in `Rules`; what one finds in a name, keying leaves there.
    """

    def __init__(self, key: bytes, bots: Iterable[str] = BOTS, hotfix: Iterable[str] = HOTFIX) -> None:
        self._key = key
        self._bots = bot_pattern(bots)
        self._hotfix = tuple(re.compile(each) for each in hotfix if not each.startswith(LABEL))
        # one instance lives as long as its process: the few thousand people of an organisation fit
        self.of = cache(self._of)
        self.likeness = cache(self._likeness)
        self.is_bot = cache(self._fits)

    @classmethod
    def load_or_make(cls, folder: Path, bots: Iterable[str] = BOTS, hotfix: Iterable[str] = HOTFIX) -> Pseudonyms:
        """Read ``pseudonym.key`` of the folder, made with mode 0600 if there is none.

        Raises `StoreError` when others can read the file, it holds no key, or it cannot be made.
        """
        return cls(read_or_make(folder), bots, hotfix)

    def _of(self, handle: str) -> str:
        """Pseudonym of a handle in any spelling; a pseudonym stays as it is."""
        return unmarked(handle) or "p_" + self._sign_short(_bytes(canonical(handle)))

    def _likeness(self, handle: str) -> Likeness | None:
        """What a handle looks like; None for a pseudonym, which looks like nothing."""
        shared, form = looks(handle)
        if not shared or unmarked(handle):
            return None
        return Likeness(self.of(handle), self._sign_short(b"likeness\0" + _bytes(shared)), form)

    def likenesses(self, event: Event) -> Iterator[Likeness]:
        """What the handles in an event look like that is not keyed yet."""
        for name in people_in(event.TYPE).named:
            value = getattr(event, name)
            for each in [value] if isinstance(value, str) else value or ():
                if found := self.likeness(each):
                    yield found

    def _fits(self, handle: str) -> bool:
        """Whether the settings take the handle for that of a bot."""
        return fits(self._bots, handle)

    @property
    def fingerprint(self) -> str:
        """Tells two keys apart without telling either; stands in the store."""
        return self._sign(b"tribometer: which key is this?").hex()[:16]

    def digest(self, content: bytes) -> str:
        """Keyed digest (hex) of content that may hold names: equal contents have equal digests."""
        return self._sign(b"content\0" + content).hex()

    def purpose_key(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, like ``survey links``: it leads to no pseudonym and to no other key."""
        return hmac.digest(self._sign(b"purpose\0"), purpose.encode(), hashlib.sha256)

    def _sign(self, message: bytes) -> bytes:
        return hmac.digest(self._key, message, hashlib.sha256)

    def _sign_short(self, message: bytes) -> str:
        return base64.b32encode(self._sign(message)).decode("ascii")[:26].lower()

    def key_event(self, event: Event) -> Event:
        """The event with every person in it keyed and no secret in it.

        Kinds of authors and reviewers are read off their handles first.
        """
        changes = self._keyed_fields(event.TYPE, event.__dict__, event.model_fields_set)
        if event.model_extra:
            extra = event.extra
            changes |= {name: keyed for name in extra if (keyed := self.key_value(extra[name])) != extra[name]}
        return event.model_copy(update=changes) if changes else event

    def key_object(self, event_type: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """The same for the JSON object of an event that is not valid, so only as far as its values are texts."""
        known = people_in(event_type).known
        rest = {name: self.key_value(value) for name, value in data.items() if name not in known}
        return {**data, **rest, **self._keyed_fields(event_type, data, data.keys())}

    def _keyed_fields(self, event_type: str, values: Mapping[str, Any], carried: Collection[str]) -> dict[str, Any]:
        """New values of the fields that change."""
        people = people_in(event_type)
        changes = self._written_fields(people, values)
        for name, kind in people.kinds:
            named = values.get(name)
            if kind not in carried and isinstance(named, str) and self.is_bot(named):
                changes[kind] = "bot"
        for name in people.named:
            value = values.get(name)
            if value is not None:
                changes[name] = self._keyed_handles(value)
        trailers = values.get("trailers")
        if isinstance(trailers, dict):
            changes["trailers"] = {name: self._keyed_signatures(signed) for name, signed in trailers.items()}
        return changes

    def _written_fields(self, people: People, values: Mapping[str, Any]) -> dict[str, Any]:
        """New values of the fields that name no person but may mention one or hold a secret."""
        changes: dict[str, Any] = {}
        source = values.get("source")
        written = partial(self.key_text, source=source if isinstance(source, str) else "")
        clean = is_clean(texts_in(values.values()))
        ways: tuple[tuple[tuple[str, ...], str, Callable[[str], str]], ...] = (
            (people.written, "@", written),
            (people.addresses, OF_AN_ADDRESS, clean_address),
            (people.branches, "/-", self.key_branch),
            (people.titles, "@", self.key_title),
        )
        for names, letters, change in ways:
            for name in names:
                value = values.get(name)
                # without secrets, only these letters give a reason for a change
                if not isinstance(value, CONTAINERS) or (clean and not _has(value, letters)):
                    continue
                if (changed := with_texts(value, change)) != value:
                    changes[name] = changed
        if not clean:
            for name in people.rest & values.keys():
                value = values[name]
                if isinstance(value, CONTAINERS) and (cleaned := with_texts(value, clean_name)) != value:
                    changes[name] = cleaned
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
        return self.of(signature[1]) if signature else self.key_text(value)

    def key_value(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Any value with the addresses and mentions in its texts keyed and no secret in them."""
        return with_texts(value, self.key_text)

    def key_text(self, text: str, source: str = "") -> str:
        """What people wrote, with who is mentioned in it keyed and no secret in it.

        Logins are those of the forge that a source begins with, as of ``gitlab:acme/shop``.
        """
        forge, colon, _ = source.partition(":")

        def keyed(login: str) -> str:
            return self.of(handle(forge, login) or login if colon else login)

        return key_mentions(self.key_addresses(clean_text(text)), keyed)

    def key_branch(self, name: str) -> str:
        """The name of a branch with the login in it keyed, unless the name says of a change that it is a hotfix."""
        cleaned = name if is_clean([name]) else clean_name(name)
        keyed = keyed_branch(cleaned, self.of)
        if keyed != cleaned and any(each.search(cleaned) and not each.search(keyed) for each in self._hotfix):
            return cleaned
        return keyed

    def key_title(self, name: str) -> str:
        """A name for people to read, with who is mentioned in it keyed and no secret in it.

        Such names are compared, those of several sources too: so a login is taken as plain, whatever the forge.
        """
        return key_mentions(self.key_addresses(clean_name(name)), self.of)[:LONGEST]

    def key_addresses(self, text: str) -> str:
        """The text with the e-mail addresses in it keyed; ``git@host:path`` is a clone's address and nobody's."""
        return EMAIL.sub(self._keyed_address, text) if "@" in text else text

    def _keyed_address(self, match: re.Match[str]) -> str:
        return match[0] if match[0].startswith(CLONES) else self.of(match[0])

    def redact(self, text: str, default_type: str | None = None) -> str:
        """The text of a rejected line as `redacted` says it."""
        return redacted(text, default_type, self)


def _has(value: object, letters: str) -> bool:
    texts = [value] if isinstance(value, str) else texts_in([value])
    return any(each in text for text in texts for each in letters)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
