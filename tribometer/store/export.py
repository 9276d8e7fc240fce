"""Parquet, one folder per table and one file per month, of which only what has changed is written again.

Layout: ``DIR/<table>/month=YYYY-MM/part-0.parquet`` (rows without a time: ``month=__HIVE_DEFAULT_PARTITION__``), and
``DIR/<table>/part-0.parquet`` for tables without a time. ``_manifest.json`` holds the digest of each file's rows: what
it says is compared with the store, so it does not matter what happened in between, or at which point an export was
killed. Readers that started before may still hold the earlier file; a file is never seen half written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tribometer.errors import UsageError
from tribometer.store.connection import translated
from tribometer.store.export_tables import EXPORTED, Exported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import duckdb

MANIFEST = "_manifest.json"
FORMAT = 1
PART = "part-0.parquet"
NO_MONTH = "__HIVE_DEFAULT_PARTITION__"
DIGESTS = """
SELECT strftime(happened_at, '%Y-%m') AS month, count(*) AS n,
    bit_xor(hash(t)) AS folded, CAST(sum(CAST(hash(t) >> 1 AS HUGEINT)) AS VARCHAR) AS summed
FROM ({select}) AS t GROUP BY month
"""
WRITE = """
COPY (SELECT * EXCLUDE (happened_at) FROM ({select}) AS t WHERE {month} ORDER BY ALL)
TO {path} (FORMAT parquet, COMPRESSION zstd)
"""


@dataclass
class ExportSummary:
    """What an export did: files written, removed and left as they were, and the rows they hold together."""

    tables: int = 0
    written: int = 0
    removed: int = 0
    unchanged: int = 0
    rows: int = 0
    files: dict[str, list[Any]] = field(default_factory=dict)


def export(
    connection: duckdb.DuckDBPyConnection, folder: Path, progress: Callable[[int, int], None] | None = None
) -> ExportSummary:
    """Bring a folder up to the store, as it is in the transaction that ``connection`` has open.

    Raises `UsageError` for a folder that holds something else, `StoreError` when it cannot be written.
    """
    with translated(f"exporting to {folder}"):
        try:
            before = _manifest(folder)
            done = ExportSummary()
            for number, table in enumerate(EXPORTED):
                _export_table(connection, table, folder, before, done)
                if progress:
                    progress(number + 1, len(EXPORTED))
            _remove_outdated(folder, before, done)
            _replace(folder / MANIFEST, json.dumps({"format": FORMAT, "files": done.files}, indent=1))
        except OSError as error:
            problem = f"{error.filename or folder}: {error.strerror}"
            raise UsageError(f"{problem}. Choose another folder with --to, or mend its rights.") from error
    return done


def _manifest(folder: Path) -> Mapping[str, list[Any]]:
    """Files of the last export with their digests; none in a new folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / MANIFEST
    if not path.exists():
        if any(entry.name != MANIFEST for entry in folder.iterdir()):
            raise UsageError(f"{folder} holds something that is no export. Name a new or empty folder with --to.")
        _replace(path, json.dumps({"format": FORMAT, "files": {}}))
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        files: Mapping[str, list[Any]] = told["files"] if told["format"] == FORMAT else {}
    except (ValueError, KeyError, TypeError):
        return {}  # damaged: everything is written again
    return files


def _export_table(
    connection: duckdb.DuckDBPyConnection,
    table: Exported,
    folder: Path,
    before: Mapping[str, list[Any]],
    done: ExportSummary,
) -> None:
    months = connection.execute(DIGESTS.format(select=table.select)).fetchall()
    if not table.monthly and not months:
        months = [(None, 0, 0, "0")]  # a table without rows still tells its columns
    done.tables += 1
    for month, rows, *digest in months:
        place = f"month={month or NO_MONTH}/{PART}" if table.monthly else PART
        name = f"{table.name}/{place}"
        done.files[name] = [rows, *digest]
        done.rows += rows
        if before.get(name) == done.files[name] and (folder / name).exists():
            done.unchanged += 1
        else:
            _write(connection, table, month, folder / name)
            done.written += 1


def _write(connection: duckdb.DuckDBPyConnection, table: Exported, month: str | None, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    chosen = f"strftime(happened_at, '%Y-%m') = '{month}'" if month else "happened_at IS NULL"
    target = "'" + str(draft).replace("'", "''") + "'"
    connection.execute(WRITE.format(select=table.select, month=chosen, path=target))
    draft.replace(path)


def _remove_outdated(folder: Path, before: Mapping[str, list[Any]], done: ExportSummary) -> None:
    """Remove files of months that have no rows any more."""
    for name in before.keys() - done.files.keys():
        path = folder / name
        if path.exists():
            path.unlink()
            done.removed += 1
        if path.parent.exists() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
