"""``tribometer up``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tribometer.errors import UsageError
from tribometer.service.command import place
from tribometer.service.leaving import leave
from tribometer.service.terminal import progress, say

if TYPE_CHECKING:
    from tribometer.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def up(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to bind.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to bind; 0 takes a free one.")] = 8501,
    *,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
    demo: Annotated[
        bool, typer.Option("--demo", help="Show a generated organisation, from a data folder of its own.")
    ] = False,
) -> None:
    """Collect what is configured, or the git clone this stands in, and serve dashboards and API."""
    settings = place(context).settings()
    from tribometer.service import demo as demonstrating  # noqa: PLC0415 - the whole service
    from tribometer.service import instance, listening, logs, serving  # noqa: PLC0415 - as above

    listening.check_binding(settings, host)
    if demo:
        settings = demonstrating.settings_of(settings)
    else:
        _check_sources(settings)
    bound = listening.listen(host, port)
    if demo:
        with progress() as tell:
            demonstrating.ensure(settings, tell)
    with instance.opened(settings) as opened:
        logs.log_to(settings.data)
        instance.drop_uploads(settings.data)

        def ready(url: str) -> None:
            say(f"Tribometer is at {url}  (stop with Ctrl-C)")
            if browser:
                serving.open_browser(url)

        serving.serve(opened, bound, ready=ready)
    leave(0)


def _check_sources(settings: Settings) -> None:
    """Raise `UsageError` where there is nothing to show and nothing to collect."""
    from tribometer.service import instance, sources  # noqa: PLC0415 - as above

    if not (sources.tables(settings, Path.cwd()) or settings.file or instance.has_store(settings)):
        raise UsageError(sources.NOTHING_TO_COLLECT.format(folder=Path.cwd()))
