"""What an answer that is no success means, in words that say what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from collectors.http.exchange import NOT_MODIFIED, Answer
from tribometer.errors import SourceError, SourceForbidden, SourceGone, SourceMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from collectors.http.server import Credential

MOST_WORDS = 200
WORDS = ("message", "error_description", "error", "errors", "detail", "title")
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS})


def words_of(answer: Answer, redacted: Callable[[str], str]) -> str:
    """What the server says about a refusal, ``redacted``, then shortened to one line; empty for a success."""
    if answer.status < HTTPStatus.BAD_REQUEST:
        return ""
    said = answer.body
    if isinstance(said, dict):
        said = next((said[key] for key in WORDS if said.get(key)), "")
    text = " ".join(redacted(str(said or "")).split())
    return "" if text.startswith("<") else text[:MOST_WORDS]


def refusal(answer: Answer, source: str, credential: Credential | None, words: str) -> SourceError | None:
    """The error of an answer that no repeating mends; None for a success. ``words`` are what the server says."""
    status, path = answer.status, answer.request.path
    if status == NOT_MODIFIED or HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    said = f" ({words})" if words else ""
    if status == HTTPStatus.UNAUTHORIZED:
        return SourceGone(source, f"the server refuses the credential{said}", _mend(credential))
    if status == HTTPStatus.FORBIDDEN:
        fix = f"Give `{credential.key}` the right to read it" if credential else "Give the table a `token` that may"
        return SourceForbidden(source, f"{path} is forbidden{said}", fix)
    if status in GONE:
        fix = (
            "Check its name, and that the credential may see it: what may not be seen is called missing by many servers"
        )
        return SourceMissing(source, f"{path} is not there{said}", fix)
    return SourceGone(source, f"{path} answers {status}{said}", "Check `url`, and the server's log for the reason")


def _mend(credential: Credential | None) -> str:
    if credential is None:
        return 'Give the table a credential, like token = {env = "NAME"}'
    return f"It is wrong or has expired: put a new one where `{credential.key}` points to, then collect again"
