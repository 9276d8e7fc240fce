"""How long one question is asked again: some tries for what fails, some time for what is limited."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tenacity import RetryCallState, wait_random_exponential

from collectors.http.exchange import Again, Limited

if TYPE_CHECKING:
    from collectors.http.credentials import Pool
    from collectors.http.server import Server

BACKOFF = wait_random_exponential(multiplier=1, max=60)


class Patience:
    """That of one question; tenacity asks `wait` first, then `is_over`."""

    def __init__(self, pool: Pool, server: Server, tries: int | None) -> None:
        self._pool = pool
        self._patience = server.patience
        self._tries = server.tries if tries is None else tries
        self._failures = 0
        self._waited = 0.0

    def wait(self, state: RetryCallState) -> float:
        """Seconds until the next try."""
        again = _problem(state)
        if isinstance(again, Limited):
            return self._pool.seconds_to_wait()
        return float(again.wait if again.wait is not None else BACKOFF(state))

    def is_over(self, state: RetryCallState) -> bool:
        """Count what this answer cost."""
        again = _problem(state)
        if isinstance(again, Limited):
            self._waited += state.upcoming_sleep
            return self._waited > self._patience
        self._failures += 1
        return self._failures >= self._tries


def _problem(state: RetryCallState) -> Again:
    # no other is retried
    return cast("Again", state.outcome and state.outcome.exception())
