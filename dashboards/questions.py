"""Which page answers with which numbers, and by what words; nothing here draws."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

DELIVERY = {
    "deployment_frequency": "Deployment frequency",
    "change_lead_time": "Change lead time",
    "change_fail_rate": "Change fail rate",
    "failed_deployment_recovery_time": "Recovery time",
    "deployment_rework_rate": "Rework rate",
}
"""The five keys of DORA in the order of its own pages, with the words on the cards."""
CI = {
    "ci_time_to_feedback": "Time to feedback",
    "ci_queue_time": "Queue",
    "ci_execution_time": "Execution",
    "ci_success_rate": "Success rate",
    "ci_flake_rate": "Flake rate",
    "ci_rerun_waste": "Re-run waste",
    "default_branch_breakage": "Default branch broken",
    "ci_machine_minutes": "Machine time",
}
SELF_SERVICE = {
    "provisioning_wait": "Wait for a request",
    "self_service_rate": "Without a human touch",
    "platform_task_success": "Platform tasks that succeed",
    "approval_wait": "Wait for an approval",
    "joiner_access_wait": "Newcomers' wait for access",
}
ADOPTION = {
    "golden_path_adoption": "Services on the golden path",
    "voluntary_choice_rate": "Chosen by new services",
    "golden_path_retention": "Still on it after 90 days",
    "golden_path_reentry": "Came back to it",
    "shadow_deployment_rate": "Deployed around the pipeline",
    "pipeline_drift": "Pipeline drift",
}
MILESTONES = {
    "time_to_first_commit": "First commit",
    "time_to_first_change": "First merged change",
    "time_to_tenth_change": "Tenth merged change",
    "time_to_first_deploy": "First deployment",
}
ONBOARDING = {
    **MILESTONES,
    "joiner_access_wait": "Access and tools",
    "service_time_to_first_deploy": "A new service's first production deployment",
}
ON_CALL = {
    "pages_per_shift": "Pages per shift",
    "non_actionable_pages": "Nothing to do",
    "incident_load": "Incidents",
    "unplanned_work_share": "Unplanned work",
}
PAGES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "delivery": ("Delivery", DELIVERY),
    "ci": ("CI", CI),
    "self-service": ("Self-service", SELF_SERVICE),
    "adoption": ("Adoption", ADOPTION),
    "onboarding": ("Onboarding", ONBOARDING),
    "on-call": ("On-call", ON_CALL),
}
"""Path of a page -> its title, and its metrics with the words on their cards."""


def path_of(metric: str) -> str | None:
    """The path of the page with a metric's card; None where none has one."""
    return next((path for path, (_, keys) in PAGES.items() if metric in keys), None)


def address_of(metric: str, scope: Mapping[str, str]) -> str | None:
    """The path and query of the page on which a metric's number opens, for a scope; None where none shows it."""
    if metric == "friction_cost":
        return f"/friction{f'?{urlencode(scope)}' if scope else ''}"
    path = path_of(metric)
    return None if path is None else f"/{path}?{urlencode({**scope, 'open': metric})}"
