"""A Backstage backend by script: it holds entities and tasks as the recordings do, and pages them as the real one."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from collectors import build
from loopback import Asked, Reply, Time, Told

if TYPE_CHECKING:
    from collectors.base import Collector

RECORDINGS = Path(__file__).parent / "recordings" / "backstage"
TASKS = "/api/scaffolder/v2/tasks"


def recorded(name: str) -> Any:
    """A recorded answer; a new object each time, so that a test may change it."""
    return json.loads((RECORDINGS / name).read_text(encoding="utf-8"))


@dataclass
class Portal:
    """What the backend holds now; ``closed`` are statuses of addresses that begin so."""

    entities: list[dict[str, Any]] = field(default_factory=lambda: recorded("entities.json")["items"])
    tasks: list[dict[str, Any]] = field(default_factory=lambda: recorded("tasks.json")["tasks"])
    events: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: recorded("events.json"))
    closed: dict[str, int] = field(default_factory=dict)
    page: int = 5

    def answer(self, asked: Asked) -> Reply:
        """Answer as the backend would."""
        status = next((code for start, code in self.closed.items() if asked.path.startswith(start)), None)
        if status:
            return Told({"error": {"message": "closed"}}, status)
        if asked.path == "/api/catalog/entities/by-query":
            return Told(self._by_query(asked))
        if asked.path == TASKS:
            offset = int(asked.query.get("offset", 0))
            limit = int(asked.query.get("limit", len(self.tasks)))
            return Told({"tasks": self.tasks[offset : offset + limit], "totalTasks": len(self.tasks)})
        name, _, rest = asked.path.removeprefix(f"{TASKS}/").partition("/")
        task = next((each for each in self.tasks if each["id"] == name), None)
        if task is None:
            return Told({"error": {"name": "NotFoundError"}}, 404)
        return Told(self.events.get(name, []) if rest else task)

    def _by_query(self, asked: Asked) -> dict[str, Any]:
        kinds = {each.partition("=")[2] for each in asked.query["filter"].split(",")}
        fitting = [each for each in self.entities if each["kind"].lower() in kinds]
        first = int(asked.query.get("cursor", 0))
        more = {"nextCursor": str(first + self.page)} if first + self.page < len(fitting) else {}
        return {"items": fitting[first : first + self.page], "totalItems": len(fitting), "pageInfo": more}


def collector(url: str, data: Path, time: Time, **keys: Any) -> Collector:
    """Make the collector as the configuration would, with the time of the test."""
    table = {"kind": "backstage", "url": url, "name": "acme", **keys}
    made = cast("Any", build(table, origin="test.toml", data=data))
    server = dataclasses.replace(made.server, clock=time.clock, sleep=time.sleep, tries=2, timeout=5.0)
    return cast("Collector", dataclasses.replace(made, server=server))
