"""What the page Friction asks of this service: boards, the rows behind them, and what the settings assume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tribometer.service.friction import board_of

if TYPE_CHECKING:
    from metrics import Query
    from metrics.friction.board import Board
    from metrics.friction.measuring import Measured
    from tribometer.service.instance import Instance
    from tribometer.settings import Friction


class FrictionPages:
    """The friction of an instance, for `dashboards.friction_data.attend`."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    @property
    def settings(self) -> Friction:
        """What the settings say that waiting costs."""
        return self._instance.settings.friction

    def measured(self, query: Query) -> Measured:
        """What was lost; kept until something lands."""
        return self._instance.numbers.friction(query)

    def board(self, query: Query, found: Measured) -> Board:
        """Ranked, beside what people say."""
        return board_of(self._instance, query, found)

    def rows(self, query: Query, kind: str, newest: int) -> list[dict[str, Any]]:
        """The newest business days of a kind's waits."""
        return self._instance.numbers.friction_rows(query, kind, newest)
