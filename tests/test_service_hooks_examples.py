"""Every example of a GitHub payload, signed and sent to a running service."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from collectors.hooks.github import KINDS
from deliveries import SECRET, body_of, signed
from foreign_packages import from_npm
from test_service_up import up

EXAMPLES = {"@octokit/webhooks-examples": "7.6.1"}
CONFIGURATION = '[hooks.github]\nsecret = {env = "HOOK_SECRET"}\n'
COUNTS = ("new", "updated", "unchanged")


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, bytes]]:
    """Kind and body of each, from the npm package that collects them."""
    folder = from_npm("github-webhooks", EXAMPLES, tmp_path_factory)
    index = folder / "node_modules/@octokit/webhooks-examples/api.github.com/index.json"
    return [(each["name"], body_of(payload)) for each in json.loads(index.read_text()) for payload in each["examples"]]


def sent(client: httpx.Client, kind: str, body: bytes) -> dict[str, Any]:
    headers = {"content-type": "application/json", "x-github-event": kind, **signed("github", body)}
    answer = client.post("/hooks/github", content=body, headers=headers)
    assert answer.status_code == 200, (kind, answer.text)
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.slow
def test_every_example_is_answered_200_and_sent_again_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, examples: list[tuple[str, bytes]]
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    (tmp_path / "tribometer.toml").write_text(CONFIGURATION)
    landed: Counter[str] = Counter()
    with up(tmp_path) as (process, address), httpx.Client(base_url=address.url, trust_env=False) as client:
        for kind, body in examples:
            told, again = sent(client, kind, body), sent(client, kind, body)
            landed[kind] += sum(told[count] for count in COUNTS)
            assert sum(told[count] for count in COUNTS) or told["ignored"], kind
            assert (again["new"], again["updated"]) == (0, 0), kind
        process.terminate()
        output = "".join(process.communicate())
    log = "".join(file.read_text() for file in (tmp_path / ".tribometer").glob("*.log"))
    assert len(examples) > 300
    # none of the examples is an issue that the configuration calls an incident
    assert {kind for kind, count in landed.items() if count} == set(KINDS) - {"issues"}
    assert "Traceback" not in output + log
