"""What a person who asks for a number is told beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service_places import NOON, clock, clone, deployments
from tribometer.events import parse_event
from tribometer.service import hints
from tribometer.service.collecting import collect
from tribometer.service.instance import Instance, blank, opened
from tribometer.service.session import Direct
from tribometer.settings import Settings

MONO = [
    {"type": "service", "source": "catalog", "id": name, "name": name, "repository": "acme/mono"}
    for name in ("cart", "search")
]
OWNED = {"type": "ownership", "source": "catalog", "id": "o1", "team": "checkout", "service": "cart"}

CUT = {
    "type": "commit", "source": "git:shop", "id": "c1", "repository": "shop", "sha": "c1", "parents": ["c0"],
    "authored_at": "2026-01-01T00:00:00Z", "committed_at": "2026-01-01T00:00:00Z",
}  # fmt: skip


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    with opened(Settings(data=tmp_path / "data"), clock) as held:
        held.store.land([parse_event(told) for told in deployments(4)])
        held.changed()
        yield held


def told(instance: Instance, **arguments: Any) -> str:
    """Ask for deployment frequency and return the hints."""
    said: list[str] = []
    Direct(instance).perform("metric", {"name": "deployment_frequency", **arguments}, lambda m: said.append(m["hint"]))
    return "\n".join(said)


def test_a_window_before_the_end_of_a_cut_history_is_said_to_begin_too_early(instance: Instance) -> None:
    asked = {"start": "2025-01-01", "end": f"{NOON:%Y-%m-%d}"}
    assert told(instance, **asked) == ""
    instance.store.land([parse_event({**CUT, "history_cut": True})])
    instance.changed()
    assert "no deployment before 2026-01-28 is known" in told(instance, **asked)
    assert told(instance, **{**asked, "start": "2026-01-30"}) == ""
    instance.store.land([parse_event({**CUT, "history_cut": False})])
    instance.changed()
    assert told(instance, **asked) == ""


def test_a_folder_in_which_nothing_was_collected_is_named_and_so_is_the_demo_beside_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    with blank(settings, clock) as nothing:
        assert told(nothing) == f"nothing was collected in {tmp_path / 'data'} yet: tribometer up does that"
        with opened(Settings(data=tmp_path / f"data{hints.DEMO_SUFFIX}"), clock):
            pass
        assert f"of the demo: --data {tmp_path / 'data-demo'}" in told(nothing)


@pytest.mark.parametrize("scope", [{"team": "checkout"}, {"service": "cart"}])
def test_who_asks_for_services_of_a_repository_whose_deployments_name_none_is_told_so(
    instance: Instance, scope: dict[str, str]
) -> None:
    team = {"type": "team", "source": "catalog", "id": "checkout"}
    instance.store.land([parse_event(each) for each in (*MONO, OWNED, team, *deployments(3, "acme/mono"))])
    instance.changed()
    said = told(instance, **scope)
    assert "repository 'acme/mono' is of several services (cart, search), and 3 of its deployments do not say" in said
    assert "Let the environment name the service, like live-cart" in said
    assert "acme/mono" not in told(instance, service="shop")


def test_a_number_without_anything_to_count_says_that_its_source_was_not_read_yet(tmp_path: Path) -> None:
    tables = ({"kind": "git", "path": str(clone(tmp_path / "acme")), "name": "shop"},)
    with opened(Settings(data=tmp_path / "data", sources=tables), clock) as held:
        assert "not read yet" not in told(held)
        with held.source_lock("git:shop"):
            assert "not read yet: the first collection of git:shop is under way" in told(held)
        held.store.sources.started("git:shop", "git")
        assert "not read yet: git:shop was not collected to the end yet" in told(held)
        collect(held, {}, print)
        assert "not read yet" not in told(held)


def test_who_asks_for_a_repository_is_told_what_the_catalog_calls_its_service(instance: Instance) -> None:
    entry = {"type": "service", "source": "catalog", "id": "shop", "name": "shop", "repository": "acme/shop"}
    instance.store.land([parse_event(entry)])
    instance.changed()
    assert told(instance, service="acme/shop") == "The catalog calls the service of 'acme/shop' 'shop': ask for that."
    assert "No event names a service 'acme/else'" in told(instance, service="acme/else")
