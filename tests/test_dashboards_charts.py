import altair as alt
from altair.utils import schemapi

from dashboards import charts
from dashboards.data import STAGES
from metrics.result import Services
from page_reader import result, weekly


def test_every_chart_is_what_the_drawing_library_understands() -> None:
    lead = weekly("change_lead_time", [7200.0, None, 3600.0])
    services = lead.model_copy(update={"services": Services(n=3, ok=2, p25=1.0, p50=2.0, p75=3.0)})
    parts = [
        {"stage": "coding", "value": 60.0, "share": 0.4, "n": 3},
        {"stage": "deploy", "value": 9.0, "share": 0.6, "n": 3},
    ]
    with schemapi.debug_mode(arg=True):
        drawn = [
            alt.LayerChart.from_dict(charts.trend(lead)),
            alt.LayerChart.from_dict(charts.trend(lead, axes=False)),
            charts.stage_bar(result("lead_time_stages", parts=parts)),
            charts.distribution(services, "Change lead time"),
        ]
        assert all(chart.to_dict(validate=True)["layer"] for chart in drawn)


def test_without_any_interval_no_layer_is_empty() -> None:
    rate = weekly("deployment_frequency", [0.0, 0.0])
    bare = rate.model_copy(update={"series": [each.model_copy(update={"interval": None}) for each in rate.series]})
    assert len(charts.trend(rate)["layer"]) == 3
    assert len(charts.trend(bare)["layer"]) == 2


def test_the_line_joins_whole_buckets_only_and_a_cut_one_keeps_its_point() -> None:
    # the first of the weeks is cut by the window
    chart = charts.trend(weekly("deployment_frequency", [1.0, 7.0, 8.0]))
    drawn = {layer["mark"]["type"]: layer for layer in chart["layer"]}
    records = chart["data"]["values"]
    assert [record[drawn["line"]["encoding"]["y"]["field"]] for record in records] == [None, 7.0, 8.0]
    assert [record[drawn["point"]["encoding"]["y"]["field"]] for record in records] == [1.0, 7.0, 8.0]
    assert "!datum.partial" in drawn["point"]["encoding"]["fillOpacity"]["condition"]["test"]


def test_a_share_is_written_in_the_ink_that_can_be_read_on_its_stage() -> None:
    parts = [{"stage": stage, "value": 60.0, "share": 1 / 7, "n": 3} for stage in STAGES]
    _, label = charts.stage_bar(result("lead_time_stages", parts=parts)).to_dict()["layer"]
    ink = label["encoding"]["color"]
    light = ink["condition"]["test"]["oneOf"]
    assert light == ["Coding"]
    for name, colour in STAGES.values():
        chosen = ink["condition"]["value"] if name in light else ink["value"]
        assert charts.contrast(chosen, colour) >= 4.5
    assert round(charts.contrast("#000000", "#FFFFFF"), 6) == 21
