"""The HTTP API: events in, numbers out, mounted at ``/api`` beside the pages."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dashboards.questions import address_of
from tribometer import __version__
from tribometer.service import body, problems
from tribometer.service.api_local import local_routes
from tribometer.service.asked import Asked, spelled
from tribometer.service.docs_page import page
from tribometer.service.friction import OPTIONS as FRICTION_OPTIONS
from tribometer.service.friction import friction
from tribometer.service.interventions.operations import list_all, one
from tribometer.service.interventions.verdicts import verdict
from tribometer.service.operations import catalogue, land_events, metric, rows
from tribometer.service.url_words import in_url_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tribometer.service.access import Access
    from tribometer.service.instance import Instance

EVENTS_LIMIT = 32 * 1024 * 1024
MOST_ROWS = 1_000_000
TITLE = "Tribometer"
DESCRIPTION = (
    "Events in, numbers out. Without sign-in the routes answer this machine only; from elsewhere send a bearer token. "
    "Errors are problem documents (RFC 9457). Times are UTC, durations seconds, shares 0..1; nothing missing is ever 0."
)


def asked(  # noqa: PLR0913, PLR0917 - the query parameters of a metric, one argument each
    service: Annotated[str | None, Query(description="one service; default: all")] = None,
    team: Annotated[str | None, Query(description="the services of one team")] = None,
    start: Annotated[str | None, Query(alias="from", description="first day or time")] = None,
    end: Annotated[str | None, Query(alias="to", description="day or time after the last")] = None,
    by: Annotated[str | None, Query(description="week, month, quarter, year, service, team, template")] = None,
    clock: Annotated[str | None, Query(description="calendar or business")] = None,
    unit: Annotated[str | None, Query(description="change or commit")] = None,
    blame: Annotated[str | None, Query(description="first or last")] = None,
    bots: Annotated[str | None, Query(description="include or exclude")] = None,
    owners: Annotated[str | None, Query(description="then (who owned it when it happened) or now")] = None,
    version: Annotated[str | None, Query(alias="definition", description="a version of the definition")] = None,
    compare: Annotated[str | None, Query(description="previous, service:NAME or team:NAME")] = None,
) -> Asked:
    """Collect the options of ``tribometer metric`` from a URL."""
    return Asked(
        service=service,
        team=team,
        start=start,
        end=end,
        by=by,
        clock=clock,
        unit=unit,
        blame=blame,
        bots=bots,
        owners=owners,
        version=version,
        compare=compare,
    )


Options = Annotated[Asked, Depends(asked)]
Intervention = Annotated[str, Path(description="the intervention's name")]


def board_asked(  # noqa: PLR0913, PLR0917 - as above
    service: Annotated[str | None, Query(description="one service; default: all")] = None,
    team: Annotated[str | None, Query(description="the services of one team")] = None,
    start: Annotated[str | None, Query(alias="from", description="first day or time")] = None,
    end: Annotated[str | None, Query(alias="to", description="day or time after the last")] = None,
    bots: Annotated[str | None, Query(description="include or exclude")] = None,
    owners: Annotated[str | None, Query(description="then (who owned it when it happened) or now")] = None,
) -> Asked:
    """Collect the options of ``tribometer friction`` from a URL."""
    return Asked(service=service, team=team, start=start, end=end, bots=bots, owners=owners)


def _only(*known: str) -> Any:  # noqa: ANN401 - as _guard
    """Answer 400 to a query parameter that a route does not have, or that is given twice: both would mislead."""
    there = f"this route has: {', '.join(known)}" if known else "this route has none"

    def check(request: Request) -> None:
        given = Counter(name for name, _ in request.query_params.multi_items())
        if unknown := [name for name in given if name not in known]:
            raise HTTPException(400, f"There is no query parameter {', '.join(map(repr, unknown))}; {there}.")
        if twice := [name for name, times in given.items() if times > 1]:
            raise HTTPException(400, f"Give each query parameter once: {', '.join(twice)}.")

    return Depends(check)


def api(instance: Instance, access: Access) -> FastAPI:
    """Build the app that is mounted at ``/api``."""
    app = FastAPI(
        title=TITLE,
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    app.include_router(_events(instance, access), prefix="/v1")
    app.include_router(_numbers(instance, access), prefix="/v1")
    app.include_router(_interventions(instance, access), prefix="/v1")
    app.include_router(local_routes(instance, access), prefix="/v1/local", include_in_schema=False)

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        """Show the API on a page that needs no network."""
        return HTMLResponse(page(app.openapi()))

    return app


def _events(instance: Instance, access: Access) -> APIRouter:
    router = APIRouter(
        dependencies=[Depends(_guard(access.may_write)), _only()],
        responses=problems.documented(400, 401, 403, 413, 422),
    )

    @router.post("/events")
    async def post_events(request: Request) -> Response:
        """Land one event or a list of them (JSON).

        200 with counts; 422 with the reason of each event that cannot land, while the others land.
        """
        content = _parsed(await body.read(request, EVENTS_LIMIT, "send the events in several"))
        report = await run_in_threadpool(land_events, instance, content)
        if report["errors"]:
            detail = f"{report['rejected']} of {len(content)} events cannot land; the others did."
            return problems.problem(422, detail, **report)
        return JSONResponse(report)

    return router


def _numbers(instance: Instance, access: Access) -> APIRouter:
    router = APIRouter(
        dependencies=[Depends(_guard(access.may_read))],
        responses=problems.documented(400, 401, 403),
    )

    @router.get("/metrics", dependencies=[_only()])
    def list_metrics() -> dict[str, Any]:
        """List what can be measured, with each metric's question and definition."""
        return catalogue()

    known = tuple(map(spelled, Asked.__annotations__))

    @router.get("/metrics/{name}", dependencies=[_only(*known)], responses=problems.documented(404, 422))
    def get_metric(name: str, options: Options, response: Response) -> dict[str, Any]:
        """Compute one metric: the object that ``tribometer metric NAME --json`` prints.

        The header ``Link`` has the page on which the number opens (``rel="alternate"``), where one shows it.
        Where a question finds nothing for a reason that can be told, ``hint`` is a sentence about it.
        """
        told: list[Mapping[str, Any]] = []
        result = metric(instance, {"name": name, **options}, told.append)
        if page_address := address_of(name, result["scope"]):
            response.headers["Link"] = f'<{page_address}>; rel="alternate"; type="text/html"'
        hint = " ".join(in_url_words(message["hint"]) for message in told)
        return {**result, "hint": hint} if hint else result

    @router.get("/metrics/{name}/rows", dependencies=[_only(*known, "limit")], responses=problems.documented(404, 422))
    def get_rows(
        name: str,
        options: Options,
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS, description="at most so many lines")] = MOST_ROWS,
    ) -> Response:
        """List the units looked at as JSON Lines, counted or not, with the rule that decided."""
        lines = (f"{json.dumps(row)}\n" for row in rows(instance, {"name": name, **options}, limit))
        return StreamingResponse(_first_kept(lines), media_type="application/x-ndjson")

    @router.get("/friction", dependencies=[_only(*map(spelled, FRICTION_OPTIONS))], responses=problems.documented(422))
    def get_friction(board: Annotated[Asked, Depends(board_asked)]) -> dict[str, Any]:
        """Tell the friction board: the object that ``tribometer friction --json`` prints."""
        told: list[Mapping[str, Any]] = []
        result = friction(instance, board, told.append)
        hint = " ".join(in_url_words(message["hint"]) for message in told)
        return {**result, "hint": hint} if hint else result

    return router


def _interventions(instance: Instance, access: Access) -> APIRouter:
    router = APIRouter(
        dependencies=[Depends(_guard(access.may_read)), _only()],
        responses=problems.documented(400, 401, 403),
    )

    @router.get("/interventions")
    def list_interventions() -> dict[str, Any]:
        """List every intervention as it stands, with what was expected of it before its release."""
        return list_all(instance, {}, _unheard)

    @router.get("/interventions/{name}", responses=problems.documented(404, 422))
    def get_intervention(name: Intervention) -> dict[str, Any]:
        """Tell of one intervention, with every change that was recorded of it."""
        return one(instance, name)

    @router.get("/interventions/{name}/verdict", responses=problems.documented(404, 422))
    def get_verdict(name: Intervention) -> dict[str, Any]:
        """Judge an intervention: the object that ``tribometer intervention verdict NAME --json`` prints."""
        return verdict(instance, {"name": name}, _unheard)

    return router


def _unheard(_message: Mapping[str, Any]) -> None:
    """Take what would be told on the way: these routes tell nothing but their answer."""


def _first_kept(lines: Iterator[str]) -> Iterator[str]:
    """Make the first line now: an error must become a status before the answer has begun."""
    first = next(lines, None)

    def resumed() -> Iterator[str]:
        if first is not None:
            yield first
            yield from lines

    return resumed()


def _guard(check: Any) -> Any:  # noqa: ANN401 - FastAPI reads the signature of what is returned
    def guard(request: Request) -> None:
        check(request)

    return guard


def _parsed(text: bytes) -> list[object]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise HTTPException(
            400, f"The body is not JSON: {error}. Send one event, or a list of them: [{{…}}, {{…}}]."
        ) from None
    return content if isinstance(content, list) else [content]
