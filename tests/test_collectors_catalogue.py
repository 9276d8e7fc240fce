from pathlib import Path

import pytest

from collectors import COLLECTORS, build
from tribometer.errors import ConfigurationError


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
