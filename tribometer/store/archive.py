"""The file of a backup: a zip with everything in the data folder that cannot be collected again.

``manifest.json`` says by which version it was made, when, and the size and SHA-256 of each other member. The file holds
the key of the pseudonyms: whoever has it can tell whether a known address is in the data, so its mode is 0600.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

from tribometer import __version__
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import IO

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK = 1 << 20


def write_archive(path: Path, members: Mapping[str, Path], made_at: datetime) -> dict[str, Any]:
    """Pack files under their names and return the manifest; the archive is never seen half written.

    Raises `UsageError` when the file exists already or cannot be written.
    """
    if path.exists():
        raise UsageError(f"{path} exists already. Name another file: a backup is never overwritten.")
    draft = path.with_name(f".{path.name}.draft")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            manifest = _packed(file, members, made_at)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        problem = f"{error.filename or path}: {error.strerror}"
        raise UsageError(f"{problem}. Name a file in a folder that exists and has room.") from error
    return manifest


def _packed(file: IO[bytes], members: Mapping[str, Path], made_at: datetime) -> dict[str, Any]:
    told: dict[str, Any] = {"format": FORMAT, "version": __version__, "made_at": made_at.isoformat(), "members": {}}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, source in members.items():
            with source.open("rb") as content, archive.open(name, "w", force_zip64=True) as member:
                told["members"][name] = _copied(content, member)
        archive.writestr(MANIFEST, json.dumps(told, indent=1))
    return told


def unpack_archive(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack a backup into a new folder, every byte checked, and return its manifest.

    Raises `UsageError` when there is no such file, or it is no backup, damaged, or of a newer format.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            told = _manifest(archive, path)
            folder.mkdir(mode=0o700, parents=True)
            for name, expected in told["members"].items():
                with archive.open(name) as member, _private(folder / name) as file:
                    if _copied(member, file) != expected:
                        raise _damaged(path, f"{name} is not what was packed")
    except OSError as error:
        problem = f"{error.filename or path}: {error.strerror}"
        raise UsageError(f"{problem}. Name the file of a backup, and see that there is room.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise _damaged(path, str(error)) from error
    return told


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(archive.read(MANIFEST))
        number, names = told["format"], told["members"].keys()
    except (KeyError, ValueError, TypeError, AttributeError):
        raise UsageError(f"{path} is a zip, but no backup of Tribometer. Name the file of a backup.") from None
    if number != FORMAT:
        made = told.get("version")
        raise UsageError(f"{path} was made by Tribometer {made}, in format {number}. Restore it with that version.")
    if any("/" in name or "\\" in name or name in {"", ".", ".."} for name in names):
        raise _damaged(path, "it names files outside of its folder")
    return told


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _copied(content: IO[bytes], target: IO[bytes]) -> dict[str, Any]:
    """Copy everything; say how much it was and which."""
    digest = hashlib.sha256()
    size = 0
    while block := content.read(BLOCK):
        digest.update(block)
        target.write(block)
        size += len(block)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _damaged(path: Path, problem: str) -> UsageError:
    return UsageError(f"{path} is damaged or no backup ({problem}). Take an earlier backup; nothing was changed.")
