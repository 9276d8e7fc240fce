"""Of what a report is: a calendar month that is over, and the organisation, one team or one service."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tribometer.service.instance import Instance

YEAR = 12
SHAPE = "%Y-%m"
FIRST = date(1973, 1, 1)
"""Two years before a report's month are asked for too, and no number is older than 1970."""


class NoReport(UsageError):
    """There is no report of this month, or of this team or service."""


@dataclass(frozen=True)
class Month:
    """A calendar month in UTC, by its first day."""

    first: date

    @property
    def name(self) -> str:
        """As it stands in an address: 2026-10."""
        return self.first.isoformat()[:7]

    @property
    def words(self) -> str:
        """As a reader says it: October 2026."""
        return f"{self.first:%B %Y}"

    @property
    def start(self) -> datetime:
        """Its first moment, aware UTC."""
        return datetime(self.first.year, self.first.month, 1, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment behind it, aware UTC."""
        return self.moved(1).start

    def moved(self, months: int) -> Month:
        """The month so many later, or earlier."""
        years, month = divmod(self.first.month - 1 + months, YEAR)
        return Month(date(self.first.year + years, month + 1, 1))


def last_whole(now: datetime) -> Month:
    """The last month that is over."""
    today = now.astimezone(UTC).date()
    return Month(today.replace(day=1)).moved(-1)


def month_of(now: datetime, text: str | None = None) -> Month:
    """The last month that is over, or the one named like 2026-10; `NoReport` for any that has no report."""
    last = last_whole(now)
    if text is None:
        return last
    try:
        first = datetime.strptime(text, SHAPE).replace(tzinfo=UTC).date()
    except ValueError:
        first = None
    if first is None or Month(first).name != text:
        raise NoReport(f"{text!r} is no month; write one like {last.name}.")
    if first > last.first:
        raise NoReport(f"{text}: that month is not over. The last one that is: {last.name}.")
    if first < FIRST:
        raise NoReport(f"{text}: the first month that has a report is {Month(FIRST).name}.")
    return Month(first)


def scope_of(instance: Instance, service: str | None, team: str | None) -> dict[str, str]:
    """The scope as a result tells it; `UsageError` for two, `NoReport` for a name that no event has."""
    if service is not None and team is not None:
        raise UsageError("Give a service or a team, not both.")
    if service is not None:
        return {"service": _known("service", service, instance.numbers.services())}
    if team is not None:
        return {"team": _known("team", team, instance.numbers.teams())}
    return {}


def _known(kind: str, name: str, known: Sequence[str]) -> str:
    if name in known:
        return name
    close = difflib.get_close_matches(name, known, n=3)
    hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise NoReport(f"No event names a {kind} {name!r}.{hint}")
