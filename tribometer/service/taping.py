"""``tribometer collect --record FOLDER`` and ``--replay FOLDER``: a file for each source stands for its server."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collectors.http import recording
from tribometer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collectors.base import Collector
    from tribometer.service.configured import Source
    from tribometer.service.instance import Instance
    from tribometer.service.operations import Tell

    Taped = Callable[[Instance, Collector], AbstractContextManager[Collector]]

WHOLE = "a recording is of a whole collection"


def live(_instance: Instance, collector: Collector) -> AbstractContextManager[Collector]:
    """Ask the server itself, and keep nothing of what it says."""
    return nullcontext(collector)


def way(arguments: Mapping[str, Any]) -> Taped:
    """Say how collectors get their answers; `UsageError` for what does not go together."""
    record, replay = arguments.get("record"), arguments.get("replay")
    if record and replay:
        raise UsageError("--record and --replay: give one of the two.")
    if (record or replay) and arguments.get("since"):
        option = "--record" if record else "--replay"
        raise UsageError(f"{option} and --since: {WHOLE}, so give one of the two.")
    if record:
        return partial(_recorded, _made(Path(record)))
    return partial(_replayed, _there(Path(replay))) if replay else live


def fitting(found: list[Source], arguments: Mapping[str, Any], tell: Tell) -> list[Source]:
    """Return the sources that can be recorded or replayed; the others are left out with a hint, if none was named.

    Raise `UsageError` when none is left, or a part of a source was named.
    """
    record, replay = arguments.get("record"), arguments.get("replay")
    if not (record or replay):
        return found
    parts = [each.name for each in found if each.part]
    if parts:
        raise UsageError(f"{parts[0]} is a part of a source, and {WHOLE}: name the source.")
    if arguments.get("sources"):
        return found
    why = "it asks no server" if record else f"{replay} holds no recording of it"
    kept = [each for each in found if _fits(each, replay)]
    for each in found:
        if each not in kept:
            tell({"hint": f"{each.name} is left out: {why}"})
    if not kept:
        raise UsageError(
            f"There is nothing to {'record' if record else 'replay'}: of no source is there a server's answer."
        )
    return kept


def _fits(source: Source, replay: str | None) -> bool:
    if source.collector is None:
        return True  # why it cannot be read is worth being said
    if replay:
        return _file(Path(replay), source.collector).exists()
    return hasattr(source.collector, "server")


def _recorded(folder: Path, instance: Instance, collector: Collector) -> AbstractContextManager[Collector]:
    return recording.recording(collector, _file(folder, collector), instance.store.pseudonyms)


def _replayed(folder: Path, _instance: Instance, collector: Collector) -> AbstractContextManager[Collector]:
    return nullcontext(recording.replaying(collector, _file(folder, collector)))


def _file(folder: Path, collector: Collector) -> Path:
    return folder / f"{re.sub(r'[^A-Za-z0-9.-]+', '_', collector.name)}.jsonl"


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--record {folder}: {error.strerror}. Name a folder that can be made.") from None
    return folder


def _there(folder: Path) -> Path:
    if not folder.is_dir():
        raise UsageError(f"--replay {folder}: there is no such folder. `tribometer collect --record FOLDER` makes one.")
    return folder
