"""The files of an event store: copied and put in place without losing DuckDB's lock or a byte."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tribometer.errors import StoreError
from tribometer.privacy import KEY_FILE
from tribometer.store.connection import FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path

LOG_NAME = f"{FILE_NAME}.wal"
RECORDS_FILE = "records.sqlite"
"""The record store's file: named here, where asking whether it is there does not load SQLAlchemy."""
COPY = "import shutil, sys; shutil.copyfile(*sys.argv[1:])"


def copy_file(source: Path, target: Path) -> None:
    """Copy a file that DuckDB holds in this process; raises `StoreError` when there is no room.

    A process that closes any handle of a file gives up its lock on it, so another process does the reading.
    """
    command = [sys.executable, "-I", "-S", "-c", COPY, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - this interpreter
    if done.returncode:
        target.unlink(missing_ok=True)
        said = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise StoreError(f"{source} cannot be copied to {target}: {said[0]}. Free disk space, or check the rights.")


def copy_store(folder: Path, target: Path) -> None:
    """Copy the store of a folder, with the log of what is not in it yet, while nobody writes to it."""
    copy_file(folder / FILE_NAME, target)
    if (folder / LOG_NAME).exists():
        copy_file(folder / LOG_NAME, target.with_name(f"{target.name}.wal"))


def put_in_place(source: Path, folder: Path) -> None:
    """Put store and key of ``source`` into a folder whose store nobody has open; ``source`` keeps its own.

    Each file is replaced in one step. The log of the old store goes first: it would be applied to the new one.
    """
    drafts = {name: folder / f".{name}.draft" for name in (FILE_NAME, KEY_FILE)}
    try:
        for name, draft in drafts.items():
            shutil.copyfile(source / name, draft)
            draft.chmod(0o600)
            _sync(draft)
        (folder / LOG_NAME).unlink(missing_ok=True)
        for name, draft in drafts.items():
            draft.replace(folder / name)
        _sync(folder)
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror}. Free disk space, or check the folder's rights.") from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
