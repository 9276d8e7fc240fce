"""How often something may happen, by who does it, within bounded memory."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = 60.0
MOST_KEPT = 10_000


@dataclass
class Rate:
    """So many times a minute for each key: a bucket that holds ``a_minute`` and fills up evenly.

    Of more than ``most`` keys the one seen longest ago is forgotten. ``clock`` counts seconds.
    """

    a_minute: int
    clock: Callable[[], float] = time.monotonic
    most: int = MOST_KEPT
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def wait(self, key: str) -> int:
        """Count one more; 0 where it may happen, else the whole seconds after which it may."""
        now = self.clock()
        with self._lock:
            left, at = self._left.pop(key, (float(self.a_minute), now))
            left = min(float(self.a_minute), left + (now - at) * self.a_minute / MINUTE)
            short = max(0.0, 1 - left)
            self._left[key] = (left if short else left - 1, now)
            if len(self._left) > self.most:
                self._left.popitem(last=False)
        return math.ceil(short * MINUTE / self.a_minute)


@dataclass(frozen=True)
class Limits:
    """The limits of the form: an office may share one address, and a person saves more than once."""

    requests: Rate = field(default_factory=lambda: Rate(1_200))
    """Of one address, whatever it asks for."""
    posts: Rate = field(default_factory=lambda: Rate(300))
    """Forms of one address."""
    saves: Rate = field(default_factory=lambda: Rate(20))
    """Forms of one invitation."""
