"""The command line: options in, an operation, its result as text or JSON. Heavy imports wait for who needs them."""

from __future__ import annotations

import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tribometer import __version__
from tribometer.errors import TribometerError
from tribometer.service import (
    command_digest,
    command_events,
    command_friction,
    command_intervention,
    command_numbers,
    command_people,
    command_report,
    command_store,
    command_survey,
    command_token,
    command_up,
)
from tribometer.service.command import Place
from tribometer.service.leaving import SOURCE_THREADS, leave, words_of
from tribometer.service.terminal import say, write

INTERRUPTED = 130
LOG_FILE = "errors.log"

app = typer.Typer(
    help="Measures the friction in software delivery: where a change waits, and what the wait costs.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer's callback
    if wanted:
        write(f"tribometer {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="Settings file; default: tribometer.toml here, if any.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Data folder; default: .tribometer here or in the clone around.")
    ] = None,
    *,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Keep what holds for every command."""
    place = context.ensure_object(Place)
    place.config, place.data = config, data


command_numbers.add_to(app)
command_events.add_to(app)
command_up.add_to(app)
command_store.add_to(app)
command_people.add_to(app)
command_friction.add_to(app)
command_digest.add_to(app)
command_report.add_to(app)
command_intervention.add_to(app)
command_survey.add_to(app)
command_token.add_to(app)


def main(arguments: list[str] | None = None) -> None:
    """Run a command and end the process with its exit code; no traceback ever reaches a user."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a bar shows a question mark
    place = Place()
    try:
        app(arguments, prog_name="tribometer", obj=place)
    except TribometerError as error:
        say(f"tribometer: {error}")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, SystemExit) as end:
        # typer makes an exit of an interrupt
        code = end.code if isinstance(end, SystemExit) else INTERRUPTED
        if code == INTERRUPTED:
            say(words_of(end))
            leave(INTERRUPTED, SOURCE_THREADS)
        sys.exit(code)
    except Exception as error:  # noqa: BLE001 - the last line before the user
        say(f"tribometer: {_kept(error, place.folder)}")
        sys.exit(1)


def _kept(error: Exception, place: Path | None) -> str:
    """Write the traceback where it can be sent from, and say so in one line."""
    text = "".join(traceback.format_exception(error))
    entry = f"{datetime.now(UTC).isoformat()} tribometer {__version__} {' '.join(sys.argv[1:])}\n{text}\n"
    places = [place] if place and place.exists() else []
    for folder in (*places, Path(tempfile.gettempdir())):
        try:
            with (folder / LOG_FILE).open("a", encoding="utf-8") as log:
                log.write(entry)
        except OSError:
            continue
        return f"a defect of Tribometer ({type(error).__name__}). Please report it with {folder / LOG_FILE}."
    return f"a defect of Tribometer ({type(error).__name__}: {error}). Please report it."
