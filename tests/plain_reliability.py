"""Objectives kept and incidents borne (R1, R2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from plain_clock import seconds
from plain_events import Event, Options, Scope, observed_spans
from plain_failures import incident_end, incident_start
from plain_history import NO_SERVICE, History
from plain_lead_time import needed
from plain_population import service_incidents
from plain_result import Result, Row, count_rules, share_result
from plain_statistics import percentile

WEEK = 7 * 86400.0


def reliability(past: History, scope: Scope, options: Options) -> Result:
    """R1: share of the SLO windows ending in the scope that met their objective."""
    del options
    mine = [each for each in past.world.of("slo") if each["service"] == past.service]
    if not mine:
        # with no service to ask about, objectives are known and there is nothing to say of them
        nobody = past.service == NO_SERVICE and past.world.of("slo")
        return Result("no_data" if nobody else "not_observable", 0)
    rows, allowed, bad = [], 0.0, 0.0
    for slo in mine:
        # A window that ends at midnight belongs to the day before it.
        if not scope.holds(past.service, needed(slo, "to") - timedelta(microseconds=1)):
            continue
        total, good = slo["total"], slo["good"]
        met = float(good >= slo["objective"] * total) if total else None
        rows.append(Row("slo_window", str(slo["id"]), bool(total), met, None if total else "empty"))
        allowed += (1 - slo["objective"]) * total
        bad += total - good
    left = 1 - bad / allowed if allowed else None
    extra = {"error_budget_remaining": left}
    return share_result(rows, exclusions=count_rules(rows), extra=extra, pieces=[allowed, bad])


def incident_load(past: History, scope: Scope, options: Options) -> Result:
    """R2: incidents of any cause per service-week, and the time to mitigate them."""
    del options
    if not past.world.of("incident"):
        return Result("not_observable", 0)
    incidents = service_incidents(past, scope)
    weeks = sum(map(seconds, observed_spans(scope, past.service))) / WEEK
    waits = [
        max(0.0, (end - start).total_seconds())
        for each in incidents
        if (end := incident_end(each)) and (start := incident_start(each))
    ]
    rows = [Row("incident", str(each["id"]), counted=True, value=1.0) for each in incidents]
    return Result(
        status="ok" if weeks > 0 else "no_data",
        n=len(incidents),
        value=len(incidents) / weeks if weeks > 0 else None,
        statistic="rate",
        parts=incident_parts(incidents, weeks),
        extra={"time_to_mitigate": spread(waits)} if weeks > 0 else {},
        rows=rows,
        sample=waits,
        pieces=incidents,
    )


def spread(waits: Sequence[float]) -> dict[str, float | None]:
    """Give the percentiles and the number of some times to mitigate."""
    return {"p50": percentile(waits, 0.5), "p90": percentile(waits, 0.9), "n": len(waits)}


def incident_parts(incidents: Sequence[Event], weeks: float) -> list[dict[str, Any]]:
    """Give the weekly load by severity and by cause, each a breakdown of its own."""
    parts = []
    for prefix, field in (("severity", "severity"), ("change_caused", "change_caused")):
        classes = [str(each.get(field) or "unknown") for each in incidents]
        parts += [
            {
                "class": f"{prefix}:{name}",
                "value": classes.count(name) / weeks if weeks > 0 else None,
                "share": classes.count(name) / len(classes),
                "n": classes.count(name),
            }
            for name in sorted(set(classes))
        ]
    return parts
