"""What the configuration of a CI server says of its builds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collectors.ci.deployments import Deploying
    from collectors.ci.facts import Forge


@dataclass(frozen=True)
class CIContext:
    """``repositories``: pattern of a job's name -> its repository; ``forge``: where its changes are."""

    source: str
    repositories: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    forge: Forge | None = field(default=None, kw_only=True)
    deploying: Deploying | None = field(default=None, kw_only=True)
