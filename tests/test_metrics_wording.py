"""How values read: units a reader thinks in, and nothing rounded so far that it says something else."""

from __future__ import annotations

import pytest

from metrics.wording import WORKING, value_text


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        ("seconds", None, "—"),
        ("seconds", 0.0, "0 s"),
        ("seconds", 59.4, "59 s"),
        ("seconds", 59.6, "1 min"),
        ("seconds", 437.0, "7 min 17 s"),
        ("seconds", 480.0, "8 min"),
        ("seconds", 899.7, "15 min"),
        ("seconds", 3_570.0, "1 h 0 min"),
        ("seconds", 5_400.0, "1 h 30 min"),
        ("seconds", -437.0, "-7 min 17 s"),
        ("seconds", 172_800.0, "2.0 days"),
        (WORKING, 5_400.0, "1 h 30 min"),
        (WORKING, 57_000.0, "15 h 50 min"),
        (WORKING, 72_000.0, "2.5 working days"),
        (WORKING, -72_000.0, "-2.5 working days"),
        ("share", -0.0001, "0.0 %"),
        ("share", -0.004, "-0.4 %"),
        ("share", 0.0, "0 %"),
        ("share", -1e-17, "0 %"),
        ("share", 0.184, "18 %"),
    ],
)
def test_a_value_reads_as_people_say_it(unit: str, value: float | None, words: str) -> None:
    assert value_text(unit, value) == words
