"""Pages, API and health in one ASGI app."""

from __future__ import annotations

from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Mount, Route

from dashboards import friction_data, health, interventions, overview_data, survey_data
from dashboards.data import provide
from tribometer.errors import StoreError
from tribometer.service.api import api
from tribometer.service.friction_pages import FrictionPages
from tribometer.service.hooks import hooks
from tribometer.service.interventions.pages import InterventionPages
from tribometer.service.keeping import Keeping
from tribometer.service.known_paths import OnlyKnownPaths
from tribometer.service.overview_pages import OverviewPages
from tribometer.service.page_numbers import PageNumbers
from tribometer.service.problems import UNEXPECTED, on_http
from tribometer.service.report.routes import report_routes
from tribometer.service.surveys.form_routes import form
from tribometer.service.surveys.pages import SurveyPages

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
    "logger.enableRich": False,  # it would print tracebacks past our log
    "client.showSidebarNavigation": False,
    # one colour for both would be a theme of its own, and pages would no longer follow the reader's dark setting
    "theme.light.primaryColor": "#0f766e",
    "theme.dark.primaryColor": "#2dd4bf",
}


def routes(instance: Instance, access: Access, schedule_runs: Callable[[], bool]) -> list[Mount | Route]:
    """Return what stands beside the pages: the API, the health checks, and the picture that browsers ask for."""

    async def healthz(_request: Request) -> Response:
        """Answer 200 while the process lives."""
        return JSONResponse({"status": "alive"})

    async def readyz(_request: Request) -> Response:
        """Answer 200 when store and schedule work, else 503, with the state of each as JSON."""
        state = await run_in_threadpool(readiness, instance, schedule_runs())
        return JSONResponse(state, 200 if state["status"] == "ready" else 503)

    async def icon(_request: Request) -> Response:
        """Send the picture that browsers ask for."""
        return FileResponse(str(files("dashboards").joinpath("icon.svg")), media_type="image/svg+xml")

    return [
        Mount("/api", api(instance, access)),
        Mount("/hooks", hooks(instance, access)),
        Mount("/s", form(instance)),
        *report_routes(instance, access),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/favicon.ico", icon),
    ]


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
        # a source tells of its parts, of which there may be hundreds
        "failing": sorted(source.name for source in sources or () if source.last_error and not source.family),
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

    from dashboards.pages import PAGES  # noqa: PLC0415 - as above

    for name, value in PAGE_OPTIONS.items():
        st.config.set_option(name, value)
    pages = PageNumbers(instance.numbers)
    instance.numbers.renewal.afterwards = partial(pages.work_ahead, [page.ahead for page in PAGES if page.ahead])
    provide(pages)
    health.attend(Keeping(instance, access))
    survey_data.attend(SurveyPages(instance))
    friction_data.attend(FrictionPages(instance))
    interventions.attend(InterventionPages(instance))
    overview_data.attend(OverviewPages(instance))

    def page_failed(_error: Exception) -> bool:
        st.error(UNEXPECTED)
        return True  # Streamlit's own words speak of its cloud

    script = files("dashboards").joinpath("app.py")
    ours = routes(instance, access, schedule_runs)
    return st.App(
        str(script),
        routes=ours,
        middleware=[Middleware(OnlyKnownPaths, routes=ours, pages={page.path for page in PAGES})],
        lifespan=lifespan,
        on_script_error=page_failed,
        exception_handlers={405: on_http},
    )
