"""Sources that were not read to the end of the month, or stand still since: what is missing from a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tribometer.service.digest.content import OLD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dashboards.data import SourceState
    from tribometer.service.instance import Instance
    from tribometer.service.report.months import Month


def stale(instance: Instance, month: Month) -> Iterator[str]:
    """A sentence for each collected source of which something may be missing; its parts go with it."""
    sources = instance.numbers.sources()
    names = {source.name for source in sources}
    for source in sources:
        if source.collected and not source.left and source.family not in names:
            yield from _missing(source, instance, month)


def _missing(source: SourceState, instance: Instance, month: Month) -> Iterator[str]:
    at = source.last_success_at
    if at is None:
        yield f"{source.name} was never read to its end."
    elif at < month.end:
        yield f"{source.name} was last read on {at:%d %b %Y}: what came later in the month is missing."
    elif instance.clock() - at > OLD:
        yield f"{source.name} was last read on {at:%d %b %Y}: what was corrected since is missing."
