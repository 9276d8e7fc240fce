"""What was rejected, tried again: after an update, or once the type that was missing is known."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tribometer.errors import EventRejected
from tribometer.store.json_lines import event_from
from tribometer.store.landing import Landed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tribometer.events import Event
    from tribometer.store.event_store import EventStore

RESEND_EVENTS = 50


def resend(store: EventStore, numbers: Sequence[int] | None = None, default_type: str | None = None) -> Landed:
    """Try rejected events again (None: all); those that land are no longer kept among the rejections."""
    with store.reader() as reader:
        kept = [number for (number,) in reader.rows("SELECT number FROM rejected_events ORDER BY number")]
    wanted = kept if numbers is None else sorted(set(kept) & set(numbers))
    total = Landed()
    for start in range(0, len(wanted), RESEND_EVENTS):
        total += _resend(store, wanted[start : start + RESEND_EVENTS], default_type)
    store.refresh()
    return total


def _resend(store: EventStore, numbers: Sequence[int], default_type: str | None) -> Landed:
    good: dict[int, Event] = {}
    for kept in sorted(store.rejected(numbers=numbers), key=lambda each: each.number):
        with suppress(EventRejected):
            good[kept.number] = event_from(kept.content.encode(), default_type)
    landed = store.land(list(good.values()))
    store.forget_rejected(list(good))
    return landed + Landed(rejected=len(numbers) - len(good))
