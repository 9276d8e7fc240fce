"""Environments whose tier nobody has said: listed, never guessed; and those that were given one beside the settings."""

from __future__ import annotations

import json
from glob import escape
from typing import TYPE_CHECKING, Any

from dashboards.health import MappedEnvironment, UnmappedEnvironment
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tribometer.service.instance import Instance
    from tribometer.settings import Rules

PRODUCTION = "production"
SEEN = """
SELECT environment, count(*) AS deployments, count(DISTINCT service) AS services FROM deployments
WHERE tier IS NULL AND environment IS NOT NULL GROUP BY environment
ORDER BY deployments DESC, environment NULLS LAST
"""


def unmapped(instance: Instance) -> tuple[UnmappedEnvironment, ...]:
    """Return environments that nothing maps, most deployments first, with the line that would map each."""
    rules = instance.settings.rules
    given = {name.casefold() for name in instance.store.environment_tiers()}
    with instance.store.reader() as reader:
        seen = reader.rows(SEEN)
    return tuple(
        # production is offered: it is what the numbers are about, and the reader sees the tier to change
        UnmappedEnvironment(name, deployments, services, line(name, PRODUCTION, rules))
        for name, deployments, services in seen
        if rules.tier(name) is None and name.casefold() not in given
    )


def mapped(instance: Instance) -> tuple[MappedEnvironment, ...]:
    """Return environments that were mapped here, by name."""
    rules, given = instance.settings.rules, instance.store.environment_tiers()
    return tuple(
        MappedEnvironment(name, tier, rules.tier(name), line(name, tier, rules)) for name, tier in sorted(given.items())
    )


def line(name: str, tier: str, rules: Rules) -> str:
    """Word the line for ``[environments]`` that says of an environment what a click says."""
    return f"{tier} = {json.dumps([*rules.environments.get(tier, ()), escape(name)])}"


def map_environment(
    instance: Instance, arguments: Mapping[str, Any], _tell: Callable[..., None]
) -> dict[str, str | None]:
    """Give ``environment`` the ``tier``, None: take away what was given here; what it deployed counts at once.

    Raises `UsageError` for a tier that the settings do not know, or one that a pattern of theirs has decided.
    """
    environment, tier = arguments["environment"], arguments["tier"]
    rules = instance.settings.rules
    if tier is not None and tier not in rules.environments:
        raise UsageError(f"{tier!r} is no tier. There are: {', '.join(rules.environments)}.")
    if tier is not None and (decided := rules.tier(environment)):
        raise UsageError(f"The settings say that {environment!r} is {decided}: change [environments] there.")
    instance.store.map_environment(environment, tier)
    instance.changed()
    instance.audit("environment.map", environment, tier=tier)
    return {"environment": environment, "tier": tier}
