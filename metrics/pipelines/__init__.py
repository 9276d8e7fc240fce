"""Pipeline files read as steps: what a repository's pipelines do, and what they take by reference.

Pure functions over text. Nothing in a file is executed or fetched: what is local is resolved among the files at hand,
everything else stays the reference it is.
"""

from metrics.pipelines.reading import Pipelines, read
from metrics.pipelines.steps import Reference, Step

__all__ = ["Pipelines", "Reference", "Step", "read"]
