"""CODEOWNERS as GitHub, GitLab and Gitea read it: which teams own the whole repository."""

import pytest

from collectors.codeowners import Dialect, codeowners_remarks, parse_codeowners
from tribometer.events import Ownership


def owners(text: str, dialect: Dialect = "github", repository: str = "acme/checkout") -> list[str]:
    events, _ = parse_codeowners(text, source="github:acme/checkout", repository=repository, dialect=dialect)
    return [event.team for event in events if isinstance(event, Ownership)]


def refused(text: str, dialect: Dialect = "github") -> list[str]:
    _, rejected = parse_codeowners(text, source="github:acme/checkout", repository="acme/checkout", dialect=dialect)
    return [each.reason for each in rejected]


def test_a_team_of_the_whole_repository_owns_it_undated() -> None:
    events, rejected = parse_codeowners(
        "* @acme/payments\n", source="github:acme/checkout", repository="acme/checkout", dialect="github"
    )
    assert [event.model_dump(exclude_unset=True) for event in events] == [
        {"source": "github:acme/checkout", "id": "acme/checkout/CODEOWNERS/payments",
         "team": "payments", "repository": "acme/checkout"},
    ]  # fmt: skip
    assert rejected == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# nobody\n\n", []),
        ("* @acme/a @acme/b", ["a", "b"]),
        ("* @acme/a\n* @acme/b", ["b"]),
        ("* @acme/a\n/** @acme/b # the platform's", ["b"]),
        ("* @acme/a\n*", []),
        ("* @acme/a\ndocs/ @acme/docs\n/* @acme/top\n*.js @acme/web", ["a"]),
        ("* @acme/a @ann someone@example.org", ["a"]),
        ("* @ann", []),
        ("* @other/a", ["other/a"]),
        ("* @Acme/a", ["a"]),
        ("\ufeff* @acme/a\r\n", ["a"]),
        (r"with\ blank @acme/a", []),
        ("[Section]\n* @acme/a", ["a"]),
    ],
)
def test_on_github_the_last_rule_for_all_files_wins(text: str, expected: list[str]) -> None:
    assert owners(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("* @acme/a\n[Docs]\n* @acme/docs\n[Database][2]\n* @acme/dba", ["a", "docs", "dba"]),
        ("[Docs]\n* @acme/a\n[docs]\n* @acme/b", ["b"]),
        ("[Docs] @acme/docs\n*", ["docs"]),
        ("[Docs] @acme/docs\n* @acme/b", ["b"]),
        ("[Docs] @acme/docs\ndoc/", []),
        ("^[Docs] @acme/docs\n*", ["docs"]),
        ("* @acme/a\n^[Docs] @acme/docs\n*", ["a"]),
        ("* @acme/a\n!*", []),
        ("* @acme/a\n!*\n* @acme/b", []),
        ("* @acme/a\n!*.rb", ["a"]),
        ("* @acme/shop/payments @group @@maintainer", ["shop/payments"]),
        ("* @acme/a # and @acme/b too", ["a", "b"]),
        ("# * @acme/a", []),
    ],
)
def test_on_gitlab_sections_add_up_and_defaults_fill_in(text: str, expected: list[str]) -> None:
    assert owners(text, "gitlab") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".* @acme/a # all of it\n.* @acme/b", ["a", "b"]),
        (r".*\\.go @acme/a", []),
        ("* @acme/a", []),
        ("!.* @acme/a", []),
        (r"dir/with\#hash @acme/a", []),
    ],
)
def test_on_gitea_patterns_are_regular_expressions_and_all_count(text: str, expected: list[str]) -> None:
    assert owners(text, "gitea") == expected


def test_a_line_the_forge_would_not_take_is_kept_by_number_without_naming_owners() -> None:
    text = "* @acme/a\n!docs/ @ann\nsrc/[ab].py @ann\nweb/ ann\n"
    _, rejected = parse_codeowners(text, source="s", repository="acme/checkout", dialect="github")
    assert [each.content for each in rejected] == ["!docs/", "src/[ab].py", "web/"]
    assert [(each.file, each.line) for each in rejected] == [("CODEOWNERS", number) for number in (2, 3, 4)]
    assert "ann" not in str(rejected)
    assert owners(text) == ["a"]


def test_what_one_forge_refuses_another_takes() -> None:
    assert refused("!docs/ @acme/a", "gitlab") == []
    assert refused("src/[ab].py @acme/a", "gitea") == []
    assert len(refused("src/.*", "gitea")) == 1
    assert refused("docs/", "github") == []


def test_of_a_repository_given_to_persons_alone_it_is_remarked_how_many_not_who() -> None:
    (remark,) = codeowners_remarks("* @ann @bob", repository="acme/checkout", dialect="github")
    assert "to 2 by name and to no team" in remark.what
    assert "ann" not in str(remark)
    assert codeowners_remarks("* @ann @acme/a", repository="acme/checkout", dialect="github") == []
    assert codeowners_remarks("docs/ @ann", repository="acme/checkout", dialect="github") == []
