"""Repositories of several services under whose own name deployments stay, for nothing says whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards.health import NOTE, Finding, SharedRepository
from tribometer.store.spoken_services import CANDIDATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tribometer.service.instance import Instance

REPOSITORIES_NAMED = 20
SERVICES_NAMED = 5
SHARED = f"""
SELECT named.repository, list(DISTINCT named.name ORDER BY named.name) AS names,
    count(DISTINCT (made.source, made.id)) AS deployments
FROM ({CANDIDATES}) AS named JOIN production_deployments AS made ON made.service = named.repository
WHERE named.among > 1 GROUP BY named.repository ORDER BY deployments DESC, named.repository
"""  # noqa: S608 - ours
FIX = (
    "Let the environment name the service, like live-{example}; or send deployments that name it, with "
    "tribometer import; or if only one of them is deployed, let the catalog say the others are libraries or archived"
)


def shared(instance: Instance) -> tuple[SharedRepository, ...]:
    """Return them with what was deployed to production under their names, the most deployments first."""
    with instance.store.reader() as reader:
        return tuple(SharedRepository(name, tuple(services), count) for name, services, count in reader.rows(SHARED))


def of_shared(found: Sequence[SharedRepository]) -> Iterator[Finding]:
    """One finding each, up to a number at which they are one kind."""
    for each in found[:REPOSITORIES_NAMED]:
        more = len(each.services) - SERVICES_NAMED
        services = ", ".join(each.services[:SERVICES_NAMED]) + (f" and {more:,} more" if more > 0 else "")
        what = (
            f"repository {each.repository!r} is of several services ({services}), and {each.deployments:,} of its "
            "deployments do not say whose they are: they count as those of a service of the repository's name"
        )
        yield Finding(NOTE, what, FIX.format(example=each.services[0]), "services")
    if rest := found[REPOSITORIES_NAMED:]:
        what = f"{len(rest):,} more repositories of several services have deployments that do not say whose they are"
        yield Finding(NOTE, what, FIX.format(example=rest[0].services[0]), "services")
