"""Reading the settings: file, then environment, and what is wrong with either in words."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from tribometer.errors import ConfigurationError
from tribometer.settings.hooks import HookSettings
from tribometer.settings.model import PREFIX, Settings
from tribometer.settings.secret import NO_PLACE, written
from tribometer.settings.values import Catalog, Patterns, Records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

CONFIG_VARIABLE = "TRIBOMETER_CONFIG"
DEFAULT_FILE = Path("tribometer.toml")
# what Kubernetes sets in every pod of a namespace that has a Service named "tribometer"
NOT_OURS = re.compile(r"TRIBOMETER_(SERVICE_(HOST|PORT)|PORT)(_.*)?")


def config_file(config: Path | None = None) -> Path | None:
    """Return the file to read: the argument, TRIBOMETER_CONFIG, or ``tribometer.toml`` here; None without any."""
    named = config or (Path(value) if (value := os.environ.get(CONFIG_VARIABLE)) else None)
    return named or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)


def load(config: Path | None = None, data: Path | None = None) -> Settings:
    """Read file and environment; `ConfigurationError` names the key, where it stands and the fix.

    Of the file's sources a wrong table costs only itself: its problem stands in ``refused``.
    """
    file = config_file(config)
    content = _read(file) if file else {}
    _check_variables(set(_named_variables(content)))
    try:
        settings = Settings(**content)
    except ValidationError as error:
        problems = error.errors()
    except SettingsError as error:
        raise _not_json(str(error)) from None
    else:
        return _placed(settings, file, data)
    # not in the handler: a kept error would keep pydantic's with it, in a circle that no collector of garbage sees
    return _placed(_without_refused(content, problems, file), file, data)


def _placed(settings: Settings, file: Path | None, data: Path | None) -> Settings:
    settings._file = file  # noqa: SLF001 - one module
    return settings if data is None else settings.model_copy(update={"data": data})


def _without_refused(content: Mapping[str, Any], problems: Sequence[ErrorDetails], file: Path | None) -> Settings:
    """Set the wrong tables of the file's sources aside; raise the first problem when anything else is wrong too."""
    refused: dict[int, ConfigurationError] = {}
    for problem in problems:
        if not _is_of_a_table(problem, content):
            raise _worded(problem, file)
        refused.setdefault(problem["loc"][1], _worded(problem, file))  # type: ignore[arg-type] # as was just looked at
    kept = [_set_aside(table) if number in refused else table for number, table in enumerate(content["sources"])]
    settings = Settings(**{**content, "sources": kept})
    settings._refused = refused  # noqa: SLF001 - one module
    return settings


def _is_of_a_table(problem: ErrorDetails, content: Mapping[str, Any]) -> bool:
    """Whether it is of one table that stands in the file; what a variable says is one value, right or wrong."""
    place = problem["loc"]
    in_list = len(place) > 1 and place[0] == "sources" and isinstance(place[1], int)
    tables = content.get("sources")
    in_variable = any(name.upper().startswith(f"{PREFIX}SOURCES") for name in os.environ)
    return in_list and isinstance(tables, list) and not in_variable


def _set_aside(table: object) -> dict[str, Any]:
    """What stays of a wrong table: its kind, if it has one, in its place."""
    return {"kind": str(table.get("kind", "source")) if isinstance(table, dict) else "source"}


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


def _named_variables(content: object) -> Iterator[str]:
    """The variables in which the file says that secrets stand."""
    if isinstance(content, dict) and content.keys() == {"env"}:
        yield str(content["env"])
    elif isinstance(content, dict | list):
        for part in content.values() if isinstance(content, dict) else content:
            yield from _named_variables(part)


def _check_variables(secrets: set[str]) -> None:
    """Refuse a misspelt variable: pydantic-settings passes over names it does not know."""
    for variable in os.environ.keys() - secrets:
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
    if problem["type"] == NO_PLACE:
        return ConfigurationError(key, origin, problem["msg"], written(problem))
    message = problem["msg"].removeprefix("Value error, ").replace("valid tuple", "list")
    return ConfigurationError(key, origin, message, "Correct the value or leave the key out for the default.")


def _siblings(where: list[int | str]) -> list[str]:
    tables: Mapping[int | str, type[BaseModel]] = {
        "catalog": Catalog,
        "patterns": Patterns,
        "records": Records,
        "hooks": HookSettings,
    }
    model = tables.get(where[0], Settings) if len(where) > 1 else Settings
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
