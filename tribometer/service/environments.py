"""Environments whose tier nobody has said: listed, never guessed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tribometer.service.instance import Instance
    from tribometer.settings import Rules

SEEN = """
SELECT environment, count(*) AS deployments FROM deployments
WHERE tier IS NULL AND environment IS NOT NULL GROUP BY environment ORDER BY environment NULLS LAST
"""


def unmapped(instance: Instance) -> list[dict[str, Any]]:
    """Return environments that match no pattern, with a line for ``[environments]`` that would map each."""
    rules = instance.settings.rules
    with instance.store.reader() as reader:
        found = [(name, count) for name, count in reader.rows(SEEN) if rules.tier(name) is None]
    return [{"environment": name, "deployments": count, "line": _line(name, rules)} for name, count in found]


def _line(name: str, rules: Rules) -> str:
    """Offer production: it is what the numbers are about, and the reader sees the tier to change."""
    return f"production = {json.dumps([*rules.environments['production'], name])}"
