"""Where a number of a report opens, and the call that gives it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from dashboards.questions import path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metrics.result import MetricResult, Window
    from tribometer.service.report.months import Month

API = "GET /api/v1"
PERIOD = "Custom"


@dataclass(frozen=True)
class Links:
    """Addresses within the service at ``base``, which has no slash at its end, and is empty on a page of its own."""

    base: str
    scope: Mapping[str, str]

    def opens(self, result: MetricResult, *, part: bool = False) -> str:
        """The page of a number, over the same scope and window; ``part``: it stands there without being opened."""
        first, last = result.window.from_, result.window.to - timedelta(days=1)
        asked = [
            *([] if part else [("open", result.metric)]),
            *result.scope.items(),
            ("period", PERIOD),
            ("days", f"{first:%Y-%m-%d}"),
            ("days", f"{last:%Y-%m-%d}"),
        ]
        return f"{self.base}/{path_of(result.metric) or 'delivery'}?{urlencode(asked)}"

    def friction(self) -> str:
        """The board of the same scope."""
        return f"{self.base}/friction{f'?{urlencode(self.scope)}' if self.scope else ''}"

    def intervention(self, name: str) -> str:
        """The page of an intervention."""
        return f"{self.base}/did-it-help?{urlencode({'intervention': name})}"

    def report(self, month: Month, ending: str = "") -> str:
        """The report of another month, or in another form."""
        return f"{self.base}/report/{month.name}{ending}{f'?{urlencode(self.scope)}' if self.scope else ''}"

    def newest(self) -> str:
        """The report of the last whole month, of everything."""
        return f"{self.base}/report"

    def start(self) -> str:
        """The start page."""
        return f"{self.base}/"


def call(result: MetricResult) -> str:
    """The request that answers with a result."""
    return f"{API}/metrics/{result.metric}?{_asked(result.scope, result.window)}"


def friction_call(scope: Mapping[str, str], month: Month) -> str:
    """The request that answers with the board."""
    days = {"from": f"{month.start:%Y-%m-%d}", "to": f"{month.end:%Y-%m-%d}"}
    return f"{API}/friction?{urlencode({**scope, **days})}"


def verdict_call(name: str) -> str:
    """The request that answers with the verdicts of an intervention."""
    return f"{API}/interventions/{quote(name, safe='')}/verdict"


def _asked(scope: Mapping[str, str], window: Window) -> str:
    return urlencode({**scope, "from": f"{window.from_:%Y-%m-%d}", "to": f"{window.to:%Y-%m-%d}"})
