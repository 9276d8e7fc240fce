"""The two stores and the disk they lie on."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING

from dashboards.health import DataFolder, Records
from tribometer.errors import ConfigurationError, StoreError
from tribometer.privacy import KEY_FILE
from tribometer.settings import Secret
from tribometer.store.connection import FILE_NAME, SPILL_FOLDER
from tribometer.store.store_files import RECORDS_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from tribometer.service.instance import Instance

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


def data_folder(instance: Instance) -> DataFolder:
    """Look at the folder, its key, the event store and the space around it."""
    folder = instance.settings.data
    written = [file.stat().st_size for file in folder.glob(f"{FILE_NAME}*")]
    return DataFolder(
        path=str(folder.absolute()),
        exists=folder.exists(),
        mode=_mode(folder),
        key_file_mode=_mode(folder / KEY_FILE),
        store_bytes=sum(written) or None,
        store_version=_schema(instance) if (folder / FILE_NAME).exists() else None,
        spill_bytes=sum(file.stat().st_size for file in (folder / SPILL_FOLDER).glob("*")),
        free_bytes=shutil.disk_usage(_existing(folder.absolute())).free,
        memory_limit=instance.store.memory,
    )


def records(instance: Instance) -> Records:
    """Ask the record store whether it answers; a file that nothing has made yet is not made for that."""
    if instance.settings.records.url is None and not _records_file(instance).exists():
        return Records(SQLITE, str(_records_file(instance)), None, None, None)
    try:
        store = instance.records
        file = store.database.location.file
        kind, place = (SQLITE, str(file.absolute())) if file else (POSTGRESQL, str(store.database.location))
        return Records(kind, place, answers=True, schema=store.revision(), problem=None)
    except (StoreError, ConfigurationError) as error:
        return Records(_kind(instance), _said_place(instance), answers=False, schema=None, problem=str(error))


def _kind(instance: Instance) -> str:
    return SQLITE if instance.settings.records.url is None else POSTGRESQL


def _said_place(instance: Instance) -> str:
    """Say where the settings have it; a URL they keep secret stays where it is kept."""
    url = instance.settings.records.url
    if url is None:
        return str(_records_file(instance))
    if isinstance(url, Secret):
        return f"as environment variable {url.env} says" if url.env else f"as file {url.file} says"
    return url


def _records_file(instance: Instance) -> Path:
    return (instance.settings.data / RECORDS_FILE).absolute()


def _schema(instance: Instance) -> int:
    with instance.store.reader() as reader:
        [(number,)] = reader.rows("SELECT max(number) FROM schema_migrations")
    return int(number)


def _mode(path: Path) -> str | None:
    return f"{stat.S_IMODE(path.stat().st_mode):04o}" if path.exists() else None


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
