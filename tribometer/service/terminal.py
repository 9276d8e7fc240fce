"""Words, tables and progress bars: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from shutil import get_terminal_size
from textwrap import wrap
from threading import Lock
from typing import TYPE_CHECKING, Any, TextIO

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.progress import TaskID

    from tribometer.service.operations import Tell

PIPE_WIDTH = 200
GAP = 2
NAME_WIDTH = 15
INDENT = "  "
BAR_WIDTH = 12
EIGHTHS = " ▏▎▍▌▋▊▉█"


def say(text: str) -> None:
    """Write a message; never a result."""
    print(_folded(text, sys.stderr), file=sys.stderr, flush=True)  # noqa: T201 - the command line


def write(text: str) -> None:
    """Write a result; when the reader has gone (``| head``), that is the end, and no error."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # the interpreter flushes once more at its end, which would fail with a message
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def write_words(text: str, hang: int = len(INDENT)) -> None:
    """Write lines of words; on a terminal that is too narrow for one, it goes on below itself, further in."""
    write(_folded(text, sys.stdout, hang))


def _folded(text: str, stream: TextIO, hang: int = len(INDENT)) -> str:
    """Fold long lines at their spaces on a terminal; what a program reads keeps them."""
    if not stream.isatty():
        return text
    width = get_terminal_size().columns
    return "\n".join(line for each in text.split("\n") for line in _fold(each, width, hang))


def _fold(line: str, width: int, hang: int) -> Sequence[str]:
    if len(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())] + " " * hang
    # an address or a path is of use only in one piece
    return wrap(line, width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)


def write_json(document: Mapping[str, Any], *, line: bool = False) -> None:
    """Write one JSON document, or one line of JSON Lines."""
    write(json.dumps(document, ensure_ascii=False, indent=None if line else 2))


def write_named(name: str, text: str) -> None:
    """Write a text behind its name, in a column of its own; a terminal's width is kept to."""
    from rich.console import Console  # noqa: PLC0415 - as in write_table

    width = Console().width if sys.stdout.isatty() else PIPE_WIDTH
    lines = wrap(text, width - NAME_WIDTH, break_on_hyphens=False) or [""]
    write("\n".join(f"{name if place == 0 else '':<{NAME_WIDTH}}{line}" for place, line in enumerate(lines)))


def write_table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[str] = ()) -> None:
    """Write a table; the columns named in `right` are numbers, the last may fold. A pipe gets long lines.

    On a terminal that is too narrow for its columns each row is a paragraph.
    """
    from rich.console import Console  # noqa: PLC0415 - a tenth of a second that JSON does not need
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    width = None if sys.stdout.isatty() else PIPE_WIDTH
    console = Console(highlight=False, width=width)
    if _least_width(head, rows) > console.width:
        write("\n".join(_paragraph(head, row, console.width) for row in rows))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in head:
        table.add_column(name, justify="right" if name in right else "left", no_wrap=name != head[-1])
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    with console.capture() as capture:
        console.print(table)
    write("\n".join(line.rstrip() for line in capture.get().splitlines()))


def _least_width(head: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Columns of a terminal that the table takes when its last column is as narrow as its longest word."""
    from rich.cells import cell_len  # noqa: PLC0415 - as in write_table

    fixed = [max(map(cell_len, column)) for column in zip(head, *rows, strict=True)][:-1]
    words = [word for cell in (head[-1], *(row[-1] for row in rows)) for word in cell.split()]
    return sum(fixed) + GAP * len(fixed) + max(map(cell_len, words), default=0)


def _paragraph(head: Sequence[str], row: Sequence[str], width: int) -> str:
    """The first cell as it is, the others below it with their names; what is empty is left out."""
    named = ", ".join(f"{name} {cell}" for name, cell in zip(head[1:], row[1:], strict=True) if cell)
    return "\n".join([row[0], *wrap(named, width, initial_indent=INDENT, subsequent_indent=INDENT)])


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
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.table import Column  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}", markup=False, table_column=Column(overflow="ellipsis", no_wrap=True)),
        BarColumn(BAR_WIDTH),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _Bars(bars).tell


class _Bars:
    def __init__(self, bars: Any) -> None:  # noqa: ANN401 - rich is imported late
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}
        self._lock = Lock()

    def tell(self, message: Mapping[str, Any]) -> None:
        """Move the bar of ``progress.of``; ``total`` is None while unknown, ``part`` is what it is at.

        ``ended`` names what makes no progress any more, whether or not it came to its total.
        """
        _say_hints(message)
        if "progress" in message:
            self._move(message["progress"])
        if message.get("ended") in self._tasks:
            self._fill(self._tasks[message["ended"]])

    def _move(self, step: Mapping[str, Any]) -> None:
        words = f"{step['of']} ({step['part']})" if step.get("part") else step["of"]
        told = {"description": words, "total": step["total"], "count": _count(step)}
        with self._lock:
            if step["of"] not in self._tasks:
                self._tasks[step["of"]] = self._bars.add_task(**told)
        self._bars.update(self._tasks[step["of"]], completed=step["done"], **told)

    def _fill(self, task: TaskID) -> None:
        """Let a bar whose total was never known pulse no more."""
        self._bars.update(task, completed=1, total=1)


def _count(step: Mapping[str, Any]) -> str:
    of = f" of {step['total']:,}" if step["total"] is not None else ""
    return f"{step['done']:,}{of} {step.get('unit', '')}".rstrip()


def _say_hints(message: Mapping[str, Any]) -> None:
    if "hint" in message:
        say(message["hint"])
