from altair.utils import schemapi

from dashboards import charts
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
            charts.trend(lead),
            charts.trend(lead, axes=False),
            charts.stage_bar(result("lead_time_stages", parts=parts)),
            charts.distribution(services, "Change lead time"),
        ]
        assert all(chart.to_dict(validate=True)["layer"] for chart in drawn)


def test_without_any_interval_no_layer_is_empty() -> None:
    rate = weekly("deployment_frequency", [0.0, 0.0])
    bare = rate.model_copy(update={"series": [each.model_copy(update={"interval": None}) for each in rate.series]})
    assert len(charts.trend(rate).to_dict()["layer"]) == 3
    assert len(charts.trend(bare).to_dict()["layer"]) == 2
