"""``tribometer doctor``: what the numbers rest on, and what to do about what is wrong."""

from __future__ import annotations

import platform
from dataclasses import asdict, replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from dashboards.health import EXPLICIT, FAILURES, TAGS, HealthReport, Origin
from dashboards.health_words import counted, state
from tribometer.service import environments, people
from tribometer.service.address import Address
from tribometer.service.doctor_configuration import configuration
from tribometer.service.doctor_coverage import coverage
from tribometer.service.doctor_credentials import tried
from tribometer.service.doctor_rejected import rejected
from tribometer.service.doctor_sources import freshness
from tribometer.service.doctor_stores import data_folder, records
from tribometer.service.findings import findings
from tribometer.service.shared_repositories import shared
from tribometer.service.unconfigured import drop_failures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboards.health_sources import CredentialHealth, SourceHealth
    from tribometer.service.instance import Instance
    from tribometer.service.operations import Tell

PACKAGES = ("tribometer", "duckdb", "streamlit", "fastapi", "pyarrow", "pydantic", "scipy", "sqlalchemy", "uvicorn")
ORIGINS = """
SELECT service,
    count(*) FILTER (WHERE role <> 'other_origin' AND inferred_from IS NULL) AS explicit,
    count(*) FILTER (WHERE role <> 'other_origin' AND inferred_from IS NOT NULL) AS tags,
    count(*) FILTER (WHERE role = 'other_origin') AS aside
FROM production_deployments GROUP BY service ORDER BY service NULLS LAST
"""
PUT_ASIDE = "deployment events of this service have landed, and a service has one origin"


def examine(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Look at everything, ``offline`` not at what servers allow; ``ok`` is false when something is broken or away."""
    credentials = None if arguments.get("offline") else tried(instance)
    found = report(instance, tell, credentials)
    told: dict[str, Any] = _json_ready(asdict(found))
    for source, health in zip(told["sources"], found.sources, strict=True):
        source["state"] = _state(health, found.sources)
    return told


def _state(source: SourceHealth, sources: Sequence[SourceHealth]) -> str:
    """A source is no fresher than its parts."""
    parts = [each for each in sources if each.family == source.name and not each.left]
    failing = sum(bool(each.last_error) for each in parts)
    return state(source) + (f", {failing:,} of {counted(len(parts), 'part')} failing" if failing else "")


def report(instance: Instance, tell: Tell, credentials: tuple[CredentialHealth, ...] | None = None) -> HealthReport:
    """Look at everything: what the page shows and the command prints; ``credentials`` is what trying them came to."""
    drop_failures(instance)
    kept = records(instance)
    found = HealthReport(
        ok=True,
        findings=(),
        checked_at=instance.clock(),
        demo=instance.numbers.demo,
        service_running=Address.read(instance.settings.data) is not None,
        configuration=configuration(instance),
        data_folder=data_folder(instance),
        records=kept,
        sources=freshness(instance, kept),
        coverage=coverage(instance, tell),
        rejected=rejected(instance),
        unmapped_environments=environments.unmapped(instance),
        mapped_environments=environments.mapped(instance),
        tiers=tuple(instance.settings.rules.environments),
        origins=_origins(instance),
        versions=_versions(),
        suggested_people=people.count_suggestions(instance),
        shared_repositories=shared(instance),
        credentials=credentials,
    )
    told = tuple(findings(found))
    return replace(found, findings=told, ok=all(each.level not in FAILURES for each in told))


def _origins(instance: Instance) -> tuple[Origin, ...]:
    with instance.store.reader() as reader:
        found = reader.rows(ORIGINS)
    return tuple(
        Origin(name, EXPLICIT if explicit else TAGS, explicit + tags, aside, PUT_ASIDE if aside else None)
        for name, explicit, tags, aside in found
    )


def _versions() -> dict[str, str | None]:
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _json_ready(value: Any) -> Any:  # noqa: ANN401 - whatever a report holds
    if isinstance(value, dict):
        return {name: _json_ready(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json_ready(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value
