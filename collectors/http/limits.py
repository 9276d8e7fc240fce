"""How servers say that they are asked too often, and how much they still allow.

GitHub: 403 or 429 with ``retry-after``, or ``x-ratelimit-remaining: 0`` and ``x-ratelimit-reset`` in epoch seconds; its
secondary limits may name neither, then a minute is the least. GitLab, Buildkite, PagerDuty and others:
``ratelimit-*`` with the reset as epoch seconds or as seconds from now. RFC 9110: ``retry-after`` as seconds or a date.
Times are the server's; what comes of them is by our clock, for the ``date`` of an answer tells how far they are apart.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from collectors.base import Quota
from collectors.http.exchange import Limited

if TYPE_CHECKING:
    from collections.abc import Mapping

FORBIDDEN, TOO_MANY, UNAVAILABLE = 403, 429, 503
NO_HINT_SECONDS = 60.0
"""GitHub's documentation: without a hint wait at least one minute, and longer each time that does not help."""
EPOCH_BEGINS = 1_000_000_000
"""A larger number is a time, a smaller one is seconds from now."""
LONGEST_SECONDS = 366 * 86_400
SAME_TIME = timedelta(minutes=1)
"""Clocks nearer than this are taken for the same: the rest is the way of the answer."""
TALKS_OF_LIMITS = re.compile(r"rate limit|abuse detection|too many requests|secondary limit", re.IGNORECASE)


def limited(status: int, headers: Mapping[str, str], words: str, now: datetime) -> Limited | None:
    """Tell whether an answer is a limit rather than a refusal, and for how many seconds; None: it is none.

    A limit without a word about its end has None seconds.
    """
    wait = retry_after(headers, now)
    if status in {TOO_MANY, FORBIDDEN}:
        quota = quota_of(headers, now)
        if quota and quota.left == 0 and (quota.resets_at or wait is not None):
            reset = _seconds(quota.resets_at, now) if quota.resets_at else None
            return Limited("the quota of requests is spent", reset if wait is None else wait, spent=True)
        if status == TOO_MANY or wait is not None or TALKS_OF_LIMITS.search(words):
            return Limited("asks for fewer requests", wait)
    elif status == UNAVAILABLE and wait is not None:
        return Limited("is not available for a while", wait)
    return None


def quota_of(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """Read what is left of the quota; None where the server does not tell."""
    for prefix in ("x-ratelimit-", "ratelimit-"):
        left = _whole(headers.get(f"{prefix}remaining"))
        if left is not None:
            resets = _moment(headers.get(f"{prefix}reset", ""), headers, now)
            return Quota(left, _whole(headers.get(f"{prefix}limit")), resets)
    return None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the server asks to wait, never negative; None where it does not say or says nonsense."""
    at = _moment(headers.get("retry-after", "").strip(), headers, now)
    return None if at is None else _seconds(at, now)


def _moment(text: str, headers: Mapping[str, str], now: datetime) -> datetime | None:
    """A time as a date, as epoch seconds or as seconds from now, by our clock."""
    number = _number(text)
    try:
        if number is not None and number < EPOCH_BEGINS:
            return now + timedelta(seconds=min(number, LONGEST_SECONDS))
        at = _date(text) if number is None else datetime.fromtimestamp(number, UTC)
        return at and at + _behind(headers, now)
    except (OverflowError, OSError, ValueError):
        return None


def _behind(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How far the server's clock is behind ours."""
    date = _date(headers.get("date", ""))
    behind = now - date if date else timedelta(0)
    return behind if abs(behind) > SAME_TIME else timedelta(0)


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _seconds(at: datetime, now: datetime) -> float:
    return min(max((at - now).total_seconds(), 0.0), float(LONGEST_SECONDS))


def _whole(text: str | None) -> int | None:
    number = _number((text or "").partition(",")[0].partition(";")[0].strip())
    return None if number is None else int(number)


def _number(text: str) -> float | None:
    """Read digits; anything else, infinity included, is nothing a server can mean."""
    return float(text) if re.fullmatch(r"\d{1,12}(\.\d{1,9})?", text) else None
