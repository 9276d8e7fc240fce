"""Text in files that people open in a spreadsheet."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection)."""


def plain(cell: str) -> str:
    """The cell as text: an apostrophe before what a spreadsheet would compute."""
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell
