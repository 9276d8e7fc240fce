"""What a recording of a server's answers keeps of people and secrets: pseudonyms, and nothing.

The pseudonyms are those of the data folder that the recording is made with, and keying leaves them as they are: a
replay lands the same events as the collection did, into whatever data folder. Those of bots say so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.git.log import BOT as LIKE_A_BOT
from collectors.people import PLAIN_FORGE, handle
from tribometer.privacy.addresses import is_secret
from tribometer.privacy.cleaning import clean_address, clean_name, clean_text
from tribometer.privacy.handles import BY_BOTH, marked
from tribometer.privacy.masking import MASK
from tribometer.privacy.mentions import MENTION, key_mentions
from tribometer.privacy.values import with_texts

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
APP = "bot"
"""Under which GitHub's queries ask for the login of an app, to which REST adds ``[bot]``; elsewhere a truth value."""
OF_PAGES = re.compile(r"next|page|prev|first|last|continuation|cursor", re.IGNORECASE)
ADDRESSES = re.compile(r"(^|[a-z_])(url|uri|href|link)s?$", re.IGNORECASE)
"""Keys of addresses: no name is found under them, so their queries can go."""
OF_GRAPHQL = frozenset({"nodes", "edges", "node"})
"""Between a list's name and what is in the list."""
TITLES = frozenset({"name", "label", "environment"})
KEYS = frozenset({"labels", "team", "teams", "requested_teams"})
"""Within these, names are keys, which stay as they are."""
PROSE = frozenset({"title", "body", "description", "message", "display_title"})
BRANCHES = frozenset({
    "head.ref", "base.ref", "head_branch", "source_branch", "target_branch", "headRefName", "baseRefName", "branch",
})  # fmt: skip
"""Not of the default branch, by whose name its commits are asked for."""
PEOPLE_OF_CODE = "CODEOWNERS"


def without_secrets(asked: Any, key: str = "") -> Any:  # noqa: ANN401 - any JSON
    """What was asked, without secrets: asked again, it is the same question."""
    if isinstance(asked, dict):
        return {name: without_secrets(each, name) for name, each in asked.items()}
    if isinstance(asked, str) and is_secret(key):
        return MASK
    return with_texts(asked, clean_name)


@dataclass(frozen=True)
class Stripping:
    """Takes people and secrets out of one source's answers.

    ``personal`` are keys whose texts name people: ``login`` everywhere, ``author.name`` only within an author; keys
    whose texts mention them as ``@dave``: ``body@``; and what texts begin with that name people under any key:
    ``user:``. ``titled``: whether names are titles, as of jobs, in which people may be mentioned, and not of services.
    """

    kind: str
    personal: frozenset[str]
    pseudonyms: Pseudonyms
    titled: bool = True

    def stripped(self, answer: Any) -> Any:  # noqa: ANN401 - any JSON
        """The answer with pseudonyms for people; what stands beside their logins is left out."""
        return self._value(answer, "", "")

    def text(self, text: str) -> str:
        """A text with the addresses in it keyed, trailers without the names before them, and no secret."""
        return self._signed(clean_name(text))

    def file(self, text: str, path: str) -> str:
        """A file as it was asked for by its path, with who is mentioned in it keyed."""
        keyed = self.text(text)
        if PEOPLE_OF_CODE in path:
            return MENTION.sub(lambda found: f"@{self._login(found[1])}", keyed)
        return key_mentions(keyed, self._login)

    def _signed(self, text: str) -> str:
        keyed = self.pseudonyms.key_addresses(text)
        return text if keyed == text else SIGNED.sub(r"\1 \2", keyed)

    def _login(self, login: str) -> str:
        return self.pseudonyms.of(handle(self.kind, login) or login)

    def _value(self, value: Any, key: str, within: str) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return self._object(value, within if key in OF_GRAPHQL else key)
        if isinstance(value, list):
            return [self._value(each, key, within) for each in value]
        if isinstance(value, str) and value.startswith(self._beginnings):
            return self._keyed(value, self.kind)
        return self._written(value, key, within) if isinstance(value, str) else value

    @property
    def _beginnings(self) -> tuple[str, ...]:
        return tuple(each for each in self.personal if each.endswith(":"))

    def _object(self, data: Mapping[str, Any], within: str) -> dict[str, Any]:
        kept = {}
        is_person = bool(LOGINS & self.personal & data.keys())
        for key, value in data.items():
            if SECRET_KEYS.search(key) and isinstance(value, str):
                kept[key] = MASK
            elif self._names_people(key, within):
                # some keys name the forge whose logins they hold, as annotations of a catalog do
                kept[key] = self._keyed(value, PLAIN_FORGE if key.startswith("github.com/") else self.kind)
            elif key == APP and isinstance(value, str):
                app = self.pseudonyms.of(f"{value.removesuffix(BY_BOTH)}{BY_BOTH}")
                kept[key] = marked(app, by_look=True, by_settings=True)
            elif f"{key}@" in self.personal and isinstance(value, str):
                kept[key] = self._prose(value)
            elif not is_person or key in ABOUT_PEOPLE or isinstance(value, bool):
                kept[key] = self._value(value, key, within)
        return kept

    def _written(self, text: str, key: str, within: str) -> str:
        """A text by the key it stands under, so that it is stored as it would have been without the recording."""
        if key in PROSE and within != "labels":
            return self._prose(text)
        if self.titled and key in TITLES and within not in KEYS:
            return self.pseudonyms.key_title(text)
        if key in BRANCHES or f"{within}.{key}" in BRANCHES:
            return self.pseudonyms.key_branch(text)
        if ADDRESSES.search(key) and not OF_PAGES.search(key):
            return clean_address(text)
        return self.text(text)

    def _prose(self, text: str) -> str:
        return MENTION.sub(lambda found: f"@{self._login(found[1])}", self._signed(clean_text(text)))

    def _names_people(self, key: str, within: str) -> bool:
        return key in self.personal or f"{within}.{key}" in self.personal

    def _keyed(self, value: Any, forge: str) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, dict):
            return {key: self._keyed(each, forge) for key, each in value.items()}
        if isinstance(value, list):
            return [self._keyed(each, forge) for each in value]
        named = handle(forge, value) if isinstance(value, str) else None
        if named is None:
            return value
        by_look, by_settings = LIKE_A_BOT.search(value) is not None, self.pseudonyms.is_bot(named)
        return marked(self.pseudonyms.of(named), by_look=by_look, by_settings=by_settings)
