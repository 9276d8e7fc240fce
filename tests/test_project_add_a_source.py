"""The template of the guide "Add a source" works as it stands."""

import importlib.util
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

import collectors
from collectors import build
from collectors.sync import run
from tribometer.errors import ConfigurationError
from tribometer.service.documentation.sources_page import section
from tribometer.store import EventStore

GUIDE = Path(__file__).parents[1] / "docs" / "add-a-source.md"
RELEASES = [
    {"id": 1, "commit": "a" * 40, "published_at": "2026-01-01T10:00:00Z", "updated_at": "2026-01-01T10:00:00Z"},
    {"id": 2, "commit": "b" * 40, "published_at": "yesterday", "updated_at": "2026-01-02T10:00:00Z"},
    {"id": 3, "commit": "c" * 40, "published_at": "2026-01-03T10:00:00Z", "updated_at": "2026-01-03T10:00:00Z"},
]


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The guide's module, in the catalogue for the time of a test."""
    [code] = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    file = tmp_path / "templated_forge.py"
    file.write_text(code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("templated_forge", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "templated_forge", module)
    spec.loader.exec_module(module)
    monkeypatch.setitem(collectors.COLLECTORS, "forge", "templated_forge")
    return module


def answered(request: httpx.Request) -> httpx.Response:
    if "authorization" not in request.headers:
        return httpx.Response(403, json={"message": "no"})
    page = int(request.url.params.get("page", 1))
    since = request.url.params.get("since", "")
    found: list[Any] = [each for each in RELEASES if each["updated_at"] >= since][page * 2 - 2 : page * 2]
    link = {"link": f'<https://elsewhere.example.org{request.url.path}?page={page + 1}>; rel="next"'} if found else {}
    return httpx.Response(200, json=found, headers=link)


def collector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Any:
    monkeypatch.setenv("FORGE_TOKEN", "s3cret")
    table = {"kind": "forge", "repository": "acme/checkout", "url": "https://forge.example.org", **more}
    made: Any = build(table, origin="tribometer.toml", data=tmp_path)
    return replace(made, server=replace(made.server, transport=lambda: httpx.MockTransport(answered)))


def test_the_template_collects_page_by_page_and_goes_on_where_it_was(
    template: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge = collector(tmp_path, monkeypatch, token={"env": "FORGE_TOKEN"})
    with EventStore.open(tmp_path / "data") as store:
        first, second = run(forge, store), run(forge, store)
        with store.reader() as reader:
            landed = reader.rows("SELECT id, sha FROM deployments ORDER BY id")
    assert (first.new, first.rejected, first.requests, first.error) == (2, 1, 3, None)
    assert (second.new, second.unchanged, second.error) == (0, 1, None)
    assert landed == [("acme/checkout/releases/1", "a" * 40), ("acme/checkout/releases/3", "c" * 40)]
    assert forge.position(second.next_cursor) == "until 2026-01-03"
    assert template.SETTINGS is type(template.SETTINGS.model_validate(_table()))


def _table() -> dict[str, str]:
    return {"kind": "forge", "repository": "acme/checkout", "url": "https://forge.example.org"}


@pytest.mark.usefixtures("template")
def test_the_template_names_the_permission_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [refused] = collector(tmp_path, monkeypatch).check()
    [granted] = collector(tmp_path, monkeypatch, token={"env": "FORGE_TOKEN"}).check()
    assert (refused.what, refused.granted, refused.fix) == ("releases", False, "Give `token` the scope `releases:read`")
    assert granted.granted


@pytest.mark.usefixtures("template")
def test_the_templates_table_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"sources\.repository"):
        collector(tmp_path, monkeypatch, repository="checkout")


def test_the_template_rejects_what_is_no_release_and_goes_on(template: ModuleType) -> None:
    told = template.parse_releases([7, RELEASES[0], RELEASES[1]], "forge:acme/checkout", "acme/checkout")
    assert [each.id for each in told.events] == ["acme/checkout/releases/1"]
    assert told.rejected[0].content == "7"
    assert "finished_at" in told.rejected[1].reason
    assert template.parse_releases({"message": "odd"}, "forge:acme/checkout", "acme/checkout").events == []


def test_the_template_says_enough_to_be_put_on_a_page(template: ModuleType) -> None:
    told = section("forge", template)
    assert "**Credential**: A token with the scope `releases:read`." in told
    assert "| `repository` | text | required | Owner and name, e.g. `acme/checkout`. |" in told
