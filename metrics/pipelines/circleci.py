"""Configurations of CircleCI: commands and jobs of the file resolved, orbs as references."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from metrics.pipelines.steps import Place, Reference, reference, step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metrics.pipelines.files import Files
    from metrics.pipelines.steps import Step

ROOTS = frozenset({".circleci/config.yml", ".circleci/config.yaml"})
CONDITIONS = frozenset({"when", "unless"})
FULL_VERSION = re.compile(r"\d+\.\d+\.\d+")
DEEPEST = 8


def fits(path: str) -> bool:
    """Whether a file is where CircleCI reads."""
    return path in ROOTS


def steps(path: str, files: Files) -> Iterator[Step]:
    """Yield the steps of the jobs that a workflow runs; of all jobs where there is no workflow."""
    config = _Config(path, files.document(path))
    wanted = list(config.wanted())
    for name, with_ in wanted or [(name, {}) for name in config.jobs]:
        yield from config.job(name, with_)


class _Config:
    """One file's jobs, commands and orbs."""

    def __init__(self, path: str, document: dict[str, Any]) -> None:
        self.path, self._document = path, document
        self.jobs, self._commands, self._orbs = (_mapping(document.get(each)) for each in ("jobs", "commands", "orbs"))

    def wanted(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Jobs of the workflows with what they are given, each job once."""
        seen = set()
        for flow in _mapping(self._document.get("workflows")).values():
            listed = flow.get("jobs") if isinstance(flow, dict) else None
            for each in listed if isinstance(listed, list) else ():
                for name, with_ in _named(each):
                    if name not in seen:
                        seen.add(name)
                        yield name, with_

    def job(self, name: str, with_: dict[str, Any]) -> Iterator[Step]:
        """The steps of a job; one of an orb is a reference."""
        job, place = _mapping(self.jobs.get(name)), Place(self.path, name, (name,))
        if name not in self.jobs:
            if with_.get("type") != "approval":
                does = {key: each for key, each in with_.items() if key not in {"requires", "context", "filters"}}
                yield step(place, does, reference=self._reference(name))
            return
        does = {key: each for key, each in job.items() if key not in {"steps", "parameters"}}
        yield from self._steps(job.get("steps"), does, place, 0)

    def _steps(self, listed: object, around: dict[str, Any], place: Place, depth: int) -> Iterator[Step]:
        for each in listed if isinstance(listed, list) and depth < DEEPEST else ():
            for name, with_ in _named(each):
                if name in CONDITIONS:
                    yield from self._steps(with_.get("steps"), around, place, depth + 1)
                elif name in self._commands:
                    inner = _mapping(self._commands[name]).get("steps")
                    yield from self._steps(inner, {**around, name: with_}, place.within(name), depth + 1)
                else:
                    yield self._step(name, with_, around, place)

    def _step(self, name: str, with_: dict[str, Any], around: dict[str, Any], place: Place) -> Step:
        if name == "run":
            told, does = with_.get("name"), {key: each for key, each in with_.items() if key != "command"}
            command = str(with_.get("command", ""))
            return step(place, {**around, "run": does}, names=(told,), command=command)
        found = self._reference(name)
        return step(place, {**around, name: with_}, names=(name,), reference=found)

    def _reference(self, name: str) -> Reference | None:
        """What of an orb is meant by ``orb/name``; a step built into the tool is no reference."""
        orb, slash, part = name.partition("/")
        taken = self._orbs.get(orb)
        if not slash or not isinstance(taken, str):
            return None
        found = reference(taken)
        # a full version of an orb is never published twice
        fixed = found.pin is not None and FULL_VERSION.fullmatch(found.pin) is not None
        return Reference(f"{found.target}/{part}", found.pin, fixed=fixed)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _named(each: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """A step or job as (name, what it is given): it may be a word, or a mapping from the word."""
    if isinstance(each, str):
        yield each, {}
    elif isinstance(each, dict):
        for name, value in each.items():
            yield name, {"command": value} if name == "run" and isinstance(value, str) else _mapping(value)
