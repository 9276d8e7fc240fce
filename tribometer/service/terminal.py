"""Words, tables and progress bars: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.progress import TaskID

    from tribometer.service.operations import Tell

PIPE_WIDTH = 200
BAR_WIDTH = 12
EIGHTHS = " ▏▎▍▌▋▊▉█"


def say(text: str) -> None:
    """Write a message; never a result."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the command line


def write(text: str) -> None:
    """Write a result; when the reader has gone (``| head``), that is the end, and no error."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # the interpreter flushes once more at its end, which would fail with a message
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def write_json(document: Mapping[str, Any], *, line: bool = False) -> None:
    """Write one JSON document, or one line of JSON Lines."""
    write(json.dumps(document, ensure_ascii=False, indent=None if line else 2))


def write_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
    """Write a table; the columns named in `right` are numbers, the last may fold. A pipe gets long lines."""
    from rich.console import Console  # noqa: PLC0415 - a tenth of a second that JSON does not need
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        table.add_column(name, justify="right" if name in right else "left", no_wrap=name != head[-1])
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    console = Console(highlight=False, width=width)
    with console.capture() as capture:
        console.print(table)
    write("\n".join(line.rstrip() for line in capture.get().splitlines()))


def bar(share: float) -> str:
    """Draw a share 0..1 as a bar of fixed width."""
    eighths = round(max(0.0, min(1.0, share)) * BAR_WIDTH * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (EIGHTHS[rest] if rest else "")).ljust(BAR_WIDTH)


@contextmanager
def progress() -> Iterator[Tell]:
    """Give a `Tell` that draws one bar per thing that makes progress, on a terminal only; hints are said anywhere."""
    if not sys.stderr.isatty():
        yield _say_hints
        return
    from rich.console import Console  # noqa: PLC0415 - as in write_table
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bars(bars).tell


class _Bars:
    def __init__(self, bars: Any) -> None:  # noqa: ANN401 - rich is imported late
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._lock = Lock()

    def tell(self, message: Mapping[str, Any]) -> None:
        """Move the bar of ``progress.of``; ``total`` is None while unknown, ``part`` is what it is at."""
        _say_hints(message)
        step = message.get("progress")
        if step is None:
            return
        words = f"{step['of']} ({step['part']})" if step.get("part") else step["of"]
        with self._lock:
            if step["of"] not in self._tasks:
                self._tasks[step["of"]] = self._bars.add_task(words, total=step["total"])
        self._bars.update(self._tasks[step["of"]], description=words, completed=step["done"], total=step["total"])


def _say_hints(message: Mapping[str, Any]) -> None:
    if "hint" in message:
        say(message["hint"])
