"""Settings: one TOML file, every key also by environment variable, secrets never.

``TRIBOMETER_PATTERNS__HOTFIX='["^fix/"]'`` is ``[patterns] hotfix = ["^fix/"]``: nested keys are joined with two
underscores and lists are JSON. Relative paths are relative to the working folder.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from tribometer.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails
    from pydantic_settings import PydanticBaseSettingsSource

PREFIX = "TRIBOMETER_"
CONFIG_VARIABLE = "TRIBOMETER_CONFIG"
DEFAULT_FILE = Path("tribometer.toml")
# what Kubernetes sets in every pod of a namespace that has a Service named "tribometer"
NOT_OURS = re.compile(r"TRIBOMETER_(SERVICE_(HOST|PORT)|PORT)(_.*)?")

ENVIRONMENTS: Mapping[str, tuple[str, ...]] = {
    "production": ("production", "prod", "live", "live-*"),
    "staging": ("staging", "stage", "preprod", "pre-prod", "preproduction", "uat"),
    "test": ("test", "testing", "qa", "non-prod", "nonprod", "integration"),
    "development": ("development", "dev", "preview", "preview-*", "review/*", "sandbox"),
}
"""Tier of an environment by name; what matches nothing is listed as unmapped, never guessed."""


@dataclass(frozen=True)
class Rules:
    """The part of the settings that decides what the numbers mean.

    ``environments``: tier -> glob patterns over the environment's name, in lower case, first match wins.
    ``hotfix``: regular expressions over a change's branch and title, or ``label:NAME`` (E9).
    ``failure_window``: how long after a deployment a failure still counts as its own (D3).
    ``timezone``: business clock of services whose team names none.
    """

    environments: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(ENVIRONMENTS))
    hotfix: tuple[str, ...] = ("^hotfix", "label:hotfix")
    failure_window: timedelta = timedelta(days=7)
    timezone: str = "UTC"

    def tier(self, environment: str) -> str | None:
        """Return the first tier with a pattern that fits the environment's name; None: unmapped."""
        name = environment.casefold()
        tiers = self.environments.items()
        return next((tier for tier, globs in tiers if any(fnmatchcase(name, glob.casefold()) for glob in globs)), None)


class Secret(BaseModel):
    """Where a secret stands: ``{env = "NAME"}`` or ``{file = "/run/secrets/name"}``; its value is never kept."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Secret:
        if (self.env is None) == (self.file is None):
            raise ValueError('a secret is {env = "NAME"} or {file = "PATH"}, exactly one of them')
        return self

    def reveal(self, key: str = "secret") -> str:
        """Read the value now; `ConfigurationError` names `key` and the place when there is none."""
        if self.env is not None:
            return _filled(os.environ.get(self.env, ""), key, f"environment variable {self.env}")
        place = f"file {self.file}"
        try:
            text = Path(str(self.file)).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise _missing(key, place, f"cannot be read ({type(error).__name__})") from None
        return _filled(text, key, place)


def _filled(text: str, key: str, place: str) -> str:
    if not text.strip():
        raise _missing(key, place, "has no value")
    return text.strip()


def _missing(key: str, place: str, problem: str) -> ConfigurationError:
    return ConfigurationError(key, place, f"the secret {problem}", "Set it there, or name another place for it.")


def _hotfix_pattern(text: str) -> str:
    if not text.startswith("label:"):
        _check_regular_expression(text, repr(text))
    return text


def _check_regular_expression(text: str, name: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{name} is not a regular expression: {error}") from None


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ValueError(f"{name!r} is no time zone of the IANA database, like Europe/Berlin") from None
    return name


def _secret_or_plain(value: object) -> object:
    """Take a secret's place for what it is; any other value is for the source's collector to check."""
    is_secret = isinstance(value, dict) and len(value) == 1 and value.keys() <= Secret.model_fields.keys()
    return Secret.model_validate(value) if is_secret else value


def _source(table: dict[str, Any]) -> dict[str, Any]:
    """Check what decides before a collector is made."""
    if "kind" not in table:
        raise ValueError('a source names its kind, like kind = "git"')
    if isinstance(table.get("releases"), str):
        _check_regular_expression(table["releases"], "releases")
    return table


SourceTable = Annotated[dict[str, Annotated[Any, AfterValidator(_secret_or_plain)]], AfterValidator(_source)]


class Patterns(BaseModel):
    """How a team's habits are recognised."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hotfix: tuple[Annotated[str, AfterValidator(_hotfix_pattern)], ...] = Rules.hotfix
    """Changes that are hotfixes (E9): regular expressions over branch and title, or ``label:NAME``."""


class Settings(BaseSettings):
    """Everything that can be configured; made by `load`, which words the errors."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    data: Path = Path(".tribometer")
    """The data folder; created with mode 0700 by the first command that stores something."""
    sources: tuple[SourceTable, ...] = ()
    """What is collected; ``kind`` says by which collector."""
    environments: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Tier -> glob patterns of environment names; replaces the built-in patterns of that tier."""
    patterns: Patterns = Patterns()
    timezone: Annotated[str, AfterValidator(_time_zone)] = Rules.timezone
    """IANA name; the business clock of services whose team names none."""
    failure_window_days: Annotated[float, Field(gt=0, le=365)] = Rules.failure_window / timedelta(days=1)
    """Days after a deployment in which a failure still counts as its own (D3)."""
    allow_open_access_without_sign_in: bool = False
    """Let ``up`` bind an address other machines can reach although nobody has to sign in."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file; the file's content comes by argument."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    _file: Path | None = PrivateAttr(default=None)

    @property
    def file(self) -> Path | None:
        """The file that was read; None when there was none."""
        return self._file

    @property
    def rules(self) -> Rules:
        """What the store and the metrics need to know."""
        return Rules(
            environments={**ENVIRONMENTS, **self.environments},
            hotfix=self.patterns.hotfix,
            failure_window=timedelta(days=self.failure_window_days),
            timezone=self.timezone,
        )


def config_file(config: Path | None = None) -> Path | None:
    """Return the file to read: the argument, TRIBOMETER_CONFIG, or ``tribometer.toml`` here; None without any."""
    named = config or (Path(value) if (value := os.environ.get(CONFIG_VARIABLE)) else None)
    return named or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)


def load(config: Path | None = None, data: Path | None = None) -> Settings:
    """Read file and environment; `ConfigurationError` names the key, where it stands and the fix."""
    file = config_file(config)
    content = _read(file) if file else {}
    _check_variables()
    try:
        settings = Settings(**content)
    except ValidationError as error:
        raise _worded(error.errors()[0], file) from None
    except SettingsError as error:
        raise _not_json(str(error)) from None
    settings._file = file  # noqa: SLF001 - one module
    return settings if data is None else settings.model_copy(update={"data": data})


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError("TOML", str(file), str(error), "Correct that place and try again.") from None
    except UnicodeDecodeError as error:
        fix = "Save the file as UTF-8."
        raise ConfigurationError("TOML", str(file), f"byte {error.start} is not UTF-8", fix) from None
    except OSError as error:
        fix = f"Give an existing file with --config or {CONFIG_VARIABLE}."
        raise ConfigurationError("configuration file", str(file), error.strerror or "cannot be read", fix) from None


def _check_variables() -> None:
    """Refuse a misspelt variable: pydantic-settings passes over names it does not know."""
    for variable in os.environ:
        name = variable.upper().removeprefix(PREFIX)
        ours = variable.upper().startswith(PREFIX) and variable != CONFIG_VARIABLE and not NOT_OURS.fullmatch(variable)
        if ours and name.split("__")[0].lower() not in Settings.model_fields:
            known = [PREFIX + field.upper() for field in Settings.model_fields]
            raise ConfigurationError(variable, "environment", "unknown variable", _suggestion(variable, known))


def _suggestion(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]}?" if close else f"Known: {', '.join(sorted(known))}."


def _worded(problem: ErrorDetails, file: Path | None) -> ConfigurationError:
    where = [part for part in problem["loc"] if part != "[key]"]
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).removeprefix(".")
    origin = _origin([str(part) for part in where], file)
    if problem["type"] == "extra_forbidden":
        return ConfigurationError(key, origin, "unknown key", _suggestion(str(where[-1]), _siblings(where)))
    message = problem["msg"].removeprefix("Value error, ").replace("valid tuple", "list")
    return ConfigurationError(key, origin, message, "Correct the value or leave the key out for the default.")


def _siblings(where: list[int | str]) -> list[str]:
    model: type[BaseModel] = Patterns if where[0] == "patterns" and len(where) > 1 else Settings
    return list(model.model_fields)


def _origin(where: list[str], file: Path | None) -> str:
    """Name the variable that set the key, else the file."""
    variables = {name.upper(): name for name in os.environ}
    for length in range(len(where), 0, -1):
        variable = PREFIX + "__".join(where[:length]).upper()
        if variable in variables:
            return f"environment variable {variables[variable]}"
    return str(file or "configuration")


def _not_json(problem: str) -> ConfigurationError:
    quoted = re.search(r'field "(\w+)"', problem)
    key = quoted[1] if quoted else "a setting"
    variables = sorted(name for name in os.environ if name.upper().startswith(PREFIX + key.upper()))
    fix = """Write lists and tables as JSON, like '["production", "live-*"]'."""
    return ConfigurationError(key, f"environment variable {' or '.join(variables)}", "not JSON", fix)
