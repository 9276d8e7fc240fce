"""Answers that the survey form takes while collections land events, against plain DuckDB that writes the same rows.

    python benchmarks/survey_answers.py [SECONDS]    for each of the two phases, 30 unless told

A data folder with an open wave of INSTRUMENT is served on this machine. People in a process of their own, several at a
time, open personal links, fill in every item and send the form, as browsers do, first with nothing beside them, then
while a thread lands pages of PAGE runs without a pause. Latency is that of sending. The limits of how often one
address may send are lifted, for all come from one. Plain DuckDB upserts the rows of one form in a transaction, in one
thread.

Claims: no accepted answer is lost or mixed up, and none is refused; beside collections the form takes at least
LEAST_BESIDE of the answers that it takes alone, and alone at least LEAST_OF_BARE of what plain DuckDB writes.
"""

from __future__ import annotations

import multiprocessing
import socket
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import duckdb
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from survey_people import AGREED, HOURS, Said, Sent, people, said

from tribometer.clock import now_utc
from tribometer.events import parse_event
from tribometer.service.instance import Instance, opened
from tribometer.service.surveys.form_routes import form
from tribometer.service.surveys.links import PATH, link, link_key, token_of
from tribometer.service.surveys.rates import Limits, Rate
from tribometer.settings import Settings
from tribometer.store.answers import WaveFacts, new_key
from tribometer.store.records.survey_records import NewInvitation, NewWave

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 30.0
INSTRUMENT = "pulse_v1"
PEOPLE = 1_600
PAGE = 1_000
BARE_SECONDS = 3.0
LEAST_BESIDE = 0.4
LEAST_OF_BARE = 0.6
UNLIMITED = 10**9
TABLES = """
CREATE TABLE responses (wave VARCHAR, response VARCHAR, respondent VARCHAR, PRIMARY KEY (wave, response));
CREATE TABLE answers (wave VARCHAR, response VARCHAR, item VARCHAR, number DOUBLE, choice VARCHAR,
    PRIMARY KEY (wave, response, item));
CREATE TABLE comments (wave VARCHAR, comment VARCHAR, item VARCHAR, text VARCHAR, PRIMARY KEY (wave, comment, item));
"""


def invited(instance: Instance, base: str) -> dict[str, int]:
    """Open a wave; the personal link of everybody, and the number of the invitation."""
    opens, closes = now_utc() - timedelta(days=1), now_utc() + timedelta(days=7)
    surveys = instance.records.surveys
    wave = surveys.add_wave(NewWave(INSTRUMENT, INSTRUMENT, opens, closes, 5, 10, 365))
    instance.store.answers.open_wave(WaveFacts(INSTRUMENT, INSTRUMENT, 5, 10, opens, teams={"checkout": None}))
    surveys.move(wave.number, "open")
    asked = [NewInvitation(f"p_{each}", "email", None, opens, team="checkout") for each in range(PEOPLE)]
    surveys.invite(wave.number, asked)
    key = link_key(instance.store.pseudonyms)
    return {link(base, token_of(key, each)): each.number for each in surveys.invitations(wave.number)}


@contextmanager
def served(instance: Instance, listening: socket.socket) -> Iterator[None]:
    """Serve the form on a socket until the block ends."""
    limits = Limits(Rate(UNLIMITED), Rate(UNLIMITED), Rate(UNLIMITED))
    app = Starlette(routes=[Mount(PATH, form(instance, limits))])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def collecting(instance: Instance) -> Iterator[list[int]]:
    """Land pages of runs until the block ends; gives how many events each page had, as they come."""
    over, landed = Event(), list[int]()

    def land() -> None:
        while not over.is_set():
            first = len(landed) * PAGE
            told: dict[str, object] = {
                "type": "run",
                "repository": "acme/shop",
                "workflow": "ci",
                "attempt": 1,
                "source": "ci",
                "sha": "a" * 40,
            }
            told["created_at"] = now_utc().isoformat()
            page = [parse_event({**told, "id": f"r{run}", "run": run}) for run in range(first, first + PAGE)]
            instance.store.land(page, source="ci")
            landed.append(PAGE)

    thread = Thread(target=land)
    thread.start()
    try:
        yield landed
    finally:
        over.set()
        thread.join()


def bare(folder: Path) -> float:
    """Forms per second that plain DuckDB upserts into keyed tables, a transaction for each."""
    with duckdb.connect(folder / "bare.duckdb") as connection:
        connection.execute(TABLES)
        start, number = time.perf_counter(), 0
        while time.perf_counter() - start < BARE_SECONDS:
            response, told = new_key(), said(number)
            choice, note, hours = told.pop("PU10"), told.pop("note:PU10"), told.pop("PU09")
            rows: list[tuple[str, str, str, float | None, str | None]]
            rows = [(INSTRUMENT, response, item, float(value), None) for item, value in told.items()]
            rows += [(INSTRUMENT, response, "PU09", HOURS[hours], None), (INSTRUMENT, response, "PU10", None, choice)]
            connection.execute("BEGIN")
            connection.execute("INSERT OR REPLACE INTO responses VALUES (?, ?, ?)", [INSTRUMENT, response, new_key()])
            connection.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?)", rows)
            connection.execute(
                "INSERT OR REPLACE INTO comments VALUES (?, ?, ?, ?)", [INSTRUMENT, new_key(), "PU10", note]
            )
            connection.execute("COMMIT")
            number += 1
        return number / (time.perf_counter() - start)


def lost(instance: Instance, numbers: dict[str, int], last: dict[str, Said]) -> int:
    """How many links the store does not have what they were last told of."""
    missing = 0
    for address, fields in last.items():
        keys = instance.records.surveys.keys(numbers[address])
        given, notes = instance.store.answers.given(INSTRUMENT, keys.response, keys.comment) if keys else ({}, {})
        wanted = {item: float(fields[item]) for item in AGREED}
        missing += given != {**wanted, "PU09": HOURS[fields["PU09"]], "PU10": fields["PU10"]} or notes != {
            "PU10": fields["note:PU10"]
        }
    return missing


def broken(alone: Sent, beside: Sent, plain: float, missing: int) -> list[str]:
    """The claims that do not hold."""
    refused, share, of_bare = alone.refused + beside.refused, beside.rate / alone.rate, alone.rate / plain
    return [
        *([f"{missing} accepted answers are not in the store as they were sent"] if missing else []),
        *([f"{refused} forms were refused"] if refused else []),
        *([f"beside collections: {share:.2f} of alone, claimed {LEAST_BESIDE}"] if share < LEAST_BESIDE else []),
        *([f"alone: {of_bare:.2f} of plain DuckDB, claimed {LEAST_OF_BARE}"] if of_bare < LEAST_OF_BARE else []),
    ]


def report(name: str, sent: Sent, plain: float, events: float) -> None:
    """Print a row."""
    half, most = sent.percentiles
    print(f"{name:20}{sent.rate:10.1f}{half:10.0f}{most:10.0f}{events:12,.0f}{sent.rate / plain:10.2f}", flush=True)


def measured(instance: Instance, seconds: float, plain: float) -> list[str]:
    """Measure both phases, print them, and look for every answer; the claims that do not hold."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        numbers = invited(instance, f"http://127.0.0.1:{listening.getsockname()[1]}")
        apart = multiprocessing.get_context("spawn")
        with served(instance, listening), ProcessPoolExecutor(1, mp_context=apart) as clients:
            clients.submit(people, list(numbers), 0, 1.0).result()
            alone = clients.submit(people, list(numbers), 1_000, seconds).result()
            report("alone", alone, plain, 0)
            with collecting(instance) as landed:
                beside = clients.submit(people, list(numbers), 50_050, seconds).result()
                events = sum(landed) / beside.spent
            report("beside collections", beside, plain, events)
    last = {**alone.last, **beside.last}
    missing = lost(instance, numbers, last)
    accepted = len(alone.latencies) + len(beside.latencies)
    print(f"{accepted:,} forms accepted by {len(last):,} links, {missing} links without their last answers")
    answered = instance.store.answers.answered(INSTRUMENT)
    print(f"{sum(answered.values()):,} respondents in the store; beside/alone {beside.rate / alone.rate:.2f}")
    return [*([] if landed else ["no events were landed beside"]), *broken(alone, beside, plain, missing)]


def main() -> int:
    """Measure, print, and hold against the claims."""
    seconds = float(sys.argv[1]) if sys.argv[1:] else SECONDS
    with tempfile.TemporaryDirectory() as name:
        plain = bare(Path(name))
        print(f"plain DuckDB, one thread: {plain:.1f} forms/s")
        print(f"{'form':20}{'answers/s':>10}{'p50 ms':>10}{'p95 ms':>10}{'events/s':>12}{'of DuckDB':>10}")
        with opened(Settings(data=Path(name) / "data")) as instance:
            failures = measured(instance, seconds, plain)
    print("\n".join(failures) or "every claim holds")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
