"""Sources that the configuration does not name any more: what failed of them concerns nobody."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from tribometer.errors import ConfigurationError
from tribometer.service.configured import every_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboards.data import SourceState
    from tribometer.service.configured import Source
    from tribometer.service.instance import Instance

LOG = logging.getLogger(__name__)


def drop_failures(instance: Instance) -> None:
    """Forget their errors, and wholly those that never told anything: a name that was once mistyped.

    Where a table is wrong nobody knows its source's name, so nothing is forgotten. A demo has no sources.
    """
    if instance.numbers.demo:
        return
    tables, known = every_table(instance), instance.numbers.sources()
    found = [each.name for each in known if is_unconfigured(each, tables) and each.last_error]
    if found:
        instance.store.sources.expect_no_more(found)
        LOG.info("no longer configured, what failed of them is forgotten: %s", ", ".join(found))


def is_unconfigured(state: SourceState, tables: Sequence[Source]) -> bool:
    """Whether it was collected once and neither it nor its family is configured; what was sent never was."""
    if any(isinstance(each.problem, ConfigurationError) for each in tables):
        return False
    names = {each.name for each in tables}
    return state.collected and not state.collecting and names.isdisjoint({state.name, state.family})
