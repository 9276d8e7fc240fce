"""What the settings say about the meaning of the numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from tribometer.settings.friction import Friction
from tribometer.settings.golden import Deviation, Drift, GoldenPath
from tribometer.settings.machines import Machines

if TYPE_CHECKING:
    from collections.abc import Mapping

ENVIRONMENTS: Mapping[str, tuple[str, ...]] = {
    "production": ("production", "prod", "live", "live-*"),
    "staging": ("staging", "stage", "preprod", "pre-prod", "preproduction", "uat"),
    "test": ("test", "testing", "qa", "non-prod", "nonprod", "integration"),
    "development": ("development", "dev", "preview", "preview-*", "review/*", "sandbox"),
}
"""Tier of an environment by name; what matches nothing is listed as unmapped, never guessed."""
BOTS = ("*[bot]", "project_*_bot*", "group_*_bot*")
"""Apps of GitHub, access tokens of GitLab's projects and groups."""
GENERATED = (
    "*.lock",
    "*-lock.json",
    "*-lock.yaml",
    "go.sum",
    "*.min.js",
    "*.min.css",
    "*.map",
    "*.snap",
    "*.pb.go",
    "*_pb2.py",
    "*.generated.*",
    "vendor/",
    "third_party/",
    "node_modules/",
    "dist/",
)
"""Files that nobody writes or reads by hand."""

HOTFIX = ("^hotfix", "label:hotfix")


@dataclass(frozen=True)
class Rules:
    """The part of the settings that decides what the numbers mean.

    ``environments``: tier -> glob patterns over the environment's name, in lower case, first match wins.
    ``hotfix``: regular expressions over a change's branch and title, or ``label:NAME`` (E9).
    ``failure_window``: how long after a deployment a failure still counts as its own (D3).
    ``timezone``: business clock of services whose team names none.
    ``bots``: globs over handles, ``*`` and ``?`` only; whose handle fits is a bot where its event does not say (E14).
    ``generated``: globs over a file's name or path, ``*`` and ``?`` only, or a folder like ``vendor/``: none of a
    change's size (P4).
    ``ci``: what a minute of a runner costs (C9).
    ``golden_path``, ``drift``, ``deviations``: the paved road, what leaving it counts, and who may until when (G6).
    ``friction``: what a wait of which kind costs (section 6).
    ``mapped``: environment's name in lower case -> the tier an operator gave it; asked where no pattern fits.
    """

    environments: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(ENVIRONMENTS))
    hotfix: tuple[str, ...] = HOTFIX
    failure_window: timedelta = timedelta(days=7)
    timezone: str = "UTC"
    bots: tuple[str, ...] = BOTS
    generated: tuple[str, ...] = GENERATED
    ci: Machines = field(default_factory=Machines)
    golden_path: GoldenPath = field(default_factory=GoldenPath)
    drift: Drift = field(default_factory=Drift)
    deviations: tuple[Deviation, ...] = ()
    friction: Friction = field(default_factory=Friction)
    mapped: Mapping[str, str] = field(default_factory=dict)

    def tier(self, environment: str) -> str | None:
        """Return the first tier with a pattern that fits the environment's name, else the one given to it; or None."""
        name = environment.casefold()
        tiers = self.environments.items()
        fitting = (tier for tier, globs in tiers if any(fnmatchcase(name, glob.casefold()) for glob in globs))
        return next(fitting, None) or self.mapped.get(name)
