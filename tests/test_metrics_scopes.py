from __future__ import annotations

import factories as make
from metric_answers import landed
from metrics import services, teams
from test_metrics_core import delivered


def test_repositories_are_services_only_without_a_catalog() -> None:
    repository = make.repository("acme/tools")
    with landed([repository]) as reader:
        assert services(reader) == ["acme/tools"]
    with landed([repository, make.service("web"), make.service("kit", kind="library")]) as reader:
        assert services(reader) == ["web"]


def test_a_team_goes_by_its_id_whether_an_event_describes_or_only_names_it() -> None:
    named = [make.event("team", "pay", name="Payments", parent="shop"), make.ownership("o", "web", service="site")]
    with landed([*delivered("api", 1), *named]) as reader:
        assert teams(reader) == ["pay", "web"]
