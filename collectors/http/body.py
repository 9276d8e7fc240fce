"""The body of an answer, read within bounds: so many bytes unpacked, so many seconds, and not one byte missing.

Unpacking is done here, because httpx unpacks a chunk whole: 64 KB of a body can become 64 MB, and packed twice 64 GB.
"""

from __future__ import annotations

import json
import time
import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from collectors.http.exchange import Again

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from collectors.http.exchange import Request

PACKING = "gzip"
"""What is asked for, as ``accept-encoding``."""
UNDERSTOOD = frozenset({"gzip", "x-gzip", "deflate"})
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
PIECE = 1 << 18
"""Bytes that are unpacked at a time."""


class TooLarge(Exception):
    """The answer has more bytes than an answer may have."""


def content_of(response: httpx.Response, largest: int, seconds: float) -> bytes:
    """Read a body; raise `TooLarge`, or `Again` when it is cut off, takes too long or cannot be unpacked."""
    content, ends = bytearray(), time.monotonic() + seconds
    # what a transport made without a network is there already, and unpacked
    whole = response.is_stream_consumed
    packing = response.headers.get("content-encoding", "")
    for part in response.iter_bytes() if whole else unpacked(response.iter_raw(), packing):
        content += part
        if len(content) > largest:
            raise TooLarge
        if time.monotonic() > ends:
            raise Again("it takes too long to send its answer")
    return bytes(content)


def unpacked(parts: Iterable[bytes], packing: str) -> Iterator[bytes]:
    """Unpack in small pieces, so that whoever takes them can stop; `Again` when that is not possible."""
    packing = packing.strip().lower()
    if packing in {"", "identity"}:
        yield from parts
        return
    if packing not in UNDERSTOOD:
        raise Again("the answer is packed in a way that was not asked for")
    unpacker, begun = zlib.decompressobj(GZIP_OR_ZLIB), False
    try:
        for part in parts:
            begun, rest = True, part
            while rest:
                yield unpacker.decompress(rest, PIECE)
                rest = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error:
        raise Again("the answer cannot be unpacked") from None
    if begun and not unpacker.eof:
        raise Again("the answer is cut off")


def body_of(content: bytes, request: Request, status: int) -> Any:  # noqa: ANN401 - any JSON
    """The JSON of a body, or its text where that was asked for or it is a refusal; `Again` for half an answer."""
    if not content and (request.text or status != HTTPStatus.OK):
        return None
    text = content.decode("utf-8", "replace")
    if request.text:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise Again("the answer is no whole JSON") from None
        return text
