"""The Markdown the pages are made of, and the refusal of what does not say what it is."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOTE = "<!-- Made by `just docs` from the program. Change it there: a test compares the two. -->"


class Undocumented(ValueError):
    """Something has no words of its own; the message names it and what is missing."""


def said(text: str | None, of: str, missing: str = "a docstring") -> str:
    """Return what a thing says of itself as Markdown; `Undocumented` where that is nothing."""
    if text is None or not text.strip():
        raise Undocumented(f"{of} has no words for the documentation: give it {missing}.")
    return plain(text)


def plain(docstring: str) -> str:
    """Turn a docstring into Markdown: one line a paragraph, code in single backticks."""
    text = re.sub(r"``(.+?)``", r"`\1`", inspect.cleandoc(docstring))
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text))


def document(title: str, intro: str, sections: Iterable[tuple[str, str]], contents: str | None = None) -> str:
    """Lay out a page: title, introduction, contents, and a section for each (title, body)."""
    told = list(sections)
    listed = contents or bullets(link(each, each) for each, _ in told)
    parts = [NOTE, f"# {title}", intro, listed, *(f"## {each}\n\n{body}" for each, body in told)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def link(text: str, heading: str, page: str = "") -> str:
    """Link to a heading, of another page where that is named."""
    return f"[{text}]({page}#{anchor(heading)})"


def anchor(heading: str) -> str:
    """Name the place of a heading as GitHub and GitLab do."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a table; empty text without rows."""
    lines = [_row(row) for row in rows]
    return "\n".join([_row(head), _row(["---"] * len(head)), *lines]) if lines else ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"


def bullets(items: Iterable[str]) -> str:
    """List items."""
    return "\n".join(f"- {item}" for item in items)


def fenced(text: str, language: str = "") -> str:
    """Set text apart as code."""
    return f"```{language}\n{text.strip()}\n```"


def blocks(*parts: str) -> str:
    """Put the parts that say anything one below the other."""
    return "\n\n".join(part for part in parts if part)
