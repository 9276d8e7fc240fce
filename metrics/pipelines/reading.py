"""From the pipeline files of a repository to its steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from metrics.pipelines import buildkite, circleci, github, gitlab, jenkins
from metrics.pipelines.files import Files
from metrics.pipelines.steps import Place, Step, pipeline_digest, reference, step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TOOLS = (github, gitlab, circleci, buildkite, jenkins)


@dataclass(frozen=True)
class Pipelines:
    """What the pipelines of a repository do. ``problems`` tells, by path, why a file could not be read."""

    steps: tuple[Step, ...]
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The same for all repositories whose pipelines do the same."""
        return pipeline_digest(self.steps)


def read(texts: Mapping[str, str]) -> Pipelines:
    """Read the pipeline files (path -> text) that stood together in one repository.

    Files of unknown tools are no pipelines and have no steps. Never raises for what a text says.
    """
    files = Files(texts)
    known = [(path, tool) for path in sorted(texts) for tool in TOOLS if tool.fits(path)]
    called = {path for path, tool in known if tool is github and github.is_called_only(path, files)}
    found = [each for path, tool in known if path not in called for each in tool.steps(path, files)]
    # what nothing here calls is called from elsewhere: it is a pipeline all the same
    found += [each for path in sorted(called - files.taken) for each in github.steps(path, files)]
    return Pipelines(tuple(found), dict(sorted(files.problems.items())))


def told(path: str, steps: Sequence[str], uses: Sequence[str]) -> tuple[Step, ...]:
    """The steps of a definition that came without its text: names of steps, and references with their pins."""
    named = (step(Place(path), {"step": name}, names=(name,)) for name in steps)
    return (*named, *(step(Place(path), {}, reference=reference(each)) for each in uses))
