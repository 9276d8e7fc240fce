"""Why a value is missing or weak, in words; apart from the pages, for what draws none tells it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.unread import NOT_OBSERVABLE, awaited, not_read_yet
from metrics import CATALOGUE
from metrics.wording import status_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboards.unread import Unread
    from metrics.result import MetricResult


def status_words(result: MetricResult, unread: Iterable[Unread]) -> str:
    """Word the status, first of all that a source has to be read; empty where there is nothing to say."""
    waited = not_read_yet(awaited(CATALOGUE[result.metric]), unread) if result.status == NOT_OBSERVABLE else None
    return waited or status_text(result)
