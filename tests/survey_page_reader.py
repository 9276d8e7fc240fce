"""What a page asks beside what it is about, for pages that AppTest runs as scripts of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


class _Reader:
    """A reader of real data on a day of June."""

    demo = False

    def now(self) -> datetime:
        return datetime(2026, 6, 8, 12, tzinfo=UTC)

    def services(self) -> list[str]:
        return ["s1"]

    def teams(self) -> list[str]:
        return ["checkout"]

    def behind(self) -> int:
        """None."""
        return 0

    def sources(self) -> list[Any]:
        return []


READER: Any = _Reader()
