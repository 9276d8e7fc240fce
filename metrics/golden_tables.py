"""The tables that tell what is golden here: templates, workflows and references, by what the settings declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tribometer.settings import Rules
    from tribometer.store import Reader

DECLARED = pa.schema([("templates", pa.bool_()), ("workflows", pa.bool_())])
USED = "SELECT DISTINCT UNNEST(uses) AS reference FROM pipeline_definitions"
RUN = "SELECT DISTINCT workflow FROM runs WHERE workflow IS NOT NULL"
MADE = """
SELECT template FROM services WHERE template IS NOT NULL UNION SELECT template FROM requests WHERE template IS NOT NULL
"""
RELEASED = "SELECT DISTINCT template FROM template_releases WHERE template IS NOT NULL"
SEEN = "SELECT DISTINCT environment FROM observations WHERE environment IS NOT NULL"


class GoldenTables:
    """The given tables, each made when the SQL names it."""

    def __init__(self, reader: Reader, rules: Rules) -> None:
        """Read nothing yet."""
        self._reader, self._rules = reader, rules

    @property
    def given(self) -> Mapping[str, Callable[[], pa.Table]]:
        """The tables by name."""
        golden = self._rules.golden_path
        return {
            "golden_declared": self._declared,
            "golden_templates": lambda: _listed("template", self._templates()),
            "golden_workflows": lambda: _listed("workflow", filter(golden.is_workflow, self._known(RUN))),
            "golden_references": lambda: _listed("reference", filter(golden.is_workflow, self._known(USED))),
            "production_environments": lambda: _listed(
                "environment", (name for (name,) in self._reader.rows(SEEN) if self._rules.tier(name) == "production")
            ),
        }

    def _declared(self) -> pa.Table:
        """One row: whether it can be told which templates, and which workflows, are golden."""
        row = {"templates": bool(self._templates()), "workflows": bool(self._rules.golden_path.workflows)}
        return pa.Table.from_pylist([row], schema=DECLARED)

    def _templates(self) -> list[str]:
        """Golden templates that anything was made from or that have releases; where none is declared, the latter."""
        released = {name for (name,) in self._reader.rows(RELEASED)}
        if not self._rules.golden_path.templates:
            return sorted(released)
        made = {name for (name,) in self._reader.rows(MADE)}
        return [name for name in sorted(released | made) if self._rules.golden_path.is_template(name)]

    def _known(self, query: str) -> list[str]:
        """The names to judge; none where no workflow is declared, so that nobody walks the runs in vain."""
        return [name for (name,) in self._reader.rows(query)] if self._rules.golden_path.workflows else []


def _listed(column: str, names: Iterable[str]) -> pa.Table:
    schema = pa.schema([(column, pa.string())])
    return pa.Table.from_pylist([{column: name} for name in sorted(names)], schema=schema)
