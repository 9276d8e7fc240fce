"""The key under which people are pseudonyms: 32 random bytes beside the store, for their owner only."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from tribometer.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

KEY_FILE = "pseudonym.key"
KEY_BYTES = 32


def read_or_make(folder: Path) -> bytes:
    """The key of a folder, made with mode 0600 if there is none.

    Raises `StoreError` when others can read the file, it holds no key, or it cannot be made.
    """
    path = folder / KEY_FILE
    try:
        if not path.exists():
            _make(path)
        return _read(path)
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}. Check the data folder's rights and free space.") from error


def _make(path: Path) -> None:
    """Write a new key under a name of its own, then link it: a key file is never seen half written."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(descriptor)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass  # another process was first: its key is the key
    finally:
        draft.unlink()


def _read(path: Path) -> bytes:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise StoreError(f"{path} can be read by others (mode {mode:o}); run: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise StoreError(f"{path} holds {len(key)} bytes, not a key of {KEY_BYTES}; restore it from a backup")
    return key
