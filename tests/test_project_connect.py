"""The examples of the guide "Connect your organisation" are settings that the program takes as they stand."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from file_sources import FileSource
from service_places import clock
from tribometer.events import Service
from tribometer.service.configured import configured
from tribometer.service.instance import opened
from tribometer.service.sources import tables
from tribometer.settings import load
from tribometer.store.spoken_services import spoken_of

GUIDE = Path(__file__).parents[1] / "docs" / "connect.md"
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
TABLES = re.findall(r"^```csv\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
SECRETS = "/run/secrets"


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A folder with what the examples look for in that of a container."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (folder / "github-app.pem").write_bytes(pem)
    (folder / "backstage").write_text("a token")
    return folder


@pytest.mark.parametrize("example", EXAMPLES, ids=[each.splitlines()[1] for each in EXAMPLES])
def test_an_example_is_taken_as_it_stands(
    example: str, tmp_path: Path, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in re.findall(r'env = "(\w+)"', example):
        monkeypatch.setenv(name, f"the value of {name}")
    file = tmp_path / "tribometer.toml"
    file.write_text(example.replace(SECRETS, str(secrets)), encoding="utf-8")
    settings = load(file, tmp_path / "data")
    kinds = [str(table["kind"]) for table in tables(settings, None)]
    with opened(settings, clock) as instance:
        made = configured(replace(instance, folder=None))
    assert [each.kind for each in made] == kinds
    assert [each.problem for each in made] == [None] * len(kinds)
    assert all(hook.secret[0].reveal() for hook in settings.hooks.values())


def test_the_guide_has_an_example_for_every_kind_of_organisation() -> None:
    shown = set(re.findall(r'^kind = "(\w+)"', "\n".join(EXAMPLES), re.MULTILINE))
    assert {"github", "gitlab", "gitea", "jenkins", "backstage", "pagerduty"} <= shown


def test_the_catalog_of_one_repository_lands_whole_and_its_services_are_told_apart(tmp_path: Path) -> None:
    (content,) = (each for each in TABLES if each.startswith("service,"))
    page = FileSource("catalog", tmp_path / "catalog.csv").collect(content)
    assert (list(page.rejected), list(page.remarks)) == ([], [])
    paths = {each.name: each.paths for each in page.events if isinstance(each, Service)}
    assert paths["checkout"] == ["services/checkout/", "deploy/checkout/"]
    deployable = [each.name for each in page.events if isinstance(each, Service) and each.kind == "deployable"]
    assert [spoken_of(deployable, each) for each in ("checkout-production", "production/search", "production")] == [
        "checkout", "search", None,
    ]  # fmt: skip
