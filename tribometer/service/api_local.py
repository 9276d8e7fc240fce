"""Routes for commands of the same user while the service holds the folder; they take the token of ``service.json``.

An answer is JSON Lines: what is told on the way, then ``{"result": …}`` or ``{"problem": …, "exit_code": …}``.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Depends, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from tribometer.errors import TribometerError
from tribometer.service.instance import UPLOAD
from tribometer.service.operations import OPERATIONS
from tribometer.service.operations import operation as load
from tribometer.service.problems import UNEXPECTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tribometer.service.access import Access
    from tribometer.service.instance import Instance

LOG = logging.getLogger(__name__)


def local_routes(instance: Instance, access: Access) -> APIRouter:
    """Build the router."""

    def guard(request: Request) -> None:
        access.is_local_command(request)

    router = APIRouter(dependencies=[Depends(guard)])

    @router.get("/ping")
    def ping() -> dict[str, int]:
        return {"pid": os.getpid()}

    @router.post("/files")
    async def receive_file(request: Request) -> dict[str, str]:
        handle, path = tempfile.mkstemp(prefix=UPLOAD, dir=instance.settings.data)
        with os.fdopen(handle, "wb") as file:
            async for chunk in request.stream():
                await run_in_threadpool(file.write, chunk)
        return {"path": path}

    @router.post("/{operation}")
    def perform(operation: str, arguments: Annotated[dict[str, Any], Body()]) -> StreamingResponse:
        if operation not in OPERATIONS:
            raise HTTPException(404, f"There is no operation {operation!r}.")
        return StreamingResponse(_lines(instance, operation, arguments), media_type="application/x-ndjson")

    return router


def _lines(instance: Instance, operation: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    """Run the operation in a thread of its own and yield what it tells as it comes."""
    told: SimpleQueue[Mapping[str, Any] | None] = SimpleQueue()

    def work() -> None:
        outcome: dict[str, Any]
        try:
            outcome = {"result": load(operation)(instance, arguments, told.put)}
        except TribometerError as error:
            outcome = {"problem": str(error), "exit_code": error.exit_code}
        except Exception:
            LOG.exception("%s failed", operation)
            outcome = {"problem": UNEXPECTED, "exit_code": 1}
        _drop_uploads(arguments)
        told.put(outcome)
        told.put(None)

    Thread(target=work, name=f"local {operation}", daemon=True).start()
    yield from (f"{json.dumps(message)}\n" for message in iter(told.get, None))


def _drop_uploads(arguments: Mapping[str, Any]) -> None:
    for file in arguments.get("files", ()):
        path = Path(file["path"])
        if path.name.startswith(UPLOAD):
            with suppress(OSError):
                path.unlink()
