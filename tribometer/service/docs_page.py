"""The readable API documentation: one page made from the OpenAPI document, which needs no network."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; }}
code, pre {{ font-family: ui-monospace, monospace; }}
h2 {{ margin-top: 2.5rem; }}
</style>
<h1>{title} {version}</h1>
<p>{description}</p>
<p>For programs: <a href="v1/openapi.json"><code>/api/v1/openapi.json</code></a></p>
{operations}
</html>
"""


def page(document: Mapping[str, Any]) -> str:
    """Return the page for an OpenAPI 3 document."""
    info = document["info"]
    operations = [
        _operation(path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return PAGE.format(
        title=escape(info["title"]),
        version=escape(info["version"]),
        description=escape(info.get("description", "")),
        operations="\n".join(operations),
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    parts = [
        f"<h2><code>{method.upper()} /api{escape(path)}</code></h2>",
        f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>",
        _table(("parameter", "in", "meaning"), _parameters(operation)),
        _table(("answer", "", "meaning"), _answers(operation)),
    ]
    return "\n".join(part for part in parts if part)


def _parameters(operation: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for parameter in operation.get("parameters", []):
        required = " (required)" if parameter.get("required") else ""
        yield parameter["name"], parameter["in"], parameter.get("description", "") + required


def _answers(operation: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for status, answer in operation.get("responses", {}).items():
        yield status, "", answer.get("description", "")


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    titles = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    return f"<table><tr>{titles}</tr>{body}</table>" if body else ""
