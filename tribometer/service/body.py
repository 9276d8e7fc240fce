"""Reading a request's body within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request


async def read(request: Request, limit: int, advice: str) -> bytes:
    """Read the body, but never more than ``limit`` bytes of it: then 413, with ``advice`` on what to send instead."""
    parts = []
    size = 0
    chunks: AsyncIterator[bytes] = request.stream()
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise HTTPException(413, f"At most {limit >> 20} MiB a request; {advice}.")
        parts.append(chunk)
    return b"".join(parts)
