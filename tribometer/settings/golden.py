"""What the golden path is here, how far from it is how bad, and who may leave it until when."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Glob = Annotated[str, Field(min_length=1)]
Weight = Annotated[float, Field(ge=0, le=1)]


class GoldenPath(BaseModel):
    """What the golden path is here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    templates: tuple[Glob, ...] = ()
    """Templates of the golden path, like ``["service-*"]``; empty: every template that has releases."""
    workflows: tuple[Glob, ...] = ()
    """Pipelines that are taken by reference, like ``["acme/platform/.github/workflows/deploy.yml@*"]``, or the names of
    workflows that deploy: a deployment whose path no source tells is golden where such a one made it.
    """

    def is_template(self, name: str) -> bool:
        """Whether a template is one of the golden path."""
        return not self.templates or any(fnmatchcase(name, glob) for glob in self.templates)

    def is_workflow(self, reference: str) -> bool:
        """Whether a reference, with or without its version, is a pipeline of the golden path."""
        bare = reference.partition("@")[0]
        return any(fnmatchcase(reference, glob) or fnmatchcase(bare, glob) for glob in self.workflows)


class Drift(BaseModel):
    """How far from the golden path counts how much (G6); the four weights add up to 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: Weight = 0.35
    """Required steps that are not supplied by reference."""
    version: Weight = 0.20
    """Releases behind the newest one."""
    steps: Weight = 0.25
    """Steps that are missing or extra."""
    bypass: Weight = 0.20
    """Production deployments that the golden pipeline did not execute."""
    releases: Annotated[int, Field(ge=1)] = 6
    """So many releases behind count in full."""
    step_weights: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    """What a missing or extra step counts, like ``{"sign*" = 3}``; the first glob that fits its name, else 1."""
    ignore: tuple[Glob, ...] = ()
    """Pipeline files that are no part of delivery, like ``["*/stale.yml"]``."""

    @model_validator(mode="after")
    def _add_up(self) -> Drift:
        if abs(self.reference + self.version + self.steps + self.bypass - 1) > 1e-9:  # noqa: PLR2004 - rounding
            raise ValueError("reference, version, steps and bypass add up to 1")
        return self

    def weight(self, step: str) -> float:
        """What a missing or extra step counts."""
        name = step.casefold()
        return next((each for glob, each in self.step_weights.items() if fnmatchcase(name, glob.casefold())), 1.0)

    def ignores(self, path: str) -> bool:
        """Whether a file is left out."""
        return any(fnmatchcase(path, glob) for glob in self.ignore)


class Deviation(BaseModel):
    """One step in which a service may differ from the golden path; it counts again when the last day is over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: Annotated[str, Field(min_length=1)]
    step: Annotated[str, Field(min_length=1)]
    """As the difference names it: a required step that is missing, or an extra one."""
    owner: Annotated[str, Field(min_length=1)]
    until: date
    """The last day, UTC."""
    why: Annotated[str, Field(min_length=1)]

    @property
    def ends_at(self) -> datetime:
        """When it is over."""
        return datetime.combine(self.until + timedelta(days=1), time(), UTC)
