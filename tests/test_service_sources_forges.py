"""Two tables of one owner: their repositories are the same sources, so one table has to say it all."""

import re
from pathlib import Path
from typing import Any

import pytest

from service_places import clock
from tribometer.errors import ConfigurationError
from tribometer.service.configured import configured
from tribometer.service.instance import opened
from tribometer.settings import Settings

GITEA = "https://git.example.org"


@pytest.mark.parametrize(
    ("table", "patterns"),
    [
        ({"kind": "github", "owner": "acme"}, "repositories"),
        ({"kind": "gitlab", "group": "acme"}, "projects"),
        ({"kind": "gitea", "owner": "acme", "url": GITEA}, "repositories"),
        ({"kind": "forgejo", "owner": "acme", "url": GITEA}, "repositories"),
    ],
)
def test_a_second_table_of_an_owner_is_to_be_made_one_with_the_first(
    table: dict[str, Any], patterns: str, tmp_path: Path
) -> None:
    two = ({**table, patterns: ["shop"]}, {**table, patterns: ["pay*"]})
    with opened(Settings(data=tmp_path / "two", sources=two), clock) as instance:
        first, second = configured(instance)
    assert first.collector
    assert isinstance(second.problem, ConfigurationError)
    assert re.search(r"sources\[1\].*:acme is there twice.*[Oo]ne table.*sources\[0\]", str(second.problem))
    one = ({**table, patterns: ["shop", "pay*"]},)
    with opened(Settings(data=tmp_path / "one", sources=one), clock) as instance:
        [made] = configured(instance)
    assert made.name.endswith(":acme")
