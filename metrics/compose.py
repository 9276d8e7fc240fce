"""One statement out of shared facts: every fact becomes a common table expression named like its file.

A ``.sql`` file's header ``-- uses: fact_a, fact_b`` names the facts it reads; theirs are resolved likewise. Tables that
a query is given (params and the like) are found by their name in the text, so they need no header. A fact that
reads ``these`` is applied to any relation: ``-- uses: name = business_seconds(relation)``. ``-- uses: name = fact``
puts a fact where others read ``name``: the first that is named stands.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import pyarrow as pa

USES = re.compile(r"^--\s*uses:(.*)$", re.MULTILINE)
COMMENT = re.compile(r"--[^\n]*")
WORD = re.compile(r"\w+")
NAMED = re.compile(r"(\w+)\s*=\s*(\w+)(?:\((\w+)\))?")

Chain = dict[str, str]
"""CTE bodies by name, each after what it reads."""
MOST_LITERALS, FEW_LITERALS = 20_000, 12
"""Rows of a given table that are written into a statement; of a larger one the first few, and a remark."""


@cache
def fact(name: str) -> str:
    """The text of ``metrics/facts/<name>.sql``: one select, with a comment that says what a row is."""
    return files("metrics").joinpath("facts", f"{name}.sql").read_text(encoding="utf-8").strip()


def uses(text: str) -> tuple[str, ...]:
    """The facts that a select's header names."""
    return tuple(name.strip() for line in USES.findall(text) for name in line.split(",") if name.strip())


def chain(names: Iterable[str], given: Collection[str] = (), into: Chain | None = None) -> Chain:
    """All facts that ``names`` need, themselves included, except those ``given`` as tables."""
    found: Chain = {} if into is None else into
    for use in names:
        named = NAMED.fullmatch(use)
        name, source, relation = named.groups() if named else (use, use, None)
        if name in found or name in given:
            continue
        text = fact(source)
        chain([*([relation] if relation else []), *uses(text)], given, found)
        found[name] = re.sub(r"\bthese\b", relation, text) if relation else text
    return found


def statement(ctes: Mapping[str, str], final: str) -> str:
    """``final`` behind the common table expressions it reads."""
    parts = ",\n".join(f"{name} AS (\n{_indented(body)}\n)" for name, body in ctes.items())
    return f"WITH {parts}\n{final}" if parts else final


def bare(text: str) -> str:
    """A text without its comments: what an engine reads."""
    return COMMENT.sub("", text)


def mentions(text: str, name: str) -> bool:
    """Whether a text names a table."""
    return name in words(text)


@lru_cache(maxsize=64)
def words(text: str) -> frozenset[str]:
    """All words of a text: it is asked for one given table after the other."""
    return frozenset(WORD.findall(text))


def literal_table(table: pa.Table) -> str:
    """A table as a select of literals, so that a statement needs nothing but the store; of a large one the first."""
    columns = ", ".join(_cast(f"t.{field.name}", str(field.type)) for field in table.schema)
    names = ", ".join(table.column_names)
    if table.num_rows > MOST_LITERALS:
        note = f"-- the first {FEW_LITERALS} of {table.num_rows:,} rows, too many to write: these give other numbers\n"
        return note + literal_table(table.slice(0, FEW_LITERALS))
    if table.num_rows == 0:
        nulls = ", ".join(_cast("NULL", str(field.type), field.name) for field in table.schema)
        return f"SELECT {nulls} WHERE 1 = 0"
    rows = ",\n    ".join("(" + ", ".join(literal(value) for value in row.values()) + ")" for row in table.to_pylist())
    return f"SELECT {columns} FROM (VALUES\n    {rows}\n) AS t({names})"  # noqa: S608 - literals are quoted


def literal(value: object) -> str:
    """A value as SQL: text quoted, times as naive UTC, missing as NULL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def _cast(expression: str, arrow_type: str, alias: str | None = None) -> str:
    name = alias or expression.removeprefix("t.")
    if arrow_type.startswith("timestamp"):
        return f"CAST({expression} AS TIMESTAMP) AS {name}"
    if arrow_type.startswith("date"):
        return f"CAST({expression} AS DATE) AS {name}"
    if arrow_type.startswith("string"):
        return f"CAST({expression} AS STRING) AS {name}"
    return f"CAST({expression} AS {'DOUBLE' if arrow_type == 'double' else _whole(arrow_type)}) AS {name}"


def _whole(arrow_type: str) -> str:
    return "BOOLEAN" if arrow_type == "bool" else "BIGINT"


def _indented(body: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in body.strip().splitlines())
