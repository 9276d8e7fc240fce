"""Settings of the weekly digest: who gets it, when, and what it looks at."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Address = Annotated[str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+$")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")
LOOKED_AT = (
    "deployment_frequency",
    "change_lead_time",
    "change_fail_rate",
    "failed_deployment_recovery_time",
    "deployment_rework_rate",
    "ci_time_to_feedback",
    "review_response_time",
    "default_branch_breakage",
    "friction_cost",
)


class Digest(BaseModel):
    """The weekly digest: what moved beyond noise, the top three frictions, what is stale; never a person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: tuple[Address, ...] = ()
    """Addresses that get it by e-mail, through the server of ``[surveys.mail]``; none: nobody."""
    slack: bool = False
    """Whether it is posted to the channel of ``[surveys.slack] webhook`` too."""
    weekday: Weekday = "monday"
    """The day on which it is sent, about the week before."""
    hour: Annotated[int, Field(ge=0, le=23)] = 8
    """From which hour on, by ``timezone``."""
    metrics: tuple[str, ...] = LOOKED_AT
    """Which metrics are looked at, for the whole organisation and for every team."""
