"""``tribometer up``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tribometer.errors import UsageError
from tribometer.service.command import place
from tribometer.service.terminal import progress, say

if TYPE_CHECKING:
    from tribometer.service.instance import Instance


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def up(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to bind.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to bind; 0 takes a free one.")] = 8501,
    *,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
) -> None:
    """Collect what is configured, or the git clone this stands in, and serve dashboards and API."""
    settings = place(context).settings()
    from tribometer.service import instance, serving, sources  # noqa: PLC0415 - the whole service

    serving.check_binding(settings, host)
    tables = sources.tables(settings, Path.cwd())
    sources.schedules(tables)
    if not (tables or settings.file or instance.has_store(settings)):
        raise UsageError(sources.NOTHING_TO_COLLECT.format(folder=Path.cwd()))
    listening = serving.listen(host, port)
    with instance.opened(settings) as opened:
        serving.log_to(settings.data)
        instance.drop_uploads(settings.data)
        collected = _first_collection(opened)

        def ready(url: str) -> None:
            say(f"Tribometer is at {url}  (stop with Ctrl-C)")
            if browser:
                serving.open_browser(url)

        serving.serve(opened, listening, ready=ready, collected=collected)


def _first_collection(opened: Instance) -> bool:
    """Collect before serving what never was: the first page shall show numbers. Tell whether it did."""
    from tribometer.service import collecting, sources  # noqa: PLC0415 - as above

    found, _ = collecting.collectors(opened, sources.tables(opened.settings, opened.folder))
    heard = {source.name for source in opened.numbers.sources() if source.last_success_at}
    if not found or any(collector.name in heard for collector in found):
        return False
    with progress() as tell:
        report = collecting.collect(opened, {}, tell)
    for source in report["sources"]:
        say(collecting.in_words(source))
    return True
