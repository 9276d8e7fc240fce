"""What a pipeline consists of, whatever the tool: steps of jobs, and what they take by reference."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?|sha256:[0-9a-f]{64}")
VERSION = re.compile(r"v?\d+(\.\d+)*([-+.][\w.+-]*)?", re.ASCII)
FULL_LINE_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
NAMES = frozenset({"name", "label", "id", "key", "description"})
"""What a step is called changes nothing of what it does."""
SHORT = 72


@dataclass(frozen=True)
class Reference:
    """Something taken from elsewhere: ``target`` without its version, ``pin`` the version as written.

    ``noted`` is the version that a comment behind a sha names; ``fixed`` says that its versions never move.
    """

    target: str
    pin: str | None = None
    noted: str | None = None
    fixed: bool = False

    @property
    def pinned(self) -> str:
        """How firmly: ``sha``, ``fixed``, ``tag``, ``branch``, or ``none`` where no version is named."""
        if self.pin is None:
            return "none"
        if SHA.fullmatch(self.pin):
            return "sha"
        if self.fixed:
            return "fixed"
        return "tag" if VERSION.fullmatch(self.pin) else "branch"

    @property
    def text(self) -> str:
        """The reference as one writes it."""
        return self.target if self.pin is None else f"{self.target}@{self.pin}"


@dataclass(frozen=True)
class Place:
    """Where a step stands: the file, the job, and what the job, the stages around it and the pipeline are called."""

    path: str
    job: str = ""
    stages: tuple[str, ...] = ()
    pipeline: tuple[str, ...] = ()

    def within(self, *names: object) -> Place:
        """The same place within further stages."""
        return replace(self, stages=(*self.stages, *worded(names)))


@dataclass(frozen=True)
class Step:
    """One step of a job.

    ``body`` is what it does: the canonical text of all that decides it, without versions and names. ``names`` is what
    the step itself is called.
    """

    place: Place
    body: str
    names: tuple[str, ...] = ()
    reference: Reference | None = None
    command: str | None = None

    @property
    def digest(self) -> str:
        """What makes two steps the same."""
        return sha256(self.body.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def label(self) -> str:
        """A few words for a reader: what is taken, else what is run, else what it is called."""
        told = self.reference.target if self.reference else self.command or next(iter(self.names), self.place.job)
        short = " ".join(told.split())
        return short if len(short) <= SHORT else f"{short[: SHORT - 1]}…"

    @property
    def keys(self) -> dict[str, int]:
        """By what a required step finds it: 1 for its own words, 2 for its job's and stages', 3 for its pipeline's."""
        own = [*self.names, *([self.command] if self.command else [])]
        if self.reference:
            own += [self.reference.target, last_part(self.reference.target)]
        ranks = ((3, self.place.pipeline), (2, self.place.stages), (1, own))
        found = {slug(name): rank for rank, names in ranks for name in names}
        return {key: rank for key, rank in found.items() if key}


def step(
    place: Place,
    does: Mapping[str, Any],
    *,
    names: Iterable[object] = (),
    reference: Reference | None = None,
    command: str | None = None,
) -> Step:
    """Make a step; ``does`` is what decides it beside the reference and the command."""
    ran = bare(command) if command is not None else None
    what = {"uses": reference.target if reference else None, "run": ran, "with": stripped(does)}
    return Step(place, canonical(what), worded(names), reference, ran)


def worded(names: Iterable[object]) -> tuple[str, ...]:
    """The names that are texts at all."""
    return tuple(each for each in names if isinstance(each, str) and each)


def canonical(value: object) -> str:
    """One text for all ways to write the same value: keys in order, no blanks."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def stripped(value: object) -> object:
    """A value without names, and with the blanks of its texts evened out."""
    if isinstance(value, dict):
        return {key: stripped(each) for key, each in value.items() if key not in NAMES}
    if isinstance(value, list):
        return [stripped(each) for each in value]
    return " ".join(str(value).split())


def bare(command: str) -> str:
    """A command without lines of comment, and with its blanks evened out."""
    return " ".join(FULL_LINE_COMMENT.sub("", command).replace("\\\n", " ").split())


@lru_cache(maxsize=16_384)
def slug(text: str) -> str:
    """A name as it is compared: letters and digits in lower case, all else one dash."""
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-")


def last_part(target: str) -> str:
    """What a reference is called for short: ``deploy`` of ``acme/ci/.github/workflows/deploy.yml``."""
    return re.sub(r"\.ya?ml$", "", target.rstrip("/").rpartition("/")[2])


def reference(text: str, notes: Mapping[str, str] | None = None, mark: str = "@") -> Reference:
    """Read ``target@pin``; ``notes`` tells the version of a sha."""
    target, _, pin = text.strip().partition(mark)
    return Reference(target.strip(), pin.strip() or None, (notes or {}).get(pin.strip()))


def pipeline_digest(steps: Sequence[Step]) -> str:
    """One digest for all pipelines that do the same: jobs in any order, steps of a job in theirs."""
    jobs: dict[tuple[str, str], list[str]] = {}
    for each in steps:
        jobs.setdefault((each.place.path, each.place.job), []).append(each.digest)
    return sha256(canonical(sorted(jobs.values())).encode()).hexdigest()[:16]
