"""The tables that pipeline drift is computed on: pipelines as they stood at the end of each span, and the golden path.

Texts become rows here, the score is SQL. Only what stood at the end of a span is read, and what was read is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from metrics.definition import PERIODS
from metrics.pipelines.golden import Release, Tie, numbered, required_keys, tie
from metrics.pipelines.reading import Pipelines, read, told
from metrics.pipelines.steps import slug
from tribometer.clock import months, naive_utc, quarters, weeks, years

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from metrics.pipelines.steps import Step
    from metrics.query import Query
    from tribometer.settings import Rules
    from tribometer.store import Reader

TIME = pa.timestamp("us")
CUTTERS = {"week": weeks, "month": months, "quarter": quarters, "year": years}
MOST_KEPT = 16_384
SPANS = pa.schema([("covers", pa.string()), ("starts_at", TIME), ("ends_at", TIME)])
WEIGHTS = pa.schema([(name, pa.float64()) for name in ("reference", "version", "steps", "bypass", "releases")])
STATES = pa.schema(
    [("repository", pa.string()), ("ends_at", TIME), ("state", pa.string()), ("digest", pa.string()),
     ("template", pa.string()), ("newest", pa.int64()), ("newest_release", pa.string()), ("tie", pa.string()),
     ("tied", pa.int64()), ("release", pa.string()), ("behind", pa.int64()), ("files", pa.int64()),
     ("problems", pa.string())],
)  # fmt: skip
STEPS = pa.schema(
    [("repository", pa.string()), ("state", pa.string()), ("place", pa.int64()), ("path", pa.string()),
     ("job", pa.string()), ("step", pa.string()), ("name", pa.string()), ("digest", pa.string()),
     ("weight", pa.float64()), ("is_reference", pa.bool_()), ("is_golden", pa.bool_()), ("taken", pa.string()),
     ("pinned", pa.string())],
)  # fmt: skip
KEYS = pa.schema(
    [("repository", pa.string()), ("state", pa.string()), ("place", pa.int64()), ("name", pa.string()),
     ("nearness", pa.int64())],
)  # fmt: skip
GOLDEN = pa.schema(
    [("template", pa.string()), ("number", pa.int64()), ("step", pa.string()), ("weight", pa.float64())],
)
GOLDEN_KEYS = pa.schema(
    [("template", pa.string()), ("number", pa.int64()), ("step", pa.string()), ("name", pa.string())],
)
DEVIATIONS = pa.schema(
    [("service", pa.string()), ("name", pa.string()), ("step", pa.string()), ("owner", pa.string()),
     ("until_at", TIME), ("why", pa.string())],
)  # fmt: skip
RELEASES = "SELECT template, release, released_at, steps FROM template_releases WHERE released_at IS NOT NULL"
TEMPLATES = """
SELECT COALESCE(repository, name) AS repository, template FROM services WHERE template IS NOT NULL
"""
SEEN = """
SELECT repository, path, observed_at, source, id, template, template_release
FROM pipeline_definitions WHERE observed_at < $before ORDER BY observed_at, source, id
"""
TEXTS = """
SELECT d.source, d.id, d.content, d.steps, d.uses FROM pipeline_definitions AS d
JOIN wanted_definitions AS w ON w.source = d.source AND w.id = d.id
"""
WANTED = pa.schema([("source", pa.string()), ("id", pa.string())])


@dataclass(frozen=True)
class Definition:
    """A pipeline file as it stood, without its text."""

    repository: str
    path: str
    observed_at: datetime
    source: str
    id: str
    template: str | None
    template_release: str | None


@dataclass(frozen=True)
class State:
    """The pipelines of a repository as they stood together."""

    repository: str
    name: str
    definitions: tuple[Definition, ...]
    pipelines: Pipelines


class _Library:
    """Pipelines that were read before, by the digest of their texts; the oldest give way."""

    def __init__(self) -> None:
        self._known: dict[str, Pipelines] = {}

    def read(self, digest: str, make: Callable[[], Pipelines]) -> Pipelines:
        found = self._known.get(digest)
        if found is None:
            found = self._known[digest] = make()
            for oldest in list(self._known)[: max(len(self._known) - MOST_KEPT, 0)]:
                self._known.pop(oldest, None)
        return found


LIBRARY = _Library()
"""Of this process: most pipelines stand unchanged for months."""


class DriftTables:
    """The given tables of one query, each made when the SQL names it."""

    def __init__(self, reader: Reader, query: Query, rules: Rules) -> None:
        """Read nothing yet."""
        self._reader, self._query, self._rules = reader, query, rules

    @property
    def given(self) -> Mapping[str, Callable[[], pa.Table]]:
        """The tables by name."""
        return {
            "drift_spans": lambda: pa.Table.from_pylist(self._spans, schema=SPANS),
            "drift_weights": lambda: pa.Table.from_pylist([self._weights()], schema=WEIGHTS),
            "deviations": lambda: pa.Table.from_pylist(list(self._deviations()), schema=DEVIATIONS),
            "pipeline_states": lambda: pa.Table.from_pylist(self._state_rows, schema=STATES),
            "pipeline_steps": lambda: pa.Table.from_pylist(list(self._step_rows()), schema=STEPS),
            "pipeline_names": lambda: pa.Table.from_pylist(list(self._key_rows()), schema=KEYS),
            "golden_steps": lambda: pa.Table.from_pylist(list(self._golden()), schema=GOLDEN),
            "golden_names": lambda: pa.Table.from_pylist(list(self._golden_keys()), schema=GOLDEN_KEYS),
        }

    @cached_property
    def _spans(self) -> list[dict[str, Any]]:
        """The window, and each period of a series: what a pipeline is told of is how it stood at the end."""
        start, end = self._query.window
        by = self._query.by
        cut = [(each.starts_at, each.ends_at) for each in CUTTERS[by](start, end)] if by in PERIODS and by else []
        spans = [("window", start, end), *(("period", *each) for each in cut)]
        return [{"covers": what, "starts_at": naive_utc(a), "ends_at": naive_utc(b)} for what, a, b in spans]

    @cached_property
    def _ends(self) -> list[datetime]:
        return sorted({each["ends_at"] for each in self._spans})

    def _weights(self) -> dict[str, float]:
        drift = self._rules.drift
        return {name: float(getattr(drift, name)) for name in WEIGHTS.names}

    def _deviations(self) -> Iterator[dict[str, object]]:
        for each in self._rules.deviations:
            yield {
                "service": each.service, "name": slug(each.step), "step": each.step, "owner": each.owner,
                "until_at": naive_utc(each.ends_at), "why": each.why,
            }  # fmt: skip

    @cached_property
    def _releases(self) -> dict[str, list[Release]]:
        rows = [(template, str(name), at, steps) for template, name, at, steps in self._reader.rows(RELEASES)]
        golden = [row for row in rows if self._rules.golden_path.is_template(row[0])]
        return {template: found for template, found in numbered(golden).items() if found[-1].steps}

    @cached_property
    def _templates(self) -> dict[str, str]:
        """The golden template of a repository's services, where they have one and the same."""
        found: dict[str, set[str]] = {}
        for repository, template in self._reader.rows(TEMPLATES):
            if template in self._releases:
                found.setdefault(repository, set()).add(template)
        return {repository: min(names) for repository, names in found.items() if len(names) == 1}

    @cached_property
    def _standing(self) -> dict[tuple[str, datetime], tuple[Definition, ...]]:
        """The definitions that stood in each repository at each end, the last seen of every path."""
        seen = [Definition(*row) for row in self._reader.rows(SEEN, before=self._ends[-1])]
        found: dict[tuple[str, datetime], tuple[Definition, ...]] = {}
        latest: dict[str, dict[str, Definition]] = {}
        place = 0
        for end in self._ends:
            while place < len(seen) and seen[place].observed_at < end:
                if not self._rules.drift.ignores(seen[place].path):
                    latest.setdefault(seen[place].repository, {})[seen[place].path] = seen[place]
                place += 1
            for repository, files in latest.items():
                found[repository, end] = tuple(files[path] for path in sorted(files))
        return found

    @cached_property
    def _states(self) -> dict[tuple[Definition, ...], State]:
        """What is read of each group of definitions that stood together."""
        groups = set(self._standing.values())
        wanted = sorted({(each.source, each.id) for group in groups for each in group})
        rows = [{"source": source, "id": name} for source, name in wanted]
        self._reader.define("wanted_definitions", pa.Table.from_pylist(rows, schema=WANTED))
        texts = {(source, name): rest for source, name, *rest in self._reader.rows(TEXTS)}
        return {group: _state(group, [texts[each.source, each.id] for each in group]) for group in groups}

    def _golden_path(self, state: State, end: datetime) -> tuple[str | None, Sequence[Release]]:
        """The template that a repository is held against, with its releases so far."""
        named = next((each.template for each in state.definitions if each.template in self._releases), None)
        only = next(iter(self._releases)) if len(self._releases) == 1 else None
        template = named or self._templates.get(state.repository) or only
        return template, [each for each in self._releases.get(template or "", ()) if each.released_at < end]

    def _tie(self, state: State, template: str | None, releases: Sequence[Release]) -> Tie:
        taken = [each.reference for each in state.pipelines.steps if each.reference and self._is_golden(each, state)]
        declared = (each.template_release for each in state.definitions if each.template == template)
        return tie(taken, next((each for each in declared if each), None), releases)

    def _is_golden(self, step: Step, state: State) -> bool:
        """Whether a step is the golden pipeline: it was declared so, or has the pin of the template it says it has."""
        if step.reference is None:
            return False
        if self._rules.golden_path.is_workflow(step.reference.text):
            return True
        named = {each.template_release for each in state.definitions if each.template in self._releases}
        return not self._rules.golden_path.workflows and step.reference.pin is not None and step.reference.pin in named

    @cached_property
    def _state_rows(self) -> list[dict[str, Any]]:
        return [self._state_row(self._states[group], end) for (_, end), group in self._standing.items()]

    def _state_row(self, state: State, end: datetime) -> dict[str, Any]:
        template, releases = self._golden_path(state, end)
        newest = releases[-1] if releases else None
        by = self._tie(state, template, releases)
        problems = (f"{path}: {why}" for path, why in state.pipelines.problems.items())
        return {
            "repository": state.repository, "ends_at": end, "state": state.name, "digest": state.pipelines.digest,
            "template": template, "newest": newest.number if newest else None,
            "newest_release": newest.name if newest else None, "tie": by.how,
            "tied": by.release.number if by.release else None, "release": by.release.name if by.release else None,
            "behind": by.behind(releases) if newest else None, "files": len(state.definitions),
            "problems": "; ".join(problems) or None,
        }  # fmt: skip

    def _step_rows(self) -> Iterator[dict[str, Any]]:
        for state in self._states.values():
            for place, each in enumerate(state.pipelines.steps):
                taken = each.reference
                yield {
                    "repository": state.repository, "state": state.name, "place": place, "path": each.place.path,
                    "job": each.place.job, "step": each.label, "name": slug(each.label), "digest": each.digest,
                    "weight": self._rules.drift.weight(each.label), "is_reference": taken is not None,
                    "is_golden": self._is_golden(each, state), "taken": taken.text if taken else None,
                    "pinned": taken.pinned if taken else None,
                }  # fmt: skip

    def _key_rows(self) -> Iterator[dict[str, Any]]:
        for state in self._states.values():
            for place, each in enumerate(state.pipelines.steps):
                for name, nearness in each.keys.items():
                    yield {
                        "repository": state.repository, "state": state.name, "place": place, "name": name,
                        "nearness": nearness,
                    }  # fmt: skip

    def _golden(self) -> Iterator[dict[str, Any]]:
        for each in (release for releases in self._releases.values() for release in releases):
            for step in each.steps:
                weight = self._rules.drift.weight(step)
                yield {"template": each.template, "number": each.number, "step": step, "weight": weight}

    def _golden_keys(self) -> Iterator[dict[str, Any]]:
        for each in (release for releases in self._releases.values() for release in releases):
            for step in each.steps:
                for name in sorted(required_keys(step)):
                    yield {"template": each.template, "number": each.number, "step": step, "name": name}


def _state(group: tuple[Definition, ...], texts: Sequence[Sequence[Any]]) -> State:
    """Read the definitions of a repository that stood together: by their texts, else by what they name."""
    said = [(each.path, *rest) for each, rest in zip(group, texts, strict=True)]
    releases = [(each.template, each.template_release) for each in group]
    digest = sha256(repr((group[0].repository, said, releases)).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def make() -> Pipelines:
        pipelines = read({path: content for path, content, _, _ in said if content is not None})
        more = (one for path, text, steps, uses in said if text is None for one in told(path, steps or (), uses or ()))
        return Pipelines((*pipelines.steps, *more), pipelines.problems)

    return State(group[0].repository, digest, group, LIBRARY.read(digest, make))
