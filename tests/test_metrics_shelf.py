from __future__ import annotations

import pyarrow as pa

from metric_answers import landed
from metrics.shelf import Shelf


def numbers(*values: int) -> pa.Table:
    return pa.table({"n": list(values)})


def test_what_reads_a_table_that_changed_is_made_again() -> None:
    with landed([]) as reader:
        shelf = Shelf(reader)
        found = []
        for table in (numbers(1, 2), numbers(1, 2, 3)):
            shelf.give("given", table)
            shelf.keep("doubled", "SELECT 2 * g.n AS n FROM given AS g")
            shelf.keep("total", "SELECT SUM(d.n) AS n FROM doubled AS d")
            found += reader.rows("SELECT n FROM total")

    assert found == [(6,), (12,)]


def test_what_stayed_the_same_is_not_made_again() -> None:
    with landed([]) as reader:
        shelf = Shelf(reader)
        for _ in range(2):
            shelf.give("given", numbers(1))
            shelf.keep("copy", "SELECT g.n FROM given AS g")
            reader.rows("INSERT INTO copy VALUES (7)")

        assert sorted(reader.rows("SELECT n FROM copy")) == [(1,), (7,), (7,)]


def test_a_column_or_a_remark_that_names_a_table_does_not_read_it() -> None:
    with landed([]) as reader:
        shelf = Shelf(reader)
        for _ in range(2):
            shelf.keep("answer", "-- holidays\nSELECT t.parent FROM teams AS t")
            reader.rows("INSERT INTO answer VALUES ('seven')")
            shelf.give("parent", numbers(1))
            shelf.give("holidays", numbers(1))

        assert reader.rows("SELECT * FROM answer") == [("seven",), ("seven",)]
