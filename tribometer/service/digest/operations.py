"""``tribometer digest``: what would be sent, or sending it now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tribometer.service.address import Address
from tribometer.service.digest.content import content, week_of
from tribometer.service.digest.sending import Digests
from tribometer.service.digest.words import told
from tribometer.service.surveys.advancing import LOCAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tribometer.service.instance import Instance
    from tribometer.service.operations import Tell


def digest(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Make the digest of a week (``week`` like 2026-W10, by default the last whole one); send it with ``send``."""
    week = week_of(instance.clock(), arguments.get("week"))
    serving = Address.read(instance.settings.data)
    address = instance.settings.surveys.url or (serving.url if serving else LOCAL)
    if not arguments.get("send"):
        return told(content(instance, week, address))
    outcomes = Digests(instance, address).send(week)
    if not outcomes:
        tell({"hint": "Everybody has had this one."})
    instance.audit("digest.send", week.isoformat(), recipients=len(outcomes))
    return {
        "week": week.isoformat(),
        "sent": [{"recipient": each.recipient, "state": each.state, "problem": each.problem} for each in outcomes],
    }
