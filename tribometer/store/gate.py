"""A gate that readers go through freely, until somebody needs the store for himself."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Condition
from time import monotonic
from typing import TYPE_CHECKING

from tribometer.errors import StoreClosed, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENDING_PATIENCE, URGING = 5.0, 0.05
"""Seconds that readers get when the store is closed, and between one call to leave and the next."""
PATIENCE = 60.0
"""Seconds that readers at work get to come to their end."""


class Gate:
    """Counts who is inside. While it is shut new readers wait, and those inside come to their end."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside = 0
        self._shut = False
        self._ended = False

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Wait while the gate is shut, then be counted; raises `StoreClosed` where it will never open again."""
        with self._changed:
            self._changed.wait_for(lambda: not self._shut)
            if self._ended:
                raise StoreClosed
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def shut(self, what: str, patience: float = PATIENCE) -> Iterator[None]:
        """Let nobody in and wait until everybody is out; raises `StoreError`, open again, when that takes too long."""
        with self._changed:
            self._shut = True
            if not self._changed.wait_for(lambda: self._inside == 0, patience):
                self._open()
                raise StoreError(f"{what}: a query is still running after {patience:.0f} s. Try again when it is done.")
        try:
            yield
        finally:
            with self._changed:
                self._open()

    def end(self, urge: Callable[[], object], patience: float = ENDING_PATIENCE) -> None:
        """Let nobody in ever again, and ``urge`` those inside to leave, until they have or the patience is over."""
        with self._changed:
            self._ended = True
            over = monotonic() + patience
            while self._inside and monotonic() < over:
                urge()
                self._changed.wait(URGING)

    def _open(self) -> None:
        self._shut = False
        self._changed.notify_all()
