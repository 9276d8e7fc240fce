"""What the page Friction asks of this service: boards, the rows behind them, and what the settings assume."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from metrics.friction.measuring import part
from metrics.tables import parents
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
        """What was lost; kept until something lands. A scope's part is cut from everything's."""
        numbers = self._instance.numbers
        with self._instance.store.reader() as reader:
            above = parents(reader)
        if query.team in above or (query.service is not None and query.service in numbers.services()):
            return part(numbers.friction(replace(query, team=None, service=None)), query, above)
        return numbers.friction(query)

    def board(self, query: Query, found: Measured) -> Board:
        """Ranked, beside what people say."""
        return board_of(self._instance, query, found)

    def rows(self, query: Query, kind: str, newest: int) -> list[dict[str, Any]]:
        """The newest business days of a kind's waits."""
        return self._instance.numbers.friction_rows(query, kind, newest)
