"""The sources in force as collectors, and the one that a name means: one of them, or a part of one."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collectors import build, settings_of
from tribometer.errors import ConfigurationError, SecretMissing, SourceError, SourceMissing, UsageError
from tribometer.service import sources, timing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.base import Collector
    from tribometer.service.instance import Instance
    from tribometer.service.timing import Schedule

FAMILY = "SELECT family FROM source_states WHERE source = $name"

A_DEMO = (
    "This is a demo organisation, and nothing real is collected into it. Start without --demo, or name a new folder."
)


@dataclass(frozen=True)
class Source:
    """A ``[[sources]]`` table: its collector, or the ``problem`` for which there is none now.

    ``key`` is the table's place, like ``sources[1]``. ``part``: only this part of it is meant. ``called``: its name,
    where it cannot be made although that is known.
    """

    key: str
    kind: str
    schedule: Schedule
    collector: Collector | None
    problem: SourceError | ConfigurationError | None = None
    part: str | None = None
    called: str = ""

    @property
    def name(self) -> str:
        """What it is called: until it can be made, by its place."""
        if self.collector:
            return self.part or self.collector.name
        told = self.problem.source if isinstance(self.problem, SourceError) else ""
        return told or self.called or f"{self.kind} ({self.key})"

    @property
    def is_wrong(self) -> bool:
        """Whether its table is no description of a source; one that lacks its secret is."""
        return isinstance(self.problem, ConfigurationError) and not isinstance(self.problem, SecretMissing)


def configured(instance: Instance, *, replayed: bool = False) -> list[Source]:
    """Make every source in force; for a replay they need no secrets.

    What is wrong with one is no reason to go without the others. Where every table is wrong, raise
    `ConfigurationError`, or `UsageError` with all that is wrong.
    """
    found = every_table(instance, replayed=replayed)
    problems = [each.problem for each in found if each.is_wrong and each.problem]
    if len(problems) == len(found) == 1:
        raise problems[0]
    if problems and len(problems) == len(found):
        raise UsageError("\n".join(str(each) for each in problems))
    return found


def every_table(instance: Instance, *, replayed: bool = False) -> list[Source]:
    """Make what can be made, and keep what is wrong with the rest."""
    found: list[Source] = []
    settings, origin = instance.settings, str(instance.settings.file or "configuration")
    for number, table in enumerate(sources.tables(settings, instance.folder)):
        schedule = timing.EVERY_15_MINUTES
        made = Source(f"sources[{number}]", str(table.get("kind")), schedule, None)
        try:
            if number in settings.refused:
                raise settings.refused[number]
            schedule = timing.of_table(table, settings.timezone, f"{made.key}.schedule", origin)
            collector = build(table, origin=origin, data=settings.data, key=made.key, replayed=replayed)
            _check_name(replace(made, collector=collector), found, origin)
        except SecretMissing as problem:
            called = _called(table, settings.data)
            found.append(replace(made, problem=problem, schedule=schedule, called=called))
        except (SourceError, ConfigurationError) as problem:
            found.append(replace(made, problem=problem))
        else:
            found.append(replace(made, schedule=schedule, collector=collector))
    return found


def _called(table: Mapping[str, Any], data: Path) -> str:
    """The name of a source that lacks its secret; empty where that cannot be known without."""
    try:
        return build(table, origin="", data=data, replayed=True).name
    except (SourceError, ConfigurationError):
        return ""


def _check_name(made: Source, found: Sequence[Source], origin: str) -> None:
    twin = next((each for each in found if each.collector and each.name == made.name), None)
    if twin:
        named = "name" in settings_of(made.kind).model_fields
        fix = "Give each its own `name`, or remove one of them." if named else f"Make one table of it and {twin.key}."
        raise ConfigurationError(made.key, origin, f"{made.name} is there twice", fix)


def wanted(instance: Instance, names: Sequence[str], *, replayed: bool = False) -> list[Source]:
    """Return the sources that names mean (none: all); `UsageError` for a name that means none."""
    found = configured(instance, replayed=replayed)
    if instance.numbers.demo:
        raise UsageError(A_DEMO)
    if not found:
        raise UsageError(sources.NOTHING_TO_COLLECT.format(folder=instance.folder or Path.cwd()))
    meant = {each.name: each for name in names for each in _meant(instance, found, name)}
    return list(meant.values()) or found


def _meant(instance: Instance, found: Sequence[Source], name: str) -> Sequence[Source]:
    """One source or part by its name; by a kind, all of that kind that have their secrets."""
    for each in found:
        if name in {each.name, each.key} or (":" in each.name and name == each.name.partition(":")[2]):
            if isinstance(each.problem, ConfigurationError):
                raise each.problem
            return [each]
    alike = [each for each in found if each.kind == name and not isinstance(each.problem, ConfigurationError)]
    if alike:
        return alike
    family = _family(instance, found, name)
    if family:
        return [replace(family, part=_full(family, name))]
    for each in found:
        if isinstance(each.problem, ConfigurationError) and each.kind == name.partition(":")[0]:
            raise each.problem
    raise UsageError(f"{name!r} is no configured source. There are: {', '.join(each.name for each in found)}.")


def _family(instance: Instance, found: Sequence[Source], name: str) -> Source | None:
    """The source that this may be a part of: as was noted when it was collected last, else by its name."""
    with instance.store.reader() as reader:
        for each in found:
            full = _full(each, name)
            noted = reader.rows(FAMILY, name=full)
            if each.collector and (full.startswith(f"{each.name}/") or noted == [(each.name,)]):
                return each
    return None


def _full(source: Source, name: str) -> str:
    """The name with the kind before it."""
    return name if ":" in name else f"{source.kind}:{name}"


@contextmanager
def chosen(collector: Collector, part: str | None) -> Iterator[Collector]:
    """Give the collector, or that of one part of it, which works as long as its family's walk stands still.

    Raise `SourceMissing` when it has no such part.
    """
    if part is None:
        yield collector
        return
    with closing(collector.collect(None)) as pages:
        for page in pages:
            for member in page.members or ():
                if member.name == part:
                    yield member
                    return
    raise SourceMissing(part, f"{collector.name} has no such part", "Check its name, and what the table leaves out")
