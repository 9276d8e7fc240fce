"""What a wait costs: whom it holds up, how much of their attention, and what an hour is worth."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from collections.abc import Mapping

FrictionKind = Literal[
    "ci_queue",
    "ci_execution",
    "flaky_reruns",
    "red_default_branch",
    "review_wait",
    "approval_wait",
    "release_wait",
    "failed_deployments",
    "rework",
    "onboarding_access",
    "provisioning",
    "out_of_hours_pages",
]
"""Kinds of friction that can be measured in hours."""
KINDS: tuple[FrictionKind, ...] = get_args(FrictionKind)


class Factors(BaseModel):
    """How a wait of one kind becomes hours that people lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: Annotated[float, Field(gt=0, le=100)] = 1.0
    """How many people one wait holds up; of a red default branch, for each of those who work on it."""
    attention: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How much of their time it takes: 1 where they can do nothing else, 0.5 in the background, 0 if nobody waits."""
    beyond_minutes: Annotated[float, Field(ge=0, le=480)] = 0.0
    """So much of every wait costs nothing."""
    at_most_days: Annotated[int, Field(ge=1, le=40)] = 5
    """What waits for more business days than that is not waited for any more: only so many of them count."""
    minutes: Annotated[float, Field(gt=0, le=480)] | None = None
    """Of what has no span that could be measured: what one costs whoever it hits."""


class Change(BaseModel):
    """Factors that the settings change; what is left out keeps its default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    people: Annotated[float, Field(gt=0, le=100)] | None = None
    """How many people one wait holds up; of a red default branch, for each of those who work on it."""
    attention: Annotated[float, Field(ge=0, le=1)] | None = None
    """How much of their time it takes: 1 where they can do nothing else, 0.5 in the background, 0 if nobody waits."""
    beyond_minutes: Annotated[float, Field(ge=0, le=480)] | None = None
    """So much of every wait costs nothing."""
    at_most_days: Annotated[int, Field(ge=1, le=40)] | None = None
    """What waits for more business days than that is not waited for any more: only so many of them count."""
    minutes: Annotated[float, Field(gt=0, le=480)] | None = None
    """What one page out of hours costs whoever it hits."""


DEFAULTS: Mapping[FrictionKind, Factors] = MappingProxyType(
    {
        "ci_queue": Factors(),
        "ci_execution": Factors(beyond_minutes=10),
        "flaky_reruns": Factors(at_most_days=1),
        "red_default_branch": Factors(attention=1, at_most_days=2),
        "review_wait": Factors(),
        "approval_wait": Factors(),
        "release_wait": Factors(attention=0),
        "failed_deployments": Factors(people=2, attention=1, at_most_days=2),
        "rework": Factors(attention=1, at_most_days=2),
        "onboarding_access": Factors(at_most_days=10),
        "provisioning": Factors(at_most_days=10),
        "out_of_hours_pages": Factors(attention=1, at_most_days=1, minutes=60),
    }
)
"""Kind -> what one wait of it costs unless the settings say otherwise."""
WORKING_HOURS_A_YEAR = 1_600


class Friction(BaseModel):
    """What waiting costs here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: dict[FrictionKind, Change] = Field(default_factory=dict)
    """What a wait costs by kind, like ``[friction.kinds.review_wait] attention = 0.3``; what is left out keeps its
    default.
    """
    loaded_rate: Annotated[float, Field(gt=0)] | None = None
    """What an hour of a developer costs with everything around it; without it no money is told."""
    currency: Annotated[str, Field(min_length=1, max_length=8)] = "EUR"
    """What ``loaded_rate`` and ``engineer_a_year`` are in."""
    effort_days: dict[FrictionKind, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    """Days of work that it would take to reduce a kind, by estimate of those who would do it; orders the roadmap."""
    reducible: dict[FrictionKind, Annotated[float, Field(gt=0, le=1)]] = Field(default_factory=dict)
    """Which share of a kind's hours that work would return, like ``{review_wait = 0.3}``; without it half."""
    team_size: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]] = (3, 6)
    """Engineers of a platform team, from and to: what it is compared with."""
    returned: tuple[Annotated[float, Field(gt=0, le=1)], Annotated[float, Field(gt=0, le=1)]] = (0.2, 0.5)
    """Which share of the hours lost a platform team returns, from and to: an assumption, told as such."""

    @model_validator(mode="after")
    def _rise(self) -> Friction:
        for name, (least, most) in (("team_size", self.team_size), ("returned", self.returned)):
            if least > most:
                raise ValueError(f"{name} says the smaller number first, like [{most:g}, {least:g}]")
        return self

    def factors(self, kind: FrictionKind) -> Factors:
        """What a wait of a kind costs here."""
        changed = self.kinds.get(kind, Change()).model_dump(exclude_none=True)
        return DEFAULTS[kind].model_copy(update=changed)
