"""A lock that goes to those who wait for it in the order in which they came."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType


class Turns:
    """The store's writer goes by it: a collection that lands page after page keeps no answer of a form waiting.

    A lock of `threading` goes to whoever asks first, which is mostly the thread that has just let go of it.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_held = False
        self._waiting: deque[Lock] = deque()

    def acquire(self, timeout: float | None = None) -> bool:
        """Hold it; False where others held it for so many seconds. None waits for as long as it takes."""
        with self._guard:
            if not self._is_held:
                self._is_held = True
                return True
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        came = False
        try:
            came = turn.acquire(timeout=-1 if timeout is None else timeout)
        finally:
            # a Ctrl-C may come meanwhile too
            if not came:
                self._give_up(turn)
        return came

    def release(self) -> None:
        """Let the next one have it."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _give_up(self, turn: Lock) -> None:
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return
        # it came just then
        self.release()
