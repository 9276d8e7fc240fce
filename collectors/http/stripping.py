"""What a recording of a server's answers keeps of people and secrets: pseudonyms, and nothing.

The pseudonyms are those of the data folder that the recording is made with, and keying leaves them as they are: a
replay lands the same events as the collection did.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.git.log import BOT as LIKE_A_BOT
from collectors.people import PLAIN_FORGE, handle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tribometer.privacy import Pseudonyms

SECRET_KEYS = re.compile(
    r"^(?!.*(next|page|continuation)).*(token|secret|password|private_?key|access_?key|authorization|api_?key)(_key)?$",
    re.IGNORECASE,
)
"""Not the tokens of the next page, which a replay has to give back."""
ABOUT_PEOPLE = frozenset({"type", "__typename", "kind", "date", "role", "state"})
"""What else stands beside a login and names nobody."""
LOGINS = frozenset({"login", "username"})
SIGNED = re.compile(r"^([\w-]+:)[^\n<>]*(<p_[a-z2-7]{26}>)", re.MULTILINE)
"""A trailer of a commit, whose name the keying drops too."""
BOT = "[bot]"
MENTION = re.compile(r"(?<![\w@/.])@([A-Za-z0-9_](?:[\w.-]*[\w-])?)")


@dataclass(frozen=True)
class Stripping:
    """Takes people and secrets out of one source's answers.

    ``personal`` are keys whose texts name people: ``login`` everywhere, ``author.name`` only within an author; keys
    whose texts mention them as ``@dave``: ``body@``; and what texts begin with that name people under any key:
    ``user:``.
    """

    kind: str
    personal: frozenset[str]
    pseudonyms: Pseudonyms

    def stripped(self, answer: Any) -> Any:  # noqa: ANN401 - any JSON
        """The answer with pseudonyms for people; what stands beside their logins is left out."""
        return self._value(answer, "")

    def text(self, text: str) -> str:
        """A text with the addresses in it keyed, and trailers without the names before them."""
        keyed = self.pseudonyms.key_addresses(text)
        return text if keyed == text else SIGNED.sub(r"\1 \2", keyed)

    def _value(self, value: Any, within: str) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return self._object(value, within)
        if isinstance(value, list):
            return [self._value(each, within) for each in value]
        if isinstance(value, str) and value.startswith(self._beginnings):
            return self._keyed(value, self.kind)
        return self.text(value) if isinstance(value, str) else value

    @property
    def _beginnings(self) -> tuple[str, ...]:
        return tuple(each for each in self.personal if each.endswith(":"))

    def _object(self, data: Mapping[str, Any], within: str) -> dict[str, Any]:
        kept = {}
        is_person = bool(LOGINS & self.personal & data.keys())
        for key, value in data.items():
            if SECRET_KEYS.search(key) and isinstance(value, str):
                kept[key] = "***"
            elif self._names_people(key, within):
                # some keys name the forge whose logins they hold, as annotations of a catalog do
                kept[key] = self._keyed(value, PLAIN_FORGE if key.startswith("github.com/") else self.kind)
            elif f"{key}@" in self.personal and isinstance(value, str):
                kept[key] = MENTION.sub(lambda found: f"@{self._keyed(found[1], self.kind)}", self.text(value))
            elif not is_person or key in ABOUT_PEOPLE:
                kept[key] = self._value(value, key)
        return kept

    def _names_people(self, key: str, within: str) -> bool:
        return key in self.personal or f"{within}.{key}" in self.personal

    def _keyed(self, value: Any, forge: str) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return {key: self._keyed(each, forge) for key, each in value.items()}
        if isinstance(value, list):
            return [self._keyed(each, forge) for each in value]
        if not isinstance(value, str) or not value or BOT in value or LIKE_A_BOT.search(value):
            return value
        return self.pseudonyms.of(handle(forge, value) or value)
