"""Workflows of GitHub Actions, and of Gitea and Forgejo, which read the same."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from metrics.pipelines.steps import Place, Reference, last_part, reference, step, worded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from metrics.pipelines.files import Files
    from metrics.pipelines.steps import Step

WORKFLOW = re.compile(r"\.(github|gitea|forgejo)/workflows/[^/]+\.ya?ml")
ACTION_FILES = ("action.yml", "action.yaml")
DEEPEST = 4
"""How often one workflow may stand within another: GitHub allows no more."""


def fits(path: str) -> bool:
    """Whether a file is a workflow by its place."""
    return WORKFLOW.fullmatch(path) is not None


def steps(path: str, files: Files) -> Iterator[Step]:
    """Yield the steps of a workflow, those of local workflows and composite actions in their places."""
    called = worded((last_part(path), files.document(path).get("name")))
    yield from _workflow(path, Place(path, pipeline=called), files, 0)


def is_called_only(path: str, files: Files) -> bool:
    """Whether nothing but other workflows starts it, so that its steps stand where it is called."""
    on = files.document(path).get("on")
    named = {on} if isinstance(on, str) else set(on) if isinstance(on, list | dict) and on else set()
    return named == {"workflow_call"}


def _workflow(path: str, place: Place, files: Files, depth: int) -> Iterator[Step]:
    """The steps of a workflow's jobs; ``place`` is the workflow, or the job that calls it."""
    jobs = files.document(path).get("jobs")
    for name, job in jobs.items() if isinstance(jobs, dict) else ():
        if not isinstance(job, dict):
            continue
        whole_name = f"{place.job}/{name}" if place.job else name
        inner = replace(place, job=whole_name).within(name, job.get("name"))
        if isinstance(job.get("uses"), str):
            yield from _called(job, inner, files, depth)
        listed = job.get("steps")
        for each in listed if isinstance(listed, list) else ():
            if isinstance(each, dict):
                yield from _step(each, inner, files, depth)


def _called(job: dict[str, Any], place: Place, files: Files, depth: int) -> Iterator[Step]:
    """A job that is a workflow: its steps where it is at hand, else the reference."""
    local = _local(job["uses"])
    if local is not None and local in files and depth < DEEPEST:
        files.take(local)
        yield from _workflow(local, place, files, depth + 1)
        return
    does = {key: each for key, each in job.items() if key not in {"uses", "needs"}}
    yield step(place, does, reference=_reference(job["uses"], files))


def _step(each: dict[str, Any], place: Place, files: Files, depth: int) -> Iterator[Step]:
    uses, names = each.get("uses"), (each.get("name"), each.get("id"))
    does = {key: value for key, value in each.items() if key not in {"uses", "run"}}
    if isinstance(uses, str):
        inner = _composite(uses, files) if depth < DEEPEST else None
        if inner is None:
            yield step(place, does, names=names, reference=_reference(uses, files))
            return
        for one in inner:
            if isinstance(one, dict):
                yield from _step(one, place.within(*names, posixpath.basename(uses)), files, depth + 1)
    elif isinstance(each.get("run"), str):
        yield step(place, does, names=names, command=each["run"])


def _composite(uses: str, files: Files) -> list[Any] | None:
    """The steps of a composite action of the same repository; None where it is not at hand or is none."""
    local = _local(uses)
    path = next((name for file in ACTION_FILES if local and (name := posixpath.join(local, file)) in files), None)
    runs = files.document(path).get("runs") if path else None
    inner = runs.get("steps") if isinstance(runs, dict) else None
    return inner if isinstance(inner, list) else None


def _local(uses: str) -> str | None:
    return posixpath.normpath(uses) if uses.startswith("./") else None


def _reference(uses: str, files: Files) -> Reference | None:
    """What is taken from elsewhere; a path of the repository is no reference, and an image has a tag."""
    if uses.startswith("./"):
        return None
    if uses.startswith("docker://"):
        image, at, digest = uses.partition("@")
        if at:
            return Reference(image, digest)
        head, slash, last = uses.rpartition("/")
        return reference(f"{head}{slash}{last.replace(':', '@', 1)}")
    return reference(uses, files.notes)
