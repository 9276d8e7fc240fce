"""Every .sql file of the metrics runs verbatim on DuckDB and on Spark: it keeps to the subset that both share."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

FOLDER = Path(__file__).parents[1] / "metrics"
FILES = sorted(FOLDER.rglob("*.sql"))
FORBIDDEN = {
    r"::": "write CAST",
    r"->": "no arrows: neither JSON paths nor lambdas are shared",
    r"\basof\b": "write a union and a window",
    r"\b(string_agg|listagg|group_concat)\b": "differs in order and separator",
    r"\b(date_diff|datediff|age|epoch|date_part)\b": "use seconds_between",
    r"\b(unnest|explode|generate_series|range|sequence)\s*\(": "hand the rows over as a table",
    r"\b(regexp_(?!extract\b)\w+|rlike|similar\s+to|~)": "use matches",
    r"\b(dayofweek|weekday|isodow|strftime|date_format|to_char)\b": "calendars come as tables",
    r"\blist_\w+\s*\(": "only array_sort, array_agg and array_contains",
    r"\bVARCHAR\b": "Spark wants a length: write STRING",
    r"\bsplit_part\b|\bcontains\s*\(|\bstarts_with\s*\(": "named otherwise elsewhere",
    r"\bexclude\s*\(|\breplace\s*\(|\bcolumns\s*\(": "star modifiers are not shared",
    r"\bgroup\s+by\s+(all|\d)": "name the columns",
    r"\border\s+by\s+(all|\d)": "name the columns",
}
BEHIND_A_TABLE = "AS|ON|JOIN|LEFT|CROSS|INNER|WHERE|GROUP|ORDER|UNION|QUALIFY|HAVING|LATERAL"


def bare(path: Path) -> str:
    """The file without comments and string literals."""
    text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    return re.sub(r"'[^']*'", "''", text)


def trees(path: Path) -> list[exp.Expr]:
    """The file as both dialects read it."""
    text = path.read_text(encoding="utf-8")
    return [sqlglot.parse_one(text, read=dialect) for dialect in ("duckdb", "spark")]


def named(path: Path) -> str:
    return str(path.relative_to(FOLDER))


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_is_one_select_in_both_dialects(path: Path) -> None:
    assert [type(tree) in (exp.Select, exp.Union) for tree in trees(path)] == [True, True]


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_uses_nothing_the_engines_disagree_about(path: Path) -> None:
    text = bare(path)
    assert [(rule, why) for rule, why in FORBIDDEN.items() if re.search(rule, text, re.IGNORECASE)] == []


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_order_says_where_nulls_stand(path: Path) -> None:
    # percentiles skip nulls, and a CASE with an ELSE has none
    text = re.sub(r"WITHIN GROUP \(ORDER BY [^)]*\)", "", bare(path))
    orders = re.findall(r"ORDER BY(.*?)(?:\)|ROWS|LIMIT|$)", text, re.IGNORECASE | re.DOTALL)
    terms = [term.strip() for order in orders for term in order.split(",")]
    assert [term for term in terms if not re.search(r"NULLS (FIRST|LAST)$|ELSE \d+ END$", term, re.IGNORECASE)] == []


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_number_is_cast_to_a_whole_one(path: Path) -> None:
    """DuckDB rounds, Spark cuts; text is read by TRY_CAST on both."""
    casts = [cast for cast in trees(path)[0].find_all(exp.Cast) if not isinstance(cast, exp.TryCast)]
    assert [cast.sql() for cast in casts if cast.to.is_type(*exp.DataType.INTEGER_TYPES)] == []


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_division_is_guarded(path: Path) -> None:
    unsafe = [
        division.sql()
        for division in trees(path)[0].find_all(exp.Div)
        if not isinstance(division.expression, exp.Nullif | exp.Literal)
    ]
    assert unsafe == []


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_alias_of_a_column_says_as(path: Path) -> None:
    """A missing comma reads as an alias; with AS required it is an error a reader sees."""
    assert re.findall(rf"\b(?:FROM|JOIN)\s+\w+\s+(?!(?:{BEHIND_A_TABLE})\b)\w+", bare(path), re.IGNORECASE) == []


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "facts"], ids=named)
def test_a_fact_says_what_a_row_is(path: Path) -> None:
    comment = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("--"))
    assert re.search(r"\b(A row (is|of)|One row)\b", comment)
