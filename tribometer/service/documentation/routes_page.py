"""``docs/routes.md``: what the service answers, from its own OpenAPI document and the routes beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route

from dashboards.pages import PAGES
from tribometer.service import access, api_local
from tribometer.service.asgi import routes
from tribometer.service.documentation.markdown import blocks, document, plain, said, table
from tribometer.service.instance import blank
from tribometer.service.known_paths import STREAMLIT_FILES, STREAMLIT_FOLDERS
from tribometer.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LOCAL = "`/api/v1/local/…`"


def page() -> str:
    """Make the page."""
    with blank(Settings()) as instance:
        found = routes(instance, access.Access(""), lambda: True)
        mounted = {each.path: each.app for each in found if isinstance(each, Mount)}
        prefix, api = next(iter(mounted.items()))
        if not isinstance(api, FastAPI):
            raise TypeError("what is mounted beside the pages is no FastAPI app")
        described = api.openapi()
        beside = [*_beside(found), *(row for path, app in mounted.items() for row in _beside(_alone(app), path))]
    intro = f"{described['info']['description']} `{prefix}{api.openapi_url}` is the document for programs."
    who = ("Who may call", plain(access.__doc__ or ""))
    return document("Routes", intro, [who, *operations(described, prefix), *_others(beside)])


def operations(described: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield (method and path, what it does) of an OpenAPI document; `Undocumented` names a route without words."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {prefix}{path}"
            yield (
                name,
                blocks(said(operation.get("description"), name), _parameters(name, operation), _answers(operation)),
            )


def _parameters(route: str, operation: Mapping[str, Any]) -> str:
    rows = []
    for each in operation.get("parameters", ()):
        words = each.get("description") or ("the metric's name" if each["in"] == "path" else None)
        rows.append((f"`{each['name']}`", each["in"], said(words, f"`{each['name']}` of {route}", "a description")))
    return table(("parameter", "in", "meaning"), rows)


def _answers(operation: Mapping[str, Any]) -> str:
    refusals = ((status, answer["description"]) for status, answer in operation["responses"].items() if status >= "400")
    return table(("problem", "meaning"), refusals)


def _alone(app: object) -> Iterator[APIRoute]:
    return (each for each in getattr(app, "routes", ()) if isinstance(each, APIRoute))


def _beside(found: Iterable[object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path, words) of the routes that no OpenAPI document names."""
    for route in found:
        if isinstance(route, Route | APIRoute):
            path = f"{prefix}{route.path}"
            yield f"`{path}`", said(route.endpoint.__doc__, f"the route {path}")


def _others(beside: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    local = (LOCAL, plain(api_local.__doc__ or "").partition("\n")[0])
    yield "Beside the API", table(("path", "meaning"), [*beside, local])
    pages = ((f"`/{page.path}`", f"The page {page.title}.") for page in PAGES)
    frontend = ", ".join(
        f"`/{name}`" for name in sorted([*(f"{each}/" for each in STREAMLIT_FOLDERS), *STREAMLIT_FILES])
    )
    words = f"What the pages themselves ask for: {frontend}. Every other path is answered with 404."
    yield "Pages", blocks(table(("path", "meaning"), pages), words)
