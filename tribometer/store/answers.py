"""Survey answers in the event store: written by forms and imports, read by `surveys.scoring` alone.

Nothing here has a name. While a wave is open an invitation, or the key of an imported respondent, leads to its
response, so that answers can be changed and withdrawn; `close` draws every key anew and writes the rows in a new order,
so that neither a key nor a place joins an answer to whoever gave it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from tribometer.clock import naive_utc
from tribometer.errors import UsageError
from tribometer.store.answer_rows import NOT_APPLICABLE, SAVED, Response, Said, Value, tables_of, value_of
from tribometer.store.connection import translated
from tribometer.store.together import Together

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    import duckdb
    import pyarrow as pa

    from tribometer.store.held_file import HeldFile

KEYED = ("responses", "answers", "comments")


@dataclass(frozen=True)
class WaveFacts:
    """A wave as its answers know it; ``teams`` gives the team above each, thresholds are those it was opened with."""

    wave: str
    instrument: str
    minimum: int
    comment_minimum: int
    opened_at: datetime
    closed_at: datetime | None = None
    keep_until: datetime | None = None
    teams: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class ClosedWave:
    """Everything a closed wave says, for scoring only: never handed to a page, an API or a log as it is.

    ``answers`` has the columns respondent, team, tenure, event_class, late, response, item, number, choice, one row per
    answer; ``respondents`` has respondent, team, tenure, late; ``comments`` has item, team (the one above), text.
    ``invited`` counts who was asked by (team, tenure), empty where nobody knows.
    """

    facts: WaveFacts
    answers: pa.Table
    respondents: pa.Table
    comments: pa.Table
    invited: Mapping[tuple[str, str], int]


def new_key() -> str:
    """A random key that says nothing."""
    return secrets.token_hex(16)


class Answers:
    """The answers of all waves. Methods that write raise `UsageError` for a wave that is unknown or closed."""

    def __init__(self, file: HeldFile, clock: Callable[[], datetime]) -> None:
        self._file = file
        self._clock = clock
        self._forms = Together(self.save_all)

    def open_wave(self, facts: WaveFacts) -> None:
        """Begin to take answers; a wave that is there already stays as it is."""
        with self._file.writing("opening a survey wave") as connection:
            if _found(connection, facts.wave) is not None:
                return
            connection.execute(
                "INSERT INTO answers.waves VALUES (?, ?, ?, ?, ?, NULL, ?)",
                [
                    facts.wave,
                    facts.instrument,
                    facts.minimum,
                    facts.comment_minimum,
                    naive_utc(facts.opened_at),
                    None if facts.keep_until is None else naive_utc(facts.keep_until),
                ],
            )
            for team, parent in facts.teams.items():
                connection.execute("INSERT INTO answers.teams VALUES (?, ?, ?)", [facts.wave, team, parent])

    def save(
        self, wave: str, response: Response, answers: Mapping[str, Value | None], comments: Mapping[str, str | None]
    ) -> None:
        """Put a response in place of what it said before, in one transaction; None or an empty text takes one away.

        Those that come from several threads at a time may share it. Items that are not named stay as they are. A
        comment is kept with the team above the respondent's.
        """
        self._forms.save(wave, (response, answers, comments))

    def save_all(self, wave: str, responses: Sequence[Said]) -> None:
        """Save many responses in one transaction: all of a file, or nothing; of two with one key the last counts."""
        tables = tables_of(responses)
        with self._file.writing("saving survey answers") as connection:
            _open(connection, wave)
            for name, table in tables.items():
                connection.register(name, table)
            for text in SAVED:
                connection.execute(text, {"wave": wave})
            for name in tables:
                connection.unregister(name)

    def given(self, wave: str, response: str, comment: str) -> tuple[dict[str, Value], dict[str, str]]:
        """What a response says so far, and its comments, by item: for whoever holds its keys."""
        with self._file.reading() as connection, translated("reading a response"):
            answers = connection.execute(
                "SELECT item, number, choice FROM answers.answers WHERE wave = ? AND response = ?", [wave, response]
            ).fetchall()
            comments = connection.execute(
                "SELECT item, text FROM answers.comments WHERE wave = ? AND comment = ?", [wave, comment]
            ).fetchall()
        return {item: value_of(number, choice) for item, number, choice in answers}, dict(comments)

    def withdraw(self, wave: str, response: str, comment: str) -> None:
        """Delete a response with everything it says; one that is not there is gone already."""
        with self._file.writing("withdrawing survey answers") as connection:
            _open(connection, wave)
            connection.execute("DELETE FROM answers.answers WHERE wave = ? AND response = ?", [wave, response])
            connection.execute("DELETE FROM answers.responses WHERE wave = ? AND response = ?", [wave, response])
            connection.execute("DELETE FROM answers.comments WHERE wave = ? AND comment = ?", [wave, comment])

    def standing(self, wave: str) -> dict[str, tuple[str, str]]:
        """Team and tenure of each response so far, by its key: for whoever can make the keys."""
        with self._file.reading() as connection, translated("reading survey responses"):
            rows = connection.execute(
                "SELECT response, team, tenure FROM answers.responses WHERE wave = ?", [wave]
            ).fetchall()
        return {response: (team, tenure) for response, team, tenure in rows}

    def answered(self, wave: str) -> dict[str, int]:
        """How many respondents of each team have answered anything so far."""
        with self._file.reading() as connection, translated("counting survey answers"):
            rows = connection.execute(
                "SELECT team, COUNT(DISTINCT respondent) AS people FROM answers.responses WHERE wave = ? GROUP BY team",
                [wave],
            ).fetchall()
        return dict(rows)

    def close_wave(self, wave: str, invited: Mapping[tuple[str, str], int], closed_at: datetime | None = None) -> None:
        """Close a wave: draw all keys anew, shuffle the rows, note how many were asked by (team, tenure).

        ``closed_at`` is now unless given. In one transaction; closing a closed wave changes nothing. Responses without
        any answer or comment are dropped.
        """
        with self._file.writing("closing a survey wave") as connection:
            found = _found(connection, wave)
            if found is None:
                raise UsageError(f"There is no wave {wave!r}. `tribometer survey list` lists them.")
            if found.closed_at is not None:
                return
            for name, text in SHUFFLED.items():
                connection.execute(f"CREATE OR REPLACE TEMP TABLE shuffled_{name} AS {text}", [wave] * text.count("?"))
            for name in KEYED:
                connection.execute(f"DELETE FROM answers.{name} WHERE wave = ?", [wave])  # noqa: S608 - our own names
                connection.execute(
                    f"INSERT INTO answers.{name} SELECT * EXCLUDE (place) FROM shuffled_{name} ORDER BY place"  # noqa: S608 - as above
                )
                connection.execute(f"DROP TABLE shuffled_{name}")
            connection.execute("DROP TABLE shuffled_keys")
            for (team, tenure), people in invited.items():
                connection.execute("INSERT INTO answers.invited VALUES (?, ?, ?, ?)", [wave, team, tenure, people])
            connection.execute(
                "UPDATE answers.waves SET closed_at = ? WHERE wave = ?", [naive_utc(closed_at or self._clock()), wave]
            )

    def waves(self) -> list[WaveFacts]:
        """All waves, the one opened last first."""
        with self._file.reading() as connection, translated("reading survey waves"):
            names = connection.execute("SELECT wave FROM answers.waves ORDER BY opened_at DESC, wave").fetchall()
            return [facts for (name,) in names if (facts := _found(connection, name)) is not None]

    def wave(self, wave: str) -> WaveFacts | None:
        """One wave; None where there is none of that name."""
        with self._file.reading() as connection, translated("reading survey waves"):
            return _found(connection, wave)

    def closed(self, wave: str) -> ClosedWave:
        """Everything a closed wave says, for scoring only; `UsageError` for one that is unknown or still open."""
        with self._file.reading() as connection, translated("reading survey answers"):
            facts = _found(connection, wave)
            if facts is None:
                raise UsageError(f"There is no wave {wave!r}. `tribometer survey list` lists them.")
            if facts.closed_at is None:
                raise UsageError(f"The wave {wave!r} is still open: results are told once it is closed.")
            answers, respondents, comments = (
                connection.sql(text, params=[wave]).to_arrow_table() for text in (ANSWERS, RESPONDENTS, COMMENTS)
            )
            invited = connection.execute(
                "SELECT team, tenure, people FROM answers.invited WHERE wave = ?", [wave]
            ).fetchall()
        return ClosedWave(
            facts, answers, respondents, comments, {(team, tenure): people for team, tenure, people in invited}
        )

    def forget_wave(self, wave: str) -> None:
        """Delete a wave and all its answers: its time is over."""
        with self._file.writing("deleting a survey wave") as connection:
            for name in ("answers", "comments", "responses", "invited", "teams", "waves"):
                connection.execute(f"DELETE FROM answers.{name} WHERE wave = ?", [wave])  # noqa: S608 - our own names


ANSWERS = """
SELECT r.respondent, r.team, r.tenure, r.event_class, r.late, r.response, a.item, a.number, a.choice
FROM answers.answers AS a JOIN answers.responses AS r ON r.wave = a.wave AND r.response = a.response
WHERE a.wave = ?
"""
RESPONDENTS = """
SELECT respondent, MAX(team) AS team, MAX(tenure) AS tenure, BOOL_AND(late) AS late
FROM answers.responses WHERE wave = ? GROUP BY respondent
"""
COMMENTS = "SELECT item, team, text FROM answers.comments WHERE wave = ? ORDER BY item, comment"
SHUFFLED: Mapping[str, str] = {
    "keys": """
SELECT r.response, uuid()::VARCHAR AS new_response, p.new_respondent
FROM answers.responses AS r
JOIN (
    SELECT respondent, uuid()::VARCHAR AS new_respondent
    FROM (SELECT DISTINCT respondent FROM answers.responses WHERE wave = ?)
) AS p ON p.respondent = r.respondent
WHERE r.wave = ?
""",
    "responses": f"""
SELECT r.wave, k.new_response AS response, k.new_respondent AS respondent, r.team, r.tenure, r.event_class, r.late,
    random() AS place
FROM answers.responses AS r JOIN shuffled_keys AS k ON k.response = r.response
WHERE r.wave = ? AND EXISTS (
    SELECT 1 AS found FROM answers.answers AS a
    WHERE a.wave = r.wave AND a.response = r.response AND a.choice IS DISTINCT FROM '{NOT_APPLICABLE}'
)
""",  # noqa: S608 - a constant of our own
    "answers": f"""
SELECT a.wave, k.new_response AS response, a.item, a.number, a.choice, random() AS place
FROM answers.answers AS a JOIN shuffled_keys AS k ON k.response = a.response
WHERE a.wave = ? AND a.choice IS DISTINCT FROM '{NOT_APPLICABLE}'
""",  # noqa: S608 - as above
    "comments": """
SELECT wave, uuid()::VARCHAR AS comment, item, team, text, random() AS place FROM answers.comments WHERE wave = ?
""",
}


def _found(connection: duckdb.DuckDBPyConnection, wave: str) -> WaveFacts | None:
    row = connection.execute("SELECT * FROM answers.waves WHERE wave = ?", [wave]).fetchone()
    if row is None:
        return None
    teams = connection.execute("SELECT team, parent FROM answers.teams WHERE wave = ?", [wave]).fetchall()
    name, instrument, minimum, comment_minimum, opened, closed, keep = row
    return WaveFacts(
        name,
        instrument,
        minimum,
        comment_minimum,
        opened.replace(tzinfo=UTC),
        _aware(closed),
        _aware(keep),
        dict(teams),
    )


def _open(connection: duckdb.DuckDBPyConnection, wave: str) -> None:
    found = _found(connection, wave)
    if found is None:
        raise UsageError(f"There is no wave {wave!r}. `tribometer survey list` lists them.")
    if found.closed_at is not None:
        raise UsageError(f"The wave {wave!r} is closed: it takes no more answers.")


def _aware(at: Any) -> datetime | None:  # noqa: ANN401 - what DuckDB gives for a time or none
    return None if at is None else at.replace(tzinfo=UTC)
