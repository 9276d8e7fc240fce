"""The demo organisation in a data folder of its own: made when it is missing, half made, or of another day."""

from __future__ import annotations

import csv
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from metrics.tables import parents
from surveys import ingest
from surveys.instrument import shipped
from tribometer import demo
from tribometer.clock import now_utc, utc_midnight
from tribometer.demo.surveys import ASKED, INSTRUMENT
from tribometer.errors import StoreError
from tribometer.service.hints import DEMO_SUFFIX
from tribometer.service.interventions.planted import register
from tribometer.settings.surveys import LEAST_COMMENTS, LEAST_GROUP
from tribometer.settings.values import Records
from tribometer.store import EventStore
from tribometer.store.answer_rows import Response
from tribometer.store.answers import WaveFacts, new_key
from tribometer.store.connection import FILE_NAME
from tribometer.store.demonstration import drop
from tribometer.store.importing import import_files

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tribometer.service.operations import Tell
    from tribometer.settings import Settings

SURVEYS = "surveys"
DRAFT = "making-"
MAKING = "Making a demo organisation: two years of 12 teams; this takes a moment."


def settings_of(settings: Settings) -> Settings:
    """Return the settings with the demo's own data folder and records beside the real ones, and nothing to collect."""
    name = settings.data.absolute().name.removesuffix(DEMO_SUFFIX)
    own = {"data": settings.data.with_name(f"{name}{DEMO_SUFFIX}"), "records": Records(), "sources": ()}
    return settings.model_copy(update=own)


def generate(store: EventStore, folder: Path, now: datetime, tell: Tell, scale: float = 1.0) -> None:
    """Write the organisation to files and import them, as anybody would; survey answers stay in the data folder."""
    for left in folder.glob(f"{DRAFT}*"):  # by one that was killed
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=DRAFT, dir=folder) as place:
        files = demo.write(Path(place), now, answers=folder / SURVEYS, scale=scale)
        for done, (event_type, file) in enumerate(files.items(), start=1):
            summary = import_files(store, [file], event_type, refresh=False)
            if summary.rejected or summary.errors:
                raise StoreError(f"The demo's events of type {event_type} did not land. Please report this.")
            tell({"progress": {"of": "demo", "done": done, "total": len(files)}})
    store.refresh()
    for file in sorted((folder / SURVEYS).glob(f"{INSTRUMENT}-*.csv")):
        _close_wave(store, file)
    register(folder, utc_midnight(now))


def _close_wave(store: EventStore, file: Path) -> None:
    """Land one of the demo's survey files as a wave that was closed two weeks after its first answer."""
    slug, _, name = file.stem.partition("-")
    instrument = shipped()[slug]
    rows = ingest.read(file.read_bytes(), file.name, instrument).rows
    first = min(row.submitted_at for row in rows if row.submitted_at is not None)
    with store.reader() as reader:
        teams = parents(reader)
    store.answers.open_wave(WaveFacts(f"{slug} {name}", slug, LEAST_GROUP, LEAST_COMMENTS, first, teams=teams))
    store.answers.save_all(
        f"{slug} {name}",
        [(Response(key := new_key(), key, new_key(), row.team, row.tenure), row.answers, row.comments) for row in rows],
    )
    store.answers.close_wave(
        f"{slug} {name}", _asked(file.with_name(f"{ASKED}{file.name}")), first + timedelta(days=14)
    )


def _asked(file: Path) -> dict[tuple[str, str], int]:
    """How many people a wave asked, by team and tenure."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {(row["team"], row["tenure"]): int(row["people"]) for row in csv.DictReader(lines)}


def ensure(
    settings: Settings,
    tell: Tell,
    clock: Callable[[], datetime] = now_utc,
    fill: Callable[[EventStore, Path, datetime, Tell], None] = generate,
) -> None:
    """Make the demo of these settings' folder unless it is there: whole, of this version, and of the last midnight.

    An older one is made again, because headline windows end at the last midnight; what people edited (tokens and the
    like) stays. Raises `UsageError` where the folder holds real data, `StoreBusy` where another process holds it.
    """
    now = clock()
    wanted = f"version {demo.VERSION} until {utc_midnight(now):%Y-%m-%d}"
    if (settings.data / FILE_NAME).exists():
        with EventStore.open(settings.data, settings.rules, clock=clock, memory=settings.memory) as store:
            found = store.demo
        if found == wanted:
            return
        if found is not None:
            drop(settings.data)
    with (
        EventStore.open(settings.data, settings.rules, clock=clock, memory=settings.memory) as store,
        store.generating(wanted),
    ):
        tell({"hint": MAKING})
        fill(store, settings.data, now, tell)
