"""Which deployments and incidents a metric looks at, and the rules that keep others out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plain_deployments import Deployment
from plain_events import Event, Options, Scope
from plain_failures import incident_start
from plain_history import History
from plain_lead_time import is_bot_deployment

UNCOUNTED = {
    "failed_attempt": "E6",
    "redeploy": "E7",
    "config": "E7",
    "rollback": "E8",
    "elsewhere": "E12",
    "flag": "E13",
}


def deployment_rule(past: History, deployment: Deployment, options: Options, allowed: Sequence[str]) -> str | None:
    """Give the rule that keeps a deployment out of a population, or None."""
    if deployment.role not in allowed:
        return UNCOUNTED.get(deployment.role)
    bot = options.bots == "exclude" and is_bot_deployment(past, deployment)
    return "E14" if bot else None


def in_scope(past: History, scope: Scope) -> list[Deployment]:
    """List a service's finished production deployments that ended within the scope."""
    return [d for d in past.deployments if scope.holds(past.service, d.finished)]


def coverage(covered: int, total: int, floor: float | None, of: str) -> dict[str, Any]:
    """Give the coverage object, with the counts behind its share."""
    share = covered / total if total else None
    return {"share": share, "floor": floor, "of": of, "covered": covered, "total": total}


def service_incidents(past: History, scope: Scope) -> list[Event]:
    """List a service's incidents that began within the scope."""
    mine = [each for each in past.world.of("incident") if each.get("service") == past.service]
    return [each for each in mine if scope.holds(past.service, incident_start(each))]
