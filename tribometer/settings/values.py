"""Values of settings and tables of them, each checked where it is made; no message repeats what was refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from tribometer.settings.rules import Rules
from tribometer.settings.secret import ONE_PLACE, Secret

MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*(MB|GB)", re.IGNORECASE)
LEAST_MEGABYTES = 256
PASSWORD_IN_URL = re.compile(r"//[^?]*:[^?]*@|[?&][^=&]*password=", re.IGNORECASE)


def _hotfix_pattern(text: str) -> str:
    if not text.startswith("label:"):
        _check_regular_expression(text, repr(text))
    return text


def _check_regular_expression(text: str, name: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{name} is not a regular expression: {error}") from None


def memory_amount(text: str) -> str:
    """Take an amount of memory."""
    found = MEMORY.fullmatch(text.strip())
    if found is None or float(found[1]) * {"MB": 1, "GB": 1000}[found[2].upper()] < LEAST_MEGABYTES:
        raise ValueError(f"{text!r} is no amount of memory from {LEAST_MEGABYTES}MB up, like 2GB")
    return f"{found[1]}{found[2].upper()}"


def time_zone(name: str) -> str:
    """Take a name of the IANA database."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ValueError(f"{name!r} is no time zone of the IANA database, like Europe/Berlin") from None
    return name


def country(code: str) -> str:
    """Take an ISO 3166 code of a country whose public holidays are known."""
    from holidays import list_supported_countries  # noqa: PLC0415 - a tenth of a second that few commands need

    known = list_supported_countries(include_aliases=True)
    if code not in known:
        hint = f"did you mean {code.upper()!r}?" if code.upper() in known else "write its ISO 3166 code, like DE"
        raise ValueError(f"{code!r} is no country whose public holidays are known; {hint}")
    return code


def _secret_or_plain(value: object) -> object:
    """Take a secret's place for what it is; any other value is for the source's collector to check."""
    is_secret = isinstance(value, dict) and len(value) == 1 and value.keys() <= Secret.model_fields.keys()
    return Secret.model_validate(value) if is_secret else value


def _database_url(value: object) -> object:
    """Take a secret's place, or a URL that tells nobody a password; nothing of a refused one is repeated."""
    if isinstance(value, dict | Secret):
        return Secret.model_validate(value)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"a URL, or its place: {ONE_PLACE}")
    if value is not None and PASSWORD_IN_URL.search(value):
        raise ValueError('a URL with a password is a secret: write url = {env = "NAME"} or {file = "PATH"}')
    return value


def _source(table: dict[str, Any]) -> dict[str, Any]:
    """Check what decides before a collector is made."""
    if "kind" not in table:
        raise ValueError('a source names its kind, like kind = "git"')
    if isinstance(table.get("releases"), str):
        _check_regular_expression(table["releases"], "releases")
    return table


SourceTable = Annotated[dict[str, Annotated[Any, AfterValidator(_secret_or_plain)]], AfterValidator(_source)]


class Catalog(BaseModel):
    """Who owns what, from one file; a source of kind ``catalog`` says the same and more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path | None = None
    """CSV or JSON: services, teams, repositories and who owns them."""


class Patterns(BaseModel):
    """How a team's habits are recognised."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hotfix: tuple[Annotated[str, AfterValidator(_hotfix_pattern)], ...] = Rules.hotfix
    """Changes that are hotfixes (E9): regular expressions over branch and title, or ``label:NAME``."""
    bots: tuple[Annotated[str, Field(min_length=1)], ...] = Rules.bots
    """Logins and addresses of bots (E14), like ``["*[bot]", "renovate*", "ci@acme.org"]``; replaces the built-in ones.

    Letter case does not matter; only ``*`` and ``?`` stand for other letters. Holds for what is collected from then on:
    handles are not kept, so what was stored before changes only when it is collected again.
    """
    generated: tuple[Annotated[str, Field(min_length=1)], ...] = Rules.generated
    """Files whose lines nobody reads, like ``["*.lock", "api/*.gen.go", "vendor/"]``: they do not count for a change's
    size. Names or paths, where only ``*`` and ``?`` stand for other letters; one that ends in a slash is a folder, at
    any depth. Replaces the built-in ones.
    """


class Records(BaseModel):
    """Where the record store lies, and how long what goes by itself stays in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: Annotated[Secret | str | None, BeforeValidator(_database_url)] = None
    """PostgreSQL, like ``{env = "NAME"}`` or ``{file = "PATH"}`` for a URL with a password, or a URL without one.

    Default: a SQLite file in the data folder.
    """
    keep_runs_days: Annotated[float, Field(gt=0, le=3650)] = 90.0
    """Days for which the runs of collections and imports stay on record."""

    def database_url(self) -> str | None:
        """Read the URL now; None for the file in the data folder."""
        return self.url.reveal("records.url") if isinstance(self.url, Secret) else self.url
