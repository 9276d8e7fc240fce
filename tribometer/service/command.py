"""What every command shares: where the settings come from, and a session for the work."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from tribometer.service import data_folder
from tribometer.service.terminal import progress
from tribometer.settings import Settings, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tribometer.service.session import Session

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@dataclass
class Place:
    """The global options: settings file and data folder, None where not given.

    ``folder`` is the data folder in force, once the settings were read.
    """

    config: Path | None = None
    data: Path | None = None
    folder: Path | None = None

    def settings(self) -> Settings:
        """Read the settings; `ConfigurationError` when something is wrong with them."""
        settings = load(self.config, self.data)
        if "data" not in settings.model_fields_set:
            settings = data_folder.around(settings, Path.cwd())
        self.folder = settings.data
        return settings


def place(context: typer.Context) -> Place:
    """Return the global options of the command line at hand."""
    return cast("Place", context.obj)


@contextmanager
def session(context: typer.Context, *, reading: bool) -> Iterator[Session]:
    """Open a session on the configured data folder."""
    from tribometer.service import session as sessions  # noqa: PLC0415 - not for --help

    _spare_pandas()
    with sessions.session(place(context).settings(), reading=reading) as opened:
        yield opened


def performed(context: typer.Context, operation: str, arguments: Mapping[str, Any], *, reading: bool) -> dict[str, Any]:
    """Perform one operation in a session of its own, with its progress on the terminal."""
    with session(context, reading=reading) as opened, progress() as tell:
        return opened.perform(operation, arguments, tell)


class _NoPandas(MetaPathFinder):
    def find_spec(self, fullname: str, *_: object) -> None:
        """Say that there is none; anything else is for the finders behind."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _spare_pandas() -> None:
    """Let pyarrow find no pandas: it imports it for its first array, a third of a short command's time."""
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        import pyarrow as pa  # noqa: PLC0415 - --help needs none

        pa.array([])
    finally:
        sys.meta_path.remove(finder)
