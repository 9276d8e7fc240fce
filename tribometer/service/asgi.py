"""Pages, API and health in one ASGI app."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from dashboards.data import provide
from tribometer.errors import StoreError
from tribometer.service.api import api
from tribometer.service.problems import on_http

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from tribometer.service.access import Access
    from tribometer.service.instance import Instance

PAGE_OPTIONS = {
    "runner.postScriptGC": False,  # it takes 70 % of a rerun's time
    "server.fileWatcherType": "none",
    "server.headless": True,
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "none",  # the log has them
    "client.showErrorLinks": False,
    "client.showSidebarNavigation": False,
    # one colour for both would be a theme of its own, and pages would no longer follow the reader's dark setting
    "theme.light.primaryColor": "#0f766e",
    "theme.dark.primaryColor": "#2dd4bf",
}


def routes(instance: Instance, access: Access, schedule_runs: Callable[[], bool]) -> list[Mount | Route]:
    """Return what stands beside the pages: the API and the health checks."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(_request: Request) -> Response:
        state = await run_in_threadpool(readiness, instance, schedule_runs())
        return JSONResponse(state, 200 if state["status"] == "ready" else 503)

    return [Mount("/api", api(instance, access)), Route("/healthz", healthz), Route("/readyz", readyz)]


def readiness(instance: Instance, schedule_runs: bool) -> dict[str, Any]:  # noqa: FBT001 - one fact of two
    """Tell whether store and schedule work; a source that fails does not make the service unready."""
    try:
        sources = instance.numbers.sources()
    except StoreError:
        sources = None
    ready = sources is not None and schedule_runs
    return {
        "status": "ready" if ready else "not ready",
        "store": "ok" if sources is not None else "failed",
        "schedule": "running" if schedule_runs else "stopped",
        "collecting": sorted(source.name for source in sources or () if source.collecting),
        "failing": sorted(source.name for source in sources or () if source.last_error),
    }


def app(
    instance: Instance,
    access: Access,
    schedule_runs: Callable[[], bool],
    lifespan: Callable[[Any], AbstractAsyncContextManager[None]],
) -> ASGIApp:
    """Build the whole: Streamlit's pages with our routes before them.

    Streamlit's options are the process's own and must stand before its app is made.
    """
    import streamlit as st  # noqa: PLC0415 - only the service needs it, and it takes a second

    for name, value in PAGE_OPTIONS.items():
        st.config.set_option(name, value)
    provide(instance.numbers)
    script = files("dashboards").joinpath("app.py")
    return st.App(
        str(script),
        routes=routes(instance, access, schedule_runs),
        lifespan=lifespan,
        exception_handlers={405: on_http},
    )
