"""Where a secret stands: its place is in the settings, its value never is, and no message repeats it."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from tribometer.errors import SecretMissing

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

ONE_PLACE = 'a secret is {env = "NAME"} or {file = "PATH"}, exactly one of them'
NO_PLACE = "no_place_of_a_secret"
"""Type of pydantic's error about anything else in the place of a secret."""


class Secret(BaseModel):
    """Where a secret stands: ``{env = "NAME"}`` or ``{file = "/run/secrets/name"}``; its value is never kept."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_place(cls, value: object) -> object:
        return checked_place(value)

    @property
    def place(self) -> str:
        """The place in words, for errors."""
        return f"file {self.file}" if self.env is None else f"environment variable {self.env}"

    def reveal(self, key: str = "secret") -> str:
        """Read the value now; `SecretMissing` names `key` and the place when there is none."""
        if self.env is not None:
            return self._filled(os.environ.get(self.env, ""), key)
        try:
            text = Path(str(self.file)).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise self.unusable(key, f"the secret cannot be read ({type(error).__name__})") from None
        return self._filled(text, key)

    def unusable(
        self, key: str, problem: str, fix: str = "Set it there, or name another place for it."
    ) -> SecretMissing:
        """Make the error that what stands there cannot be used."""
        return SecretMissing(key, self.place, problem, fix)

    def _filled(self, text: str, key: str) -> str:
        if not text.strip():
            raise self.unusable(key, "the secret has no value")
        return text.strip()


def checked_place(value: object) -> object:
    """Let the place of a secret pass, and refuse anything else without repeating it: it may be the secret itself."""
    if isinstance(value, Secret):
        return value
    if not isinstance(value, Mapping):
        raise _refused("a secret is never written into the settings file")
    for name in value.keys() - Secret.model_fields.keys():
        close = difflib.get_close_matches(str(name), Secret.model_fields, n=1)
        like = f": `{close[0]}` is meant, not `{name}`" if close else ""
        raise _refused(f"only `env` and `file` say where a secret stands{like}")
    if sum(each is not None for each in value.values()) != 1:
        raise _refused("a secret stands in one place, `env` or `file`")
    return value


def checked_places(value: object) -> object:
    """Do the same for one place, a list of them, or None."""
    for each in value if isinstance(value, list | tuple) else () if value is None else (value,):
        checked_place(each)
    return value


def written(problem: ErrorDetails) -> str:
    """What to write where there is `NO_PLACE`, for the key that pydantic tells."""
    key = [part for part in problem["loc"] if isinstance(part, str)][-1]
    return f'Write {key} = {{env = "NAME"}} or {key} = {{file = "PATH"}}'


def _refused(problem: str) -> PydanticCustomError:
    return PydanticCustomError(NO_PLACE, "{problem}", {"problem": problem})


class _Unasked(Secret):
    def reveal(self, key: str = "secret") -> str:
        """Give a text that nobody is sent."""
        del key
        return "unasked"


UNASKED: Secret = _Unasked(env="unasked")
"""In the place of any secret where no server is asked."""
