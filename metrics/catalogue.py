"""Every metric by name. A new one is its module, its ``.sql`` and one line here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from metrics import (
    change_fail_rate,
    change_lead_time,
    deployment_frequency,
    deployment_rework_rate,
    failed_deployment_recovery_time,
    incident_load,
    lead_time_stages,
    quick_check,
    reliability,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.definition import Metric

CATALOGUE: Mapping[str, Metric] = MappingProxyType(
    {
        module.METRIC.name: module.METRIC
        for module in (
            deployment_frequency,
            change_lead_time,
            lead_time_stages,
            change_fail_rate,
            failed_deployment_recovery_time,
            deployment_rework_rate,
            quick_check,
            reliability,
            incident_load,
        )
    },
)
