"""Lines of a large file in blocks, as one column of texts: no object a line."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import pyarrow as pa

from tribometer.store.lines import BYTE_ORDER_MARK, LINE_LIMIT, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tribometer.store.lines import Line

BLOCK_BYTES = 32 * 2**20
NEW_LINE = ord("\n")


@dataclass(frozen=True)
class LineBlock:
    """Whole lines of a file: ``edges`` are where they begin in ``content`` and end, ``first`` is the first's number."""

    content: bytes
    edges: NDArray[np.int32]
    first: int

    def __len__(self) -> int:
        return len(self.edges) - 1

    def line(self, place: int) -> Line:
        """One line as the row path has it."""
        return next(lines(io.BytesIO(self.raw(place)), self.first + place))

    def table(self) -> pa.Table:
        """The lines as the columns ``place`` and ``line``; what is not UTF-8 or too long for an event is blank."""
        content = self.content
        for place in self._unreadable():
            start, end = self.edges[place], self.edges[place + 1]
            content = content[:start] + b" " * (end - start) + content[end:]
        edges = self.edges
        if self.first == 1 and content.startswith(BYTE_ORDER_MARK):
            edges = np.concatenate([np.full(1, len(BYTE_ORDER_MARK), np.int32), edges[1:]])
        texts = pa.StringArray.from_buffers(len(self), pa.py_buffer(edges), pa.py_buffer(content))
        return pa.table({"place": pa.array(np.arange(len(self))), "line": texts})

    def raw(self, place: int) -> bytes:
        """One line as it stands in the file."""
        return self.content[self.edges[place] : self.edges[place + 1]]

    def _unreadable(self) -> list[int]:
        found = set(np.flatnonzero(np.diff(self.edges) > LINE_LIMIT).tolist())
        texts = pa.StringArray.from_buffers(len(self), pa.py_buffer(self.edges), pa.py_buffer(self.content))
        try:
            texts.validate(full=True)
        except pa.ArrowInvalid:
            found |= {place for place in range(len(self)) if not _is_text(self.raw(place))}
        return sorted(found)


def line_blocks(file: BinaryIO, rows: int, first: int = 1) -> Iterator[LineBlock | Line]:
    """Cut the rest of a seekable file into blocks of at most so many lines; one too long for a block comes alone."""
    while content := file.read(BLOCK_BYTES):
        whole = len(content) if len(content) < BLOCK_BYTES else content.rfind(b"\n") + 1
        file.seek(whole - len(content), io.SEEK_CUR)
        if not whole:
            yield next(lines(file, first))
            first += 1
            continue
        edges = _edges(content[:whole])
        for start in range(0, len(edges) - 1, rows):
            part = edges[start : start + rows + 1]
            yield LineBlock(content[part[0] : part[-1]], part - part[0], first)
            first += len(part) - 1


def _edges(content: bytes) -> NDArray[np.int32]:
    ends = np.flatnonzero(np.frombuffer(content, np.uint8) == NEW_LINE) + 1
    last = [] if content.endswith(b"\n") else [len(content)]
    return np.concatenate([[0], ends, last]).astype(np.int32)


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
