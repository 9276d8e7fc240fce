"""A generated organisation to look around in: every event type, two years, and effects planted for pages to find.

The same seed and the same day give the same events, byte for byte.
"""

from __future__ import annotations

from tribometer.demo.generator import VERSION, event_tables, write
from tribometer.demo.planted import PLANTED, Planted

__all__ = ["PLANTED", "VERSION", "Planted", "event_tables", "write"]
