from pathlib import Path

import pytest

from collectors import COLLECTORS, build, settings_of
from tribometer.errors import ConfigurationError, SecretMissing


@pytest.mark.parametrize(
    ("table", "key", "message"),
    [
        ({}, "sources.kind", "None is no kind of source"),
        ({"kind": "gti"}, "sources.kind", "Did you mean 'git'"),
        ({"kind": "svn"}, "sources.kind", "one of: git"),
        ({"kind": ["git"]}, "sources.kind", "no kind"),
        ({"kind": "backstage"}, "sources.url", "is missing"),
        ({"kind": "cdevents"}, "sources.kind", "let it send to /hooks/cdevents: [hooks.cdevents] secret"),
        ({"kind": "git", "path": "x", "release": "v"}, "sources.release", "Did you mean 'releases'"),
        ({"kind": "git", "path": "x", "releases": "("}, "sources.releases", "regular expression"),
        ({"kind": "git", "path": 3}, "sources.path", "path"),
        ({"kind": "git", "path": "x", "name": ""}, "sources.name", "at least 1"),
        ({"kind": "git", "path": "x", "name": "a\nb"}, "sources.name", "printed"),
        ({"kind": "git", "path": "x", "timeout": 0}, "sources.timeout", "greater than 0"),
        ({"kind": "git"}, "sources", "either `path`"),
        ({"kind": "git", "path": "x", "url": "https://x.org/a/b"}, "sources", "not both"),
    ],
)
def test_a_wrong_table_is_an_error_that_names_key_file_and_fix(
    table: dict[str, object], key: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=r"tribometer\.toml") as caught:
        build(table, origin="tribometer.toml", data=tmp_path)
    assert caught.value.key == key
    assert message in str(caught.value)
    assert caught.value.fix


WRITTEN = "ghp_1234567890"


@pytest.mark.parametrize(
    ("table", "key", "message"),
    [
        ({"token": WRITTEN}, "sources.token", 'Write token = {env = "NAME"} or token = {file = "PATH"}'),
        ({"token": WRITTEN}, "sources.token", "a secret is never written into the settings file"),
        ({"token": [{"env": "A"}, WRITTEN]}, "sources.token", "a secret is never written into the settings file"),
        ({"token": {"evn": WRITTEN}}, "sources.token", "`env` is meant, not `evn`"),
        ({"token": [{"env": "A"}, {"fil": WRITTEN}]}, "sources.token", "`file` is meant, not `fil`"),
        ({"token": {"value": WRITTEN}}, "sources.token", "only `env` and `file` say where a secret stands. Write"),
        ({"token": {"env": "A", "file": "B"}}, "sources.token", "a secret stands in one place"),
        ({"token": {}}, "sources.token", "a secret stands in one place"),
        ({"app": {"id": 1, "key": WRITTEN, "installation": 2}}, "sources.app.key", 'Write key = {env = "NAME"}'),
        ({"app": {"id": 1, "kee": WRITTEN, "installation": 2}}, "sources.app.kee", "Did you mean 'key'"),
    ],
)
def test_a_secret_in_the_wrong_place_is_not_repeated_and_shown_the_right_one(
    table: dict[str, object], key: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        build({"kind": "github", "owner": "acme", **table}, origin="tribometer.toml", data=tmp_path)
    assert caught.value.key == key
    assert message in str(caught.value)
    assert WRITTEN not in str(caught.value)


SERVERS = [kind for kind in COLLECTORS if "token" in settings_of(kind).model_fields]


@pytest.mark.parametrize("kind", SERVERS)
def test_every_kind_refuses_a_token_that_is_written_into_its_table(kind: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        build({"kind": kind, "token": WRITTEN, "url": "https://x.example.org"}, origin="test", data=tmp_path)
    assert WRITTEN not in str(caught.value)


def test_a_secret_that_is_missing_is_named_with_its_table_and_a_replay_needs_none(tmp_path: Path) -> None:
    for secret in ({"token": {"env": "NOT_SET"}}, {"app": {"id": 1, "key": {"env": "NOT_SET"}, "installation": 2}}):
        table = {"kind": "github", "owner": "acme", **secret}
        with pytest.raises(SecretMissing, match=r"variable NOT_SET: sources\[2\]\.(token|app\.key): the secret has no"):
            build(table, origin="test", data=tmp_path, key="sources[2]")
        assert build(table, origin="test", data=tmp_path, replayed=True).name == "github:acme"


def test_a_credential_that_a_kind_cannot_do_without_is_asked_for_in_its_table(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^tribometer\.toml: sources\[1\]\.token: is missing\. Add token"):
        build({"kind": "pagerduty"}, origin="tribometer.toml", data=tmp_path, key="sources[1]")


def test_a_refusal_keeps_nothing_alive_of_who_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        build({"kind": "git"}, origin="test", data=tmp_path)
    assert caught.value.__context__ is None


def test_an_unknown_key_of_an_inner_table_is_told_the_keys_of_that(tmp_path: Path) -> None:
    table = {"kind": "github", "owner": "acme", "deployments": {"from": "workflow", "naem": "x"}}
    with pytest.raises(ConfigurationError, match=r"Did you mean 'name'\? Known keys: from, name, environment$"):
        build(table, origin="test", data=tmp_path)


def test_an_error_names_the_table_it_is_about(tmp_path: Path) -> None:
    for table, key in (({"kind": "svn"}, "kind"), ({"kind": "git", "path": 3}, "path")):
        with pytest.raises(ConfigurationError) as caught:
            build(table, origin="tribometer.toml", data=tmp_path, key="sources[1]")
        assert caught.value.key == f"sources[1].{key}"


@pytest.mark.parametrize("kind", COLLECTORS)
def test_every_kind_loads_and_refuses_an_empty_table(kind: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        build({"kind": kind}, origin="tribometer.toml", data=tmp_path)


def test_a_collector_says_what_it_is_without_reading_anything(tmp_path: Path) -> None:
    source = build({"kind": "git", "path": str(tmp_path / "gone")}, origin="tribometer.toml", data=tmp_path)
    assert (source.name, source.kind, source.resumable) == ("git:gone", "git", True)
    assert source.reads == {"repository", "commit", "deployment"}
