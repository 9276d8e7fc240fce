"""``tribometer survey import``: answers that were given elsewhere, into a wave of their own."""

from __future__ import annotations

import hmac
import json
import sys
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metrics.tables import parents
from surveys import header_maps, ingest
from surveys.cells import FILE_LIMIT
from surveys.instrument import instruments, named
from tribometer.clock import utc_midnight
from tribometer.errors import UsageError
from tribometer.service.recording import IMPORT
from tribometer.store import Rejected
from tribometer.store.answer_rows import Response
from tribometer.store.answers import WaveFacts
from tribometer.store.records.survey_records import NewWave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from surveys.header_maps import HeaderMap
    from surveys.ingest import Reading
    from surveys.instrument import Instrument
    from surveys.rows import BadRow, Row
    from tribometer.service.instance import Instance
    from tribometer.store.answer_rows import Value
    from tribometer.store.records.survey_records import Wave

    Kept = tuple[Response, Mapping[str, Value | None], Mapping[str, str | None]]

COUNTS = ("new", "updated", "unchanged", "rejected")
LISTED, SHOWN = 100, 20
OPEN_FOR = timedelta(days=92)
"""An imported wave that nobody closes is closed then, so that what leads to respondents goes."""
PURPOSE = "survey import"
NAME_LIMIT = 100
STANDARD_INPUT = "-"


def survey_import(
    instance: Instance, arguments: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]
) -> dict[str, Any]:
    """Land the one file of ``files`` as answers to ``instrument`` in ``wave``; ``map`` is as `map_argument` makes it.

    A file is a path, or {name, path} where a command beside the service has sent its bytes. ``rejections`` are the
    first rows that do not fit, ``rejected`` counts all. They are kept without what they say: the line, and the columns
    that cannot be read; a corrected file takes their place. Raises `UsageError` where nothing can land.
    """
    file = next((each if isinstance(each, dict) else {"name": each} for each in arguments["files"]), {"name": ""})
    with instance.records.runs.recorded(IMPORT, file["name"]) as outcome:
        report = _import(instance, arguments, file, tell)
        outcome.counts = {count: report[count] for count in COUNTS}
        outcome.error = "; ".join(report["errors"]) or None
    instance.audit("survey.import", report["wave"], instrument=report["instrument"], **outcome.counts)
    return report


def map_argument(given: str | None) -> dict[str, str] | None:
    """What ``--map`` names: a tool, or a file, whose text goes along to whoever performs the import."""
    if given is None:
        return None
    if given in header_maps.presets():
        return {"like": given}
    try:
        return {"name": given, "text": Path(given).read_text("utf-8")}
    except (OSError, UnicodeDecodeError) as error:
        tools = ", ".join(header_maps.presets())
        raise UsageError(
            f"{given}: this header map cannot be read: {error}. Give a TOML file, or one of {tools}."
        ) from None


def _import(
    instance: Instance,
    arguments: Mapping[str, Any],
    file: Mapping[str, str],
    tell: Callable[[Mapping[str, Any]], None],
) -> dict[str, Any]:
    name = arguments["wave"].strip()
    instrument = named(arguments["instrument"], instruments(instance.settings.surveys.instruments))
    wave = _standing(instance, name, instrument)
    report = {"wave": name, "instrument": instrument.slug, **dict.fromkeys(COUNTS, 0), "rejections": [], "errors": []}
    try:
        content = _content(file)
    except OSError as error:
        return {**report, "errors": [f"{file['name']}: {error.strerror}"] if file["name"] else []}
    reading = ingest.read(content, file["name"], instrument, _header_map(arguments.get("map")))
    if reading.rows:
        _open(instance, wave or _planned(instance, name, instrument, reading))
        report |= _land(instance, name, reading.rows)
    _keep(instance, f"survey {name}: {file['name']}", instrument.slug, reading.bad)
    for note in (*reading.notes, *_unknown(reading.unknown)):
        tell({"hint": note})
    rejections = [{"line": each.line, "reason": each.reason} for each in reading.bad[:LISTED]]
    return {**report, "rejected": len(reading.bad), "rejections": rejections}


def _content(file: Mapping[str, str]) -> bytes:
    if "path" not in file and file["name"] == STANDARD_INPUT:
        return sys.stdin.buffer.read(FILE_LIMIT + 1)
    with Path(file.get("path", file["name"])).open("rb") as opened:
        return opened.read(FILE_LIMIT + 1)


def _header_map(given: Mapping[str, str] | None) -> HeaderMap:
    if given is None:
        return header_maps.PLAIN
    return header_maps.preset(given["like"]) if "like" in given else header_maps.read_map(given["text"], given["name"])


def _unknown(headers: Sequence[str]) -> Iterator[str]:
    if headers:
        more = f" and {len(headers) - SHOWN:,} more" if len(headers) > SHOWN else ""
        listed = ", ".join(map(repr, headers[:SHOWN]))
        yield f"No item, so left out: {listed}{more}. A header map (--map) says what a column is."


def _standing(instance: Instance, name: str, instrument: Instrument) -> Wave | None:
    """The wave of that name, None where it is new; `UsageError` where it takes no answers of this kind."""
    if not name or len(name) > NAME_LIMIT:
        raise UsageError(f"--wave needs a name of 1 to {NAME_LIMIT} characters, like 2026-Q1.")
    surveys = instance.records.surveys
    wave = next((each for each in surveys.waves() if each.name == name), None)
    if wave is None:
        return None
    if wave.state in {"closing", "closed"}:
        raise UsageError(f"The wave {name!r} is closed: it takes no more answers. Give these a wave of another name.")
    if wave.instrument != instrument.slug:
        raise UsageError(f"The wave {name!r} asks {wave.instrument}, not {instrument.slug}. Give these another name.")
    # somebody who answered both ways would count as two, and a group of four as five
    if wave.channels or surveys.invitations(wave.number):
        raise UsageError(
            f"The wave {name!r} asks people by itself. Give answers from elsewhere a wave of another name."
        )
    return wave


def _planned(instance: Instance, name: str, instrument: Instrument, reading: Reading) -> Wave:
    """A new wave without invitations; it began on the day of the first answer, where the file tells."""
    now, promised = instance.clock(), instance.settings.surveys
    opens_at = utc_midnight(min((now, *(row.submitted_at for row in reading.rows if row.submitted_at is not None))))
    new = NewWave(
        name=name,
        instrument=instrument.slug,
        opens_at=opens_at,
        closes_at=now + OPEN_FOR,
        minimum=promised.minimum,
        comment_minimum=promised.comment_minimum,
        keep_days=promised.keep_days,
        channels=(),
        reminders=(),
    )
    return instance.records.surveys.add_wave(new)


def _open(instance: Instance, wave: Wave) -> None:
    """Open a wave that is not; an import that was cut off before this is made good by the next one."""
    with instance.store.reader() as reader:
        teams = parents(reader)
    keep_until = wave.closes_at + timedelta(days=wave.keep_days)
    instance.store.answers.open_wave(
        WaveFacts(
            wave.name,
            wave.instrument,
            wave.minimum,
            wave.comment_minimum,
            wave.opens_at,
            keep_until=keep_until,
            teams=teams,
        )
    )
    if wave.state == "planned":
        instance.records.surveys.move(wave.number, "open")


def _land(instance: Instance, wave: str, rows: Sequence[Row]) -> dict[str, int]:
    """Save what is new or says something else, in one transaction, and count."""
    answers = instance.store.answers
    standing = answers.standing(wave)
    counts = dict.fromkeys(COUNTS, 0)
    changed: list[Kept] = []
    for kept in _responses(instance, wave, rows):
        response, said, written = kept
        before = standing.get(response.response)
        if before is None:
            counts["new"] += 1
        elif before == (response.team, response.tenure) and _says(
            answers.given(wave, response.response, response.comment), said, written
        ):
            counts["unchanged"] += 1
            continue
        else:
            counts["updated"] += 1
        changed.append(kept)
    answers.save_all(wave, changed)
    return counts


def _says(
    given: tuple[Mapping[str, Value], Mapping[str, str]],
    said: Mapping[str, Value | None],
    written: Mapping[str, str | None],
) -> bool:
    """Whether a response says this already."""
    answers, comments = given
    return all(answers.get(item) == value for item, value in said.items()) and all(
        comments.get(item) == text for item, text in written.items()
    )


def _responses(instance: Instance, wave: str, rows: Sequence[Row]) -> Iterator[Kept]:
    """The rows under keys that only this data folder's key leads to, and only until the wave is closed."""
    key = instance.store.pseudonyms.purpose_key(PURPOSE)
    spelling = _spellings(instance)
    for row in rows:
        response, comment = (_keyed(key, wave, row.respondent, what) for what in ("response", "comment"))
        team = spelling.get(row.team.casefold(), row.team)
        yield Response(response, response, comment, team, row.tenure), row.answers, row.comments


def _keyed(key: bytes, *parts: str) -> str:
    """A key of a respondent; an address is the same however it is capitalised."""
    folded = [part.casefold() if "@" in part else part for part in parts]
    return hmac.digest(key, json.dumps(folded).encode(), sha256).hex()[:32]


def _spellings(instance: Instance) -> dict[str, str]:
    """The catalog's teams by their names however they are capitalised, and by what they are called."""
    with instance.store.reader() as reader:
        named_teams = reader.rows("SELECT name, MIN(id) AS team FROM teams WHERE name IS NOT NULL GROUP BY name")
        known = parents(reader)
    called = {name.casefold(): team for name, team in named_teams}
    return called | {team.casefold(): team for team in known}


def _keep(instance: Instance, origin: str, instrument: str, bad: Sequence[BadRow]) -> None:
    """Keep that rows did not fit, in place of what was kept of this file before, never what they say."""
    rejected = [
        Rejected(
            origin, each.line, each.kept, json.dumps({"survey": instrument, "line": each.line, "columns": each.columns})
        )
        for each in bad
    ]
    instance.store.land([], kind=PURPOSE, rejected=rejected, restated=[origin])
