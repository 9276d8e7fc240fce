"""Lines of a file of any size and content, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from tribometer.store.rejects import HEAD_BYTES, KEPT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_LIMIT = 4 * 2**20
CHUNK = 2**20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end. ``size`` counts all its bytes, of which ``content`` may be only the beginning."""

    number: int
    content: bytes
    size: int

    @property
    def too_long(self) -> bool:
        """Whether it is longer than any event may be."""
        return self.size > LINE_LIMIT


def lines(file: BinaryIO, first: int = 1) -> Iterator[Line]:
    """Every line, numbered from ``first`` on; a byte order mark before line 1 is dropped."""
    number = first - 1
    while raw := file.readline(LINE_LIMIT + 2):
        number += 1
        content, size = raw.rstrip(b"\r\n"), 0
        if not raw.endswith(b"\n") and len(raw) > LINE_LIMIT:
            content, size = _rest(file, raw)
        if number == 1:
            content = content.removeprefix(BYTE_ORDER_MARK)
        yield Line(number, content, max(size, len(content)))


def _rest(file: BinaryIO, beginning: bytes) -> tuple[bytes, int]:
    """The whole of a long line as far as it is kept, and its size."""
    content, size = bytearray(beginning), len(beginning)
    while chunk := file.readline(CHUNK):
        size += len(chunk)
        if size <= KEPT_BYTES:
            content += chunk
        if chunk.endswith(b"\n"):
            break
    kept = bytes(content[:HEAD_BYTES] if size > KEPT_BYTES else content)
    return kept.rstrip(b"\r\n"), size
