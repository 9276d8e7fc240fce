"""The reference pages in ``docs/``, made from what runs, so that they cannot say anything else.

``python -m tribometer.service.documentation docs`` writes them; a test compares them with what is made anew. What does
not say what it is, a setting or an option, cannot be put on a page: `Undocumented` names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tribometer.service.documentation import (
    commands_page,
    events_page,
    facts_page,
    friction_page,
    metrics_page,
    routes_page,
    settings_page,
    sources_page,
)
from tribometer.service.documentation.markdown import Undocumented

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def pages() -> Mapping[str, str]:
    """Make every page, by the name of its file."""
    return {
        "metrics.md": metrics_page.page(),
        "facts.md": facts_page.page(),
        "friction.md": friction_page.page(),
        "events.md": events_page.page(),
        "settings.md": settings_page.page(),
        "sources.md": sources_page.page(),
        "commands.md": commands_page.page(),
        "routes.md": routes_page.page(),
    }


def write(folder: Path) -> None:
    """Write every page to ``folder``, making it if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


__all__ = ["Undocumented", "pages", "write"]
