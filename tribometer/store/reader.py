"""A cursor for one use: readers run beside the writer and see what was committed when their query began."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tribometer.errors import StoreError
from tribometer.store.connection import translated

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

ANSWERS = re.compile(r'\banswers"?\s*\.', re.IGNORECASE)


class Reader:
    """Runs SQL over the store. Times come back as naive UTC. Temporary tables last as long as the reader."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self.held = False

    def hold(self) -> None:
        """From here on see the store as it is now, whatever lands meanwhile; ``held`` tells."""
        if not self.held:
            with translated("query"):
                self._cursor.execute("BEGIN TRANSACTION")
        self.held = True

    def rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """All rows of a query with ``$name`` parameters."""
        _spare_answers(sql)
        with translated("query"):
            return self._cursor.execute(sql, parameters or None).fetchall()

    def table(self, sql: str, **parameters: object) -> pa.Table:
        """The result of a query with ``$name`` parameters as an Arrow table."""
        _spare_answers(sql)
        with translated("query"):
            return self._cursor.sql(sql, params=parameters or None).to_arrow_table()

    def define(self, name: str, table: pa.Table) -> None:
        """Make a temporary table of that name, in place of an earlier one."""
        with translated(f"table {name}"):
            self._cursor.register("defined", table)
            self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE {_quoted(name)} AS FROM defined")
            self._cursor.unregister("defined")

    def materialise(self, name: str, sql: str) -> None:
        """Make a temporary table of a query's result, in place of an earlier one."""
        _spare_answers(sql)
        with translated(f"table {name}"):
            self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE {_quoted(name)} AS {sql}")


def _spare_answers(sql: str) -> None:
    """Refuse what would read survey answers: they have a way of their own, which tells of groups only (ADR 13)."""
    if ANSWERS.search(sql):
        raise StoreError("survey answers are not read by queries: ask for the results of a closed wave.")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
