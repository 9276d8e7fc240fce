"""A chart of the same data is made once, and one of other data is another chart."""

from __future__ import annotations

import altair as alt

from dashboards.drawing import Specifications

MADE: list[tuple[object, ...]] = []


def bar(records: list[dict[str, float]], *, height: int = 100) -> alt.LayerChart:
    MADE.append((records, height))
    mark = alt.Chart(alt.InlineData(values=records)).mark_bar().encode(x="value:Q")
    return alt.LayerChart(layer=[mark]).properties(height=height)


def test_the_same_data_is_made_into_a_chart_once_and_other_data_or_options_into_another() -> None:
    kept = Specifications()
    MADE.clear()
    one = kept.of(bar, ([{"value": 1.0}],), {})
    assert kept.of(bar, ([{"value": 1.0}],), {}) is one
    assert len(MADE) == 1
    assert kept.of(bar, ([{"value": 2.0}],), {}) != one
    assert kept.of(bar, ([{"value": 1.0}],), {"height": 50})["height"] == 50
    assert len(MADE) == 3


def test_only_the_newest_are_kept() -> None:
    kept = Specifications(most=1)
    MADE.clear()
    for value in (1.0, 2.0, 1.0):
        kept.of(bar, ([{"value": value}],), {})
    assert len(MADE) == 3
