"""``tribometer backup`` and ``restore``: both stores and the key, as of one moment, while the service runs.

A restore is prepared and checked in a folder of its own before anything is replaced, and what was there before is
backed up beside the stores.
"""

from __future__ import annotations

import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tribometer.errors import UsageError
from tribometer.privacy import KEY_FILE
from tribometer.service.replacing import READY, RESTORING, marked, put_records
from tribometer.store import EventStore
from tribometer.store.archive import unpack_archive, write_archive
from tribometer.store.connection import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tribometer.service.instance import Instance

RECORDS = "records.sqlite"
MEMBERS = (FILE_NAME, KEY_FILE, RECORDS)
BEFORE = "before-restore"


def backup(
    instance: Instance, arguments: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    """Write the archive ``file``, an absolute path; raises `UsageError` when it exists or cannot be written."""
    path = Path(arguments["file"])
    if path.exists():
        raise UsageError(f"{path} exists already. Name another file: a backup is never overwritten.")
    tell({"progress": {"of": "copies", "done": 0, "total": None}})
    manifest = _archived(instance, path)
    instance.audit("backup", str(path))
    sizes = {name: member["bytes"] for name, member in manifest["members"].items()}
    return {"file": str(path), "bytes": path.stat().st_size, "members": sizes}


def _archived(instance: Instance, path: Path) -> dict[str, Any]:
    from tribometer.store.records import RecordStore  # noqa: PLC0415 - loads SQLAlchemy
    from tribometer.store.records.copying import copy_records  # noqa: PLC0415 - as above

    data = instance.settings.data
    with tempfile.TemporaryDirectory(prefix="backup-", dir=data) as name:
        folder = Path(name)
        records = RecordStore.open(folder)
        try:
            # nothing lands meanwhile, so both stores are of one moment
            instance.store.snapshot(
                folder / FILE_NAME, lambda: copy_records(instance.records.database, records.database)
            )
        finally:
            records.close()
        shutil.copyfile(data / KEY_FILE, folder / KEY_FILE)
        return write_archive(path, {member: folder / member for member in MEMBERS}, instance.clock())


def restore(
    instance: Instance, arguments: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    """Put what the archive ``file`` holds in place of everything; tell where what was there before is kept.

    Raises `UsageError` when the file is no whole backup, `StoreError` when it cannot be opened: nothing is changed
    then. One that fails later, as when the server of the records goes away, is brought to its end at the next start.
    """
    path, folder = Path(arguments["file"]), instance.settings.data / RESTORING
    with instance.source_lock(RESTORING):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            manifest = unpack_archive(path, folder)
            _check(folder, manifest, path)
            tell({"progress": {"of": "backup of what is there now", "done": 0, "total": None}})
            kept = _unused(instance)
            _archived(instance, kept)
            with marked(folder):
                instance.store.replace(folder)
                put_records(folder, instance.records)
        finally:
            # even when it fails between the stores: the numbers are those of the new one then
            instance.numbers.forget()
            if not (folder / READY).exists():
                shutil.rmtree(folder, ignore_errors=True)
    instance.audit("restore", str(path), made_at=manifest["made_at"], before=kept.name)
    return {"file": str(path), "made_at": manifest["made_at"], "version": manifest["version"], "before": str(kept)}


def _unused(instance: Instance) -> Path:
    """A name for what is there now, which no earlier restore has taken."""
    stem = f"{BEFORE}-{instance.clock():%Y%m%dT%H%M%S}"
    names = (instance.settings.data / f"{stem}-{number}.zip" for number in count(1))
    return next(name for name in names if not name.exists())


def _check(folder: Path, manifest: Mapping[str, Any], path: Path) -> None:
    """Open both stores once, which brings them to this version's schema."""
    missing = sorted(set(MEMBERS) - manifest["members"].keys())
    if missing:
        raise UsageError(f"{path} lacks {', '.join(missing)}. Take another backup; nothing was changed.")
    from tribometer.store.records import RecordStore  # noqa: PLC0415 - as above

    EventStore.open(folder).close()
    RecordStore.open(folder).close()
