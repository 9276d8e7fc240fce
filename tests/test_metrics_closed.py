"""What is kept of closed periods against the same computed from scratch, whatever lands in whatever order."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import factories as make
import metrics
from factories import Event, day
from metric_answers import NOW, query, versions
from metrics import CATALOGUE, Query
from metrics.closed_units import due, standing
from metrics.computation import findings
from metrics.workspace import Workspace
from organisations import Organisation, organisation_of, organisations, shuffled
from tribometer.events import parse_event
from tribometer.privacy import KEY_FILE
from tribometer.settings import Rules
from tribometer.store import EventStore
from tribometer.store.closed import ClosedResult
from tribometer.store.connection import FILE_NAME
from tribometer.store.importing import ByColumn, import_files
from tribometer.store.stamps import TABLES, UNSTAMPED, NotingReader
from vector_cases import compare

KEPT = sorted(name for name, metric in CATALOGUE.items() if metric.people is None)
"""Nothing of people is ever kept."""
UNITS = [name for name in KEPT if CATALOGUE[name].statistic is not None]
KEPT_UNITS = [name for name in UNITS if CATALOGUE[name].clock == "calendar" and CATALOGUE[name].reads]
"""A day of business ends with the clock's day, so what is counted by it is measured anew."""
OTHER_RULES = Rules(failure_window=timedelta(days=2), hotfix=("^fix",))


@dataclass
class Kept:
    """A store, the clock, and what was given to it to keep."""

    folder: Path
    now: datetime
    rules: Rules = field(default_factory=Rules)
    results: list[ClosedResult] = field(default_factory=list)
    store: EventStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = EventStore.open(self.folder, self.rules, clock=lambda: self.now)

    def restart(self, rules: Rules | None = None) -> None:
        """Close the store and open it again, as another version of the settings would."""
        self.store.close()
        self.rules = rules or self.rules
        self.store = EventStore.open(self.folder, self.rules, clock=lambda: self.now)

    def collect_nothing(self, reads: Sequence[str]) -> None:
        """Let a source be known that could have told these types."""
        self.store.land([], source="quiet")
        self.store.sources.succeeded("quiet", reads=reads)

    def land(self, events: Sequence[Event]) -> None:
        """Land contract events."""
        self.store.land([parse_event(each) for each in events], source="test")

    def land_by_columns(self, events: Sequence[Event]) -> None:
        """Land contract events as a large file of them lands."""
        file = self.folder / "events.jsonl"
        file.write_text("\n".join(json.dumps(each) for each in events), encoding="utf-8")
        import_files(self.store, [file], columns=ByColumn(least_bytes=0), refresh=False)

    def map_environments(self, tier: str | None) -> None:
        """Say of every environment that no rule knows which tier it is."""
        with self.store.reader() as reader:
            found = reader.rows("SELECT DISTINCT environment FROM deployments WHERE environment IS NOT NULL")
        for (name,) in found:
            self.store.map_environment(name, tier)

    def restore(self) -> None:
        """Put an earlier state in place of the store's, or remember this one as such."""
        earlier = self.folder / "earlier"
        if earlier.exists():
            self.store.replace(earlier)
            return
        earlier.mkdir()
        self.store.snapshot(earlier / FILE_NAME)
        shutil.copyfile(self.folder / KEY_FILE, earlier / KEY_FILE)

    def renew(self, names: Sequence[str] = UNITS) -> None:
        """Keep what is due, as the service does behind a landing."""
        for name in names:
            assert self.store.keep_tables(partial(due, metric=name, rules=self.rules, now=self.now))

    def keep(self, results: Sequence[ClosedResult]) -> None:
        """Keep results and remember them."""
        self.results += results
        self.store.keep_results(results)

    def answer(self, asked: Query) -> dict[str, Any]:
        """Answer with the help of what is kept."""
        with self.store.reader() as reader:
            return metrics.answer(reader, asked, self.rules, self.keep).to_dict()

    def from_scratch(self, asked: Query) -> dict[str, Any]:
        """Answer without it."""
        with self.store.reader() as reader:
            return metrics.compute(reader, asked, self.rules).to_dict()

    def newly_kept(self, asked: Query) -> list[str]:
        """Ask, and tell which buckets were computed and kept."""
        before = len(self.results)
        self.answer(asked)
        return [each.slot.split('"')[-2] for each in self.results[before:]]


@contextmanager
def kept(now: datetime = NOW) -> Iterator[Kept]:
    with TemporaryDirectory() as folder:
        place = Kept(Path(folder), now)
        try:
            yield place
        finally:
            place.store.close()


def questions(organisation: Organisation, dice: Random) -> list[Query]:
    """Draw a few questions as pages and API ask them."""
    start, end = organisation.window
    service = dice.choice([None, None, *organisation.services])
    team = dice.choice([None, None, "red"]) if service is None else None
    bots = dice.choice([None, None, "include", "exclude"])
    by = dice.choice(["week", "week", "week", "month", "service"])
    shared: dict[str, Any] = {
        "start": start,
        "end": end,
        "service": service,
        "team": team,
        "bots": bots,
        "now": organisation.now,
    }
    return [Query(name, by=by, **shared) for name in dice.sample(KEPT, 3)]


def corrected(event: Event, dice: Random) -> Event:
    """The event as its source would state it after a correction: some times moved, a verdict changed."""
    moved = {
        name: make.text(datetime.fromisoformat(value) - timedelta(hours=dice.randint(1, 200)))
        for name, value in event.items()
        if name in {"finished_at", "detected_at", "merged_at", "authored_at"}
    }
    verdict = {"change_caused": "yes"} if event["type"] == "incident" else {}
    return {**event, **moved, **verdict}


def happen(place: Kept, organisation: Organisation, arrived: Sequence[Event], dice: Random) -> None:
    """Let one thing happen that may change numbers, or what is kept of them."""
    one = dice.choice(arrived)
    service = dice.choice(organisation.services)
    team = dice.choice(["red", "blue"])
    possible: list[Callable[[], object]] = [
        place.renew,
        partial(place.renew, dice.sample(UNITS, 3)),
        place.restart,
        partial(place.restart, dice.choice([Rules(), OTHER_RULES])),
        partial(place.land, [corrected(one, dice)]),
        partial(place.land, [make.ownership(f"{service}/red", team, service=service, valid_to=day(20))]),
        partial(place.collect_nothing, ["incident", "commit"]),
        partial(place.land, [make.event("person", "dev1", kind="bot", handles=["ann", "ben"])]),
        partial(place.land_by_columns, [corrected(one, dice)]),
        partial(place.map_environments, dice.choice(["production", "development", None])),
        place.restore,
    ]
    dice.choice(possible)()


def agree_all_along(organisation: Organisation, events: Sequence[Event], seed: int) -> None:
    """Land events page by page; whatever happens between, kept and computed numbers are the same."""
    dice = Random(seed)  # noqa: S311 - nothing here is secret
    edges = sorted({0, len(events), *(dice.randint(1, len(events)) for _ in range(2))})
    # asked again and again, so that what is kept from before is there to be wrong
    same, later = questions(organisation, dice), timedelta(days=dice.randint(0, 9))
    with kept(organisation.now) as place:
        for start, end in pairwise(edges):
            place.land(events[start:end])
            for _ in range(dice.randint(0, 2)):
                happen(place, organisation, events[:end], dice)
            if dice.random() < 0.8:
                place.store.refresh()
            if dice.random() < 0.7:
                place.renew()
            # the clock goes on, and back again
            moments = [
                replace(asked, now=asked.now + on) for on in (timedelta(0), later, timedelta(0)) for asked in same
            ]
            for moment in moments:
                assert compare(place.from_scratch(moment), place.answer(moment), 1e-9) == []


@pytest.mark.thorough
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(organisations(), st.integers(0, 2**32), st.data())
def test_what_is_kept_says_what_a_computation_from_scratch_says_under_any_order_of_arrival(
    organisation: Organisation, seed: int, data: st.DataObject
) -> None:
    agree_all_along(organisation, data.draw(shuffled(organisation.events)), seed)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_says_so_over_larger_organisations_too(seed: int) -> None:
    organisation = organisation_of(seed)
    events = list(organisation.events)
    Random(seed).shuffle(events)  # noqa: S311 - as above
    agree_all_along(organisation, events, seed)


WEEKS = [f"2026-W{number:02d}" for number in range(2, 14)]
"""The whole weeks of the first ninety days; the window cuts the week after them."""


def by_week(metric: str, **options: Any) -> Query:
    return query(metric, by="week", **options)


def test_a_closed_week_is_computed_once() -> None:
    with kept() as place:
        place.land(versions("a", "b", "c"))
        place.store.refresh()
        assert place.newly_kept(by_week("deployment_frequency")) == WEEKS
        assert place.newly_kept(by_week("deployment_frequency")) == []


def test_of_what_no_source_can_tell_nothing_is_kept_until_one_can() -> None:
    asked = query("failed_deployment_recovery_time", by="week")
    with kept() as place:
        place.land(versions("a", "b", "c"))
        place.store.refresh()
        assert {each["status"] for each in place.answer(asked)["series"]} == {"not_observable"}
        assert place.newly_kept(asked) == []
        place.land([make.incident("down", "api", detected_at=day(30), resolved_at=day(31))])
        place.store.refresh()
        assert place.newly_kept(asked) == WEEKS


def test_what_is_kept_outlives_a_restart() -> None:
    with kept() as place:
        place.land(versions("a", "b", "c"))
        place.store.refresh()
        place.answer(by_week("deployment_frequency"))
        place.restart()
        assert place.newly_kept(by_week("deployment_frequency")) == []


def test_a_late_event_has_its_own_week_computed_again() -> None:
    with kept() as place:
        place.land([*versions("a", "b", "c"), *versions("x", to="web")])
        place.store.refresh()
        place.answer(by_week("deployment_frequency"))
        place.land([make.deployment("late", "api", day(30), artifact="late")])
        place.store.refresh()
        assert place.newly_kept(by_week("deployment_frequency")) == ["2026-W06"]


def test_an_incident_of_today_has_the_week_computed_again_whose_deployment_it_blames() -> None:
    blame = {"source": make.SOURCE, "id": "b"}
    with kept() as place:
        place.land([*versions("a", "b", "c"), make.incident("i", "api", detected_at=day(95), change_caused="no")])
        place.store.refresh()
        before = place.answer(by_week("change_fail_rate"))
        place.land([make.incident("j", "api", detected_at=day(99), change_caused="yes", deployment=blame)])
        assert place.newly_kept(by_week("change_fail_rate")) == ["2026-W02"]
        after = place.answer(by_week("change_fail_rate"))
    assert (before["series"][0]["exclusions"], after["series"][0]["exclusions"]) == ({}, {"late_failure": 1})


def test_a_week_whose_deployments_may_still_fail_is_not_kept() -> None:
    now = day(9, 12)
    asked = by_week("change_fail_rate", start=day(0), end=day(9), now=now)
    with kept(now) as place:
        told = make.incident("i", "api", detected_at=day(1), change_caused="no")
        place.land([*versions("a", "b", "c", "d"), told])
        place.store.refresh()
        assert place.newly_kept(asked) == []
        assert place.newly_kept(replace(asked, now=day(12))) == ["2026-W02"]


def test_a_week_with_a_failure_that_goes_on_is_not_kept() -> None:
    blame = {"source": make.SOURCE, "id": "b"}
    with kept() as place:
        place.land(
            [
                *versions("a", "b", "c"),
                make.incident("i", "api", detected_at=day(3), change_caused="yes", deployment=blame),
            ]
        )
        place.store.refresh()
        assert place.newly_kept(by_week("failed_deployment_recovery_time")) == WEEKS[1:]


def test_the_week_at_hand_and_one_that_the_window_cuts_are_not_kept() -> None:
    with kept() as place:
        place.land(versions("a", "b", "c"))
        place.store.refresh()
        asked = by_week("deployment_frequency", start=day(2), end=day(24), now=day(18))
        assert place.newly_kept(asked) == ["2026-W03"]


def test_an_environment_that_is_mapped_and_an_earlier_state_put_back_are_seen_at_once() -> None:
    asked = by_week("deployment_frequency")
    with kept() as place:
        counts = []

        def look() -> None:
            place.store.refresh()
            place.renew(["deployment_frequency"])
            counts.append(place.answer(asked)["n"])
            assert place.answer(asked) == place.from_scratch(asked)

        place.land([*versions("a", "b"), make.deployment("c", "api", day(30), artifact="c", environment="blue")])
        look()
        place.restore()
        place.map_environments("production")
        look()
        place.land_by_columns([make.deployment("d", "api", day(31), artifact="d")])
        look()
        place.restore()
        look()
    assert counts == [2, 3, 4, 2]


def test_another_rule_has_everything_computed_again() -> None:
    with kept() as place:
        place.land(versions("a", "b", "c"))
        place.store.refresh()
        place.answer(by_week("deployment_frequency"))
        place.restart(OTHER_RULES)
        assert place.newly_kept(by_week("deployment_frequency")) == WEEKS


def stands(place: Kept, metric: str, **options: Any) -> bool:
    with place.store.reader() as reader:
        return bool(standing(reader, query(metric, **options), place.rules))


@pytest.mark.parametrize("metric", KEPT_UNITS)
def test_units_stand_until_a_table_they_are_made_from_is_written_to(metric: str) -> None:
    gate = make.gate("g", day(1), deployment={"source": "test", "id": "a"})
    page = make.event("page", "p", rotation="r", paged_at=day(1))
    with kept() as place:
        place.land(versions("a", "b", "c"))
        place.store.refresh()
        assert not stands(place, metric)
        place.renew([metric])
        assert stands(place, metric)
        place.land([gate if "page" in CATALOGUE[metric].reads else page])
        assert stands(place, metric)
        place.land([make.ownership("o", "red", service="api")])
        assert not stands(place, metric)


def test_units_are_no_longer_read_while_a_deployment_is_not_derived_nor_after() -> None:
    with kept() as place:
        place.land(versions("a", "b", "c"))
        place.store.refresh()
        place.renew()
        place.land([make.deployment("late", "api", day(30), artifact="late")])
        assert not stands(place, "deployment_frequency")
        place.renew()
        assert stands(place, "deployment_frequency")
        place.store.refresh()
        assert not stands(place, "deployment_frequency")


def test_an_event_that_says_nothing_new_leaves_everything_standing() -> None:
    with kept() as place:
        place.land(versions("a", "b", "c"))
        place.store.refresh()
        place.renew()
        place.land(versions("a", "b"))
        place.store.refresh()
        assert stands(place, "deployment_frequency")


@pytest.mark.parametrize("options", [{"clock": "business"}, {"unit": "commit"}, {"blame": "last"}, {"bots": "include"}])
def test_units_are_kept_for_the_usual_options_only(options: dict[str, str]) -> None:
    with kept() as place:
        place.land(versions("a", "b", "c"))
        place.store.refresh()
        place.renew()
        assert stands(place, "change_lead_time")
        assert not stands(place, "change_lead_time", **options)


WAITING = {
    "change_fail_rate": "blamed_deployments",
    "failed_deployment_recovery_time": "recoveries",
    "golden_path_retention": "golden_turns",
    "pipeline_drift": "service_catalog",
    "pr_cycle_time": "change_starts",
    "provisioning_wait": "request_outcomes",
    "revert_rate": "remedy_changes",
    "service_time_to_first_deploy": "milestone_services",
    "stale_changes": "repository_owner",
    "voluntary_choice_rate": "service_catalog",
}
"""What is open grows with the clock: of these metrics, what is kept instead."""


def test_where_units_wait_for_the_clock_the_facts_behind_them_are_kept() -> None:
    with kept() as place:
        place.land(versions("a", "b", "c"))
        place.store.refresh()
        place.renew()
        with place.store.reader() as reader:
            names = {metric: standing(reader, query(metric), place.rules) for metric in KEPT_UNITS}
    assert {metric: fact for metric, fact in WAITING.items() if fact in names[metric]} == WAITING
    assert [metric for metric in KEPT_UNITS if "metric_units" not in names[metric]] == sorted(WAITING)


def test_a_reader_on_hold_sees_the_store_of_one_moment() -> None:
    with kept() as place, place.store.reader() as reader:
        reader.hold()
        before = reader.rows("SELECT COUNT(*) FROM deployments")
        place.land(versions("a"))
        assert reader.rows("SELECT COUNT(*) FROM deployments") == before


TABLE_READ = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)")


@pytest.mark.parametrize("metric", UNITS)
def test_a_statistic_reads_nothing_beside_its_sample_but_what_its_context_tells(metric: str) -> None:
    with kept() as place:
        place.land([*versions("a", "b", "c"), make.slo("s", "api", day(1), day(2), good=1, total=1)])
        place.store.refresh()
        with place.store.reader() as reader:
            workspace = Workspace(reader, by_week(metric), place.rules)
            workspace.materialise()
            noting = NotingReader(reader._cursor)  # noqa: SLF001 - the same reader, listened to
            findings(replace(workspace.series(), reader=noting), CATALOGUE[metric])
    stored = {*TABLES, *UNSTAMPED}
    beside = {name for text in noting.statements for name in TABLE_READ.findall(text)} & stored
    assert bool(beside) == (CATALOGUE[metric].context is not None)
    assert set(CATALOGUE[metric].given) <= {"calendar_dates"}
