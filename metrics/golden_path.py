"""What the metrics of the golden path share: what could tell of it, and values over services by their deployments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.definition import POOLED, Cell, Coverage, Measure, Observability
from tribometer.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from metrics.query import Query
    from metrics.sample import Sample
    from tribometer.store import Reader

COVERAGE = Coverage("golden_coverage", "production deployments whose path is known")
ADOPTED = 0.8
"""Share of its deployments from which a team counts as one that goes by the golden path."""
NO_PATH = (
    "Nothing tells by which path a deployment went: name the golden path in [golden_path] (templates, or the workflows "
    "that deployments are made by), or let deployments say it (`path` golden, other or manual)."
)
NO_TEMPLATE = (
    "Nothing tells which services were made from a golden template: name the templates in [golden_path], and let the "
    "catalogue say `template` of a service; sources of kind backstage and catalog tell it, and so do `service` events."
)
OTHERS = "Other organisations: what is golden is what each of them declares."
SERVICES = """
SELECT bucket, service, team, COUNT(*) AS n, SUM(value) AS golden,
    SUM(CASE WHEN newest = 1 THEN value ELSE 0 END) AS latest,
    SUM(CASE WHEN oldest = 1 AND {among} THEN 1 ELSE 0 END) AS belongs
FROM (
    SELECT sample.*,
        ROW_NUMBER() OVER (
            PARTITION BY bucket, service ORDER BY sample.at DESC NULLS LAST, sample.source DESC NULLS LAST,
                sample.id DESC NULLS LAST
        ) AS newest,
        ROW_NUMBER() OVER (
            PARTITION BY bucket, service ORDER BY sample.at NULLS LAST, sample.source NULLS LAST, sample.id NULLS LAST
        ) AS oldest
    FROM {units} WHERE counted
) AS placed
GROUP BY bucket, service, team
"""


@dataclass(frozen=True)
class Deployed:
    """What a service deployed in a bucket: by team (deployments, golden ones), and whether the last one was golden."""

    teams: Mapping[str | None, tuple[int, float]]
    is_golden: bool


@dataclass(frozen=True)
class Latest:
    """Share of services whose last deployment in a bucket went by the golden path, with Wilson's interval.

    Of services of whose first deployment there ``among``, a condition over unit columns, holds. With ``adoption`` two
    further fields: ``deployments``, the share of all deployments, and ``teams``, that of the teams of whose deployments
    80 % were golden.
    """

    among: str = "TRUE"
    adoption: bool = False
    name: str = "share"

    def columns(self) -> str:
        """Deployments as ``n``, and the share of them that went by the golden path."""
        return "COUNT(*) AS n, AVG(value) AS value, COUNT(DISTINCT service) AS services"

    def measure(self, sample: Sample) -> Mapping[Cell, Measure]:
        """The share over the services of every bucket; of a service 1 or 0."""
        found: dict[Cell, Measure] = {}
        for bucket, services in self._deployed(sample).items():
            for service, each in services.items():
                found[bucket, service] = self._share([each])
            if services:
                found[bucket, POOLED] = self._share(list(services.values()))
        return found

    def _deployed(self, sample: Sample) -> dict[str, dict[str, Deployed]]:
        rows: dict[tuple[str, str], list[tuple[str | None, int, float, float, int]]] = {}
        for bucket, service, *row in sample.reader.rows(SERVICES.format(units=sample.units, among=self.among)):
            rows.setdefault((bucket, service), []).append((row[0], row[1], row[2], row[3], row[4]))
        found: dict[str, dict[str, Deployed]] = {}
        for (bucket, service), parts in rows.items():
            if any(part[4] for part in parts):
                teams = {part[0]: (part[1], part[2]) for part in parts}
                found.setdefault(bucket, {})[service] = Deployed(teams, any(part[3] for part in parts))
        return found

    def _share(self, services: Sequence[Deployed]) -> Measure:
        n, hits = len(services), sum(each.is_golden for each in services)
        low, high = wilson(hits, n)
        return Measure(n, hits / n, low, high, "wilson", extra=_adoption(services) if self.adoption else {})


def _adoption(services: Sequence[Deployed]) -> dict[str, float | None]:
    counts: dict[str | None, tuple[int, float]] = {}
    for team, (n, golden) in (part for each in services for part in each.teams.items()):
        before = counts.get(team, (0, 0.0))
        counts[team] = (before[0] + n, before[1] + golden)
    named = [golden / n for team, (n, golden) in counts.items() if team is not None]
    deployments, golden = (sum(each[place] for each in counts.values()) for place in (0, 1))
    return {
        "deployments": golden / deployments,
        "teams": sum(share >= ADOPTED for share in named) / len(named) if named else None,
    }


def observe_path(reader: Reader, _query: Query) -> Observability:
    """The path can be told where any deployment says it, or what is declared golden is known of services or of runs."""
    [(known,)] = reader.rows("""
SELECT EXISTS (SELECT 1 AS found FROM deployments WHERE path IS NOT NULL)
    OR ((SELECT MAX(templates) FROM golden_declared)
        AND EXISTS (SELECT 1 AS found FROM services WHERE template IS NOT NULL)
        AND EXISTS (SELECT 1 AS found FROM deployments))
    OR ((SELECT MAX(workflows) FROM golden_declared)
        AND EXISTS (SELECT 1 AS found FROM deployments WHERE run_id IS NOT NULL)) AS known
""")
    return Observability() if known else Observability(observable=False, hint=NO_PATH)


def observe_templates(reader: Reader, _query: Query) -> Observability:
    """Choices can be told where golden templates are known, and of any service what it was made from."""
    [(known,)] = reader.rows("""
SELECT EXISTS (SELECT 1 AS found FROM golden_templates)
    AND EXISTS (SELECT 1 AS found FROM services WHERE template IS NOT NULL) AS known
""")
    return Observability() if known else Observability(observable=False, hint=NO_TEMPLATE)
