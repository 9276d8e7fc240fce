"""Opening the DuckDB file, and DuckDB's errors in our words: both happen here only."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from tribometer.errors import StoreBusy, StoreClosed, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_NAME = "events.duckdb"
SPILL_FOLDER = "spill"
LEAST_MEMORY, MOST_MEMORY, MEMORY_SHARE = 512, 4_096, 8
"""Of the machine's memory the store takes an eighth unless told otherwise, in these bounds (in MB)."""
CONTROL_GROUP = Path("/sys/fs/cgroup/memory.max")
HOLDER = re.compile(r"\(PID (\d+)\)")


def usual_memory() -> str:
    """What a query may hold in memory before it spills to disk where no setting says: a share of the machine's."""
    return f"{min(max(_machine_bytes() // MEMORY_SHARE // 1_000_000, LEAST_MEMORY), MOST_MEMORY)}MB"


def _machine_bytes() -> int:
    """The memory of the machine, or of the container; 0 where the system does not tell."""
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0
    with suppress(OSError, ValueError):
        return min(whole, int(CONTROL_GROUP.read_text(encoding="ascii")))
    return whole


def connect(folder: Path, memory: str) -> duckdb.DuckDBPyConnection:
    """Open ``events.duckdb`` of an existing folder; raises `StoreBusy` or `StoreError`."""
    path = folder / FILE_NAME
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(folder / SPILL_FOLDER),
    }
    try:
        return duckdb.connect(path, config=settings)
    except duckdb.IOException as error:
        raise _cannot_open(path, str(error)) from error
    except duckdb.Error as error:
        raise _damaged(path, str(error)) from error


def settle(path: Path) -> None:
    """Bring what stands in the log of a copied file into it, so that it is whole without the log."""
    with translated(f"settling {path}"):
        duckdb.connect(path, config={"memory_limit": f"{LEAST_MEMORY}MB"}).close()


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn an error of DuckDB into a `StoreError` that says what was being done."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise StoreError(
            f"{what}: not enough memory or disk ({_first_line(error)}). Free disk space in the data folder, "
            "set `memory` higher, or ask for a shorter window.",
        ) from error
    except duckdb.InterruptException:
        raise StoreClosed from None
    except duckdb.FatalException as error:
        raise StoreError(
            f"{what}: {_first_line(error)}. Start again; if that does not help, restore the latest backup.",
        ) from error
    except duckdb.Error as error:
        raise StoreError(f"{what}: {_first_line(error)}. This is a defect of Tribometer: report it.") from error


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: commit at the end, roll back on whatever goes wrong."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # a failed COMMIT has already ended the transaction
        with suppress(duckdb.TransactionException):
            connection.execute("ROLLBACK")
        raise


def _cannot_open(path: Path, problem: str) -> StoreError:
    if "Could not set lock" in problem:
        holder = HOLDER.search(problem)
        number = int(holder[1]) if holder else None
        return StoreBusy(path, number, command_of(number) if number else None)
    if "not a valid DuckDB" in problem:
        return _damaged(path, problem)
    return StoreError(f"{path} cannot be opened: {problem}. Check the folder's rights and free space.")


def _damaged(path: Path, problem: str) -> StoreError:
    return StoreError(
        f"{path} is damaged or no event store ({problem.splitlines()[0]}). "
        "Move it away and restore the latest backup with: tribometer restore FILE",
    )


def command_of(process: int) -> str | None:
    """Command line of a process of this machine, as far as it may be read."""
    try:
        raw = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return None
    return raw.replace(b"\0", b" ").decode(errors="replace").strip() or None


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")
