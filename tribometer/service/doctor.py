"""``tribometer doctor``: what the numbers rest on, and what to do about what is wrong."""

from __future__ import annotations

import platform
import stat
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from tribometer.errors import ConfigurationError, StoreError
from tribometer.privacy import KEY_FILE
from tribometer.service import environments, sources
from tribometer.service.collecting import collectors
from tribometer.service.findings import BROKEN, findings
from tribometer.settings import Secret
from tribometer.store.connection import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from metrics import Query
    from tribometer.service.instance import Instance

PACKAGES = ("tribometer", "duckdb", "streamlit", "fastapi", "pyarrow", "pydantic", "scipy", "uvicorn")
KEYS = (
    "deployment_frequency", "change_lead_time", "change_fail_rate", "failed_deployment_recovery_time",
    "deployment_rework_rate",
)  # fmt: skip
COVERED = timedelta(days=90)
REJECTS_SHOWN = 20
ORIGINS = """
SELECT service, max(CASE WHEN inferred_from IS NULL THEN 1 ELSE 0 END) AS explicit, count(*) AS deployments
FROM production_deployments WHERE role <> 'other_origin' GROUP BY service ORDER BY service NULLS LAST
"""
REJECTED = "SELECT count(*) FROM rejected_events"


def examine(instance: Instance, _arguments: Mapping[str, Any], _tell: Callable[..., None]) -> dict[str, Any]:
    """Look at everything; ``ok`` is false when something is broken."""
    facts = {
        "configuration": _configuration(instance),
        "data_folder": _data_folder(instance),
        "sources": _sources(instance),
        "coverage": _coverage(instance),
        "rejected": _rejected(instance),
        "unmapped_environments": environments.unmapped(instance),
        "origins": _origins(instance),
        "versions": _versions(),
    }
    found = list(findings(facts))
    return {"ok": all(each["level"] != BROKEN for each in found), "findings": found, **facts}


def _configuration(instance: Instance) -> dict[str, Any]:
    file = instance.settings.file
    tables = sources.tables(instance.settings, instance.folder)
    return {
        "file": str(file) if file else None,
        "sources": [str(table.get("kind")) for table in tables],
        "from_this_clone": bool(tables) and not instance.settings.sources,
        "problem": _source_problem(instance, tables),
        "secrets": [secret for number, table in enumerate(tables) for secret in _secrets(number, table)],
    }


def _source_problem(instance: Instance, tables: Sequence[Mapping[str, Any]]) -> str | None:
    """What keeps the sources from being collected, before anything is read from them."""
    try:
        _, unreadable = collectors(instance, tables)
    except ConfigurationError as error:
        return str(error)
    return "; ".join(str(error) for error in unreadable) or None


def _secrets(number: int, table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Secret):
            key = f"sources[{number}].{name}"
            yield {"key": key, "problem": _problem(value, key)}


def _problem(secret: Secret, key: str) -> str | None:
    try:
        secret.reveal(key)
    except ConfigurationError as error:
        return str(error)
    return None


def _data_folder(instance: Instance) -> dict[str, Any]:
    folder = instance.settings.data
    store = folder / FILE_NAME
    written = [file.stat().st_size for file in folder.glob(f"{FILE_NAME}*")]
    return {
        "path": str(folder.absolute()),
        "exists": folder.exists(),
        "mode": _mode(folder),
        "key_file_mode": _mode(folder / KEY_FILE),
        "store_bytes": sum(written) or None,
        "store_version": _schema(instance) if store.exists() else None,
    }


def _schema(instance: Instance) -> int:
    with instance.store.reader() as reader:
        [(number,)] = reader.rows("SELECT max(number) FROM schema_migrations")
    return int(number)


def _mode(path: Path) -> str | None:
    return f"{stat.S_IMODE(path.stat().st_mode):04o}" if path.exists() else None


def _sources(instance: Instance) -> list[dict[str, Any]]:
    now = instance.clock()
    return [
        {
            "name": source.name,
            "kind": source.kind,
            "last_success_at": source.last_success_at.isoformat() if source.last_success_at else None,
            "age_seconds": (now - source.last_success_at).total_seconds() if source.last_success_at else None,
            "last_error": source.last_error,
            "collecting": source.collecting,
        }
        for source in instance.numbers.sources()
    ]


def _coverage(instance: Instance) -> list[dict[str, Any]]:
    from metrics import Query  # noqa: PLC0415 - as other commands start without the catalogue

    now = instance.clock()
    queries = [Query(metric=name, start=now - COVERED, end=now, now=now) for name in KEYS]
    results = [_computed(instance, query) for query in queries]
    fields = ("metric", "status", "coverage", "problem")
    return [{name: told.get(name) for name in fields} for told in results]


def _computed(instance: Instance, query: Query) -> dict[str, Any]:
    """A metric's status and coverage; one that cannot be computed is a finding of its own, not the end of the visit."""
    try:
        return instance.numbers.compute(query).to_dict()
    except StoreError as error:
        return {"metric": query.metric, "status": "failed", "coverage": None, "problem": str(error)}


def _rejected(instance: Instance) -> dict[str, Any]:
    with instance.store.reader() as reader:
        [(count,)] = reader.rows(REJECTED)
    shown = instance.store.rejected(limit=REJECTS_SHOWN)
    fields = ("number", "origin", "line", "reason")
    return {"count": count, "newest": [{name: getattr(each, name) for name in fields} for each in shown]}


def _origins(instance: Instance) -> list[dict[str, Any]]:
    with instance.store.reader() as reader:
        found = reader.rows(ORIGINS)
    return [{"service": name, "counts": "explicit" if said else "tags", "deployments": n} for name, said, n in found]


def _versions() -> dict[str, str | None]:
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
