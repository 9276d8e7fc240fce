"""Reading pipelines with their jobs, child pipelines included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.forge.reading import Landing, Reading, State, Waiting
from collectors.gitlab.ci import CHILD, has_ended, parse_pipeline
from collectors.gitlab.updated import AT_ONCE, Updated
from collectors.parsed import Parsed, merged, part, text, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.forge.facts import Raw
    from collectors.http.exchange import Parameters

RETRIED: Parameters = {"include_retried": "true", "per_page": 100}


@dataclass(frozen=True)
class Pipelines(Waiting):
    """Pipelines that were changed, and those that were running; each costs two requests, one without its jobs.

    State besides that of the list: ``open``, pipelines that had not ended, with when they were changed last. What is
    listed again needs no question of its own.
    """

    jobs: bool = True

    what = "pipelines"
    permission = "the scope `read_api`, and the role Reporter in the project"
    reads = frozenset({"run", "job"})
    listed = Updated("/pipelines")

    def unfinished(self, state: State) -> State:
        """The open pipelines, as if they had been changed."""
        return {"open": dict.fromkeys(state.get("open", ()))}

    def read(self, reading: Reading, state: State) -> Iterator[Landing]:
        """New and changed pipelines first, then what has become of the others that were open."""
        met = set[str]()
        for chunk, after in self.listed.chunks(reading, state):
            landing = self._landed(reading, [raw.get("id") for raw in chunk], {**after, "open": state.get("open", {})})
            met |= {str(raw.get("id")) for raw in chunk}
            state = landing.state
            yield landing
        rest = [identity for identity in state.get("open", {}) if identity not in met]
        for start in range(0, len(rest), AT_ONCE):
            landing = self._landed(reading, rest[start : start + AT_ONCE], state)
            state = landing.state
            yield landing

    def _landed(self, reading: Reading, identities: Sequence[object], state: State) -> Landing:
        before = state.get("open", {})
        found = reading.found([f"/pipelines/{identity}" for identity in identities])
        details = [raw for raw in found if isinstance(raw, dict) and whole(raw.get("id")) is not None]
        new = [raw for raw in details if before.get(str(raw["id"]), raw) != _stamp(raw)]
        jobs = self._jobs(reading, new)
        facts = merged(self._told(reading, new, jobs))
        gone = {str(identity) for identity in identities}
        still = {str(raw["id"]): _stamp(raw) for raw in details if not has_ended(raw)}
        return Landing({**state, "open": {**{key: before[key] for key in before if key not in gone}, **still}}, facts)

    def _jobs(self, reading: Reading, pipelines: Sequence[Raw]) -> list[list[Raw]]:
        if not self.jobs:
            return [[] for _ in pipelines]
        found = reading.lists([f"/pipelines/{raw['id']}/jobs" for raw in pipelines], RETRIED)
        return [jobs or [] for jobs in found]

    def _told(self, reading: Reading, pipelines: Sequence[Raw], jobs: Sequence[Sequence[Raw]]) -> Iterator[Parsed]:
        for raw, its in zip(pipelines, jobs, strict=True):
            yield parse_pipeline(raw, reading.place, its)


@dataclass(frozen=True)
class ChildPipelines(Pipelines):
    """Pipelines that a job of another one has set off, which the list of pipelines leaves out.

    Who set them off is told by the bridges of pipelines of the same commit: only projects that use them pay for it.
    """

    what = "child pipelines"
    listed = Updated("/pipelines", {"source": CHILD})

    def _told(self, reading: Reading, pipelines: Sequence[Raw], jobs: Sequence[Sequence[Raw]]) -> Iterator[Parsed]:
        parents = _parents(reading, pipelines)
        for raw, its in zip(pipelines, jobs, strict=True):
            parent, trigger = parents.get(raw["id"], (None, None))
            run = reading.place.run(parent, 1) if parent is not None else None
            yield parse_pipeline(raw, reading.place, its, parent=run, trigger=trigger)


def _parents(reading: Reading, children: Sequence[Raw]) -> Mapping[Any, tuple[Any, str | None]]:
    """Pipeline and name of the job that set off each child, by the child's id."""
    shas = dict.fromkeys(sha for raw in children if (sha := text(raw.get("sha"))))
    of_commits = [raw for sha in shas for raw in reading.all("/pipelines", {"sha": sha})]
    candidates = list(dict.fromkeys(raw.get("id") for raw in (*of_commits, *children)))
    bridges = reading.lists([f"/pipelines/{identity}/bridges" for identity in candidates])
    return {
        part(bridge, "downstream_pipeline", "id"): (parent, text(bridge.get("name")))
        for parent, its in zip(candidates, bridges, strict=True)
        for bridge in its or ()
        if part(bridge, "downstream_pipeline", "id") is not None
    }


def _stamp(raw: Raw) -> str:
    """What tells whether a pipeline is as it was."""
    return f"{raw.get('status')} {raw.get('updated_at')}"
