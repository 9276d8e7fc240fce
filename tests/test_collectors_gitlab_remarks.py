"""What is remarked on while GitLab is collected: what is forbidden, left out by the settings, or told of its files."""

import pytest

from forge_servers import MORNING
from gitlab_server import GitLab, filled, played
from tribometer.errors import SourceGone


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> GitLab:
    monkeypatch.setenv("GITLAB_TOKEN", "secret")
    return GitLab()


def test_a_part_that_is_forbidden_is_remarked_on_and_costs_the_others_nothing(gitlab: GitLab) -> None:
    filled(gitlab).forbidden = {"/merge_requests", "/deployments"}
    pages = played(gitlab).collect()
    kinds = {event.type for page in pages for event in page.events}
    assert kinds == {"repository", "commit", "run", "job", "ownership", "pipeline_definition"}
    assert [remark.what for remark in pages[-1].remarks] == [
        "merge requests cannot be read: /api/v4/projects/7/merge_requests is forbidden (403 Forbidden)",
        "deployments cannot be read: /api/v4/projects/7/deployments is forbidden (403 Forbidden)",
    ]
    assert "`read_api`" in pages[-1].remarks[0].do


def test_without_notes_a_merge_request_still_comes_and_a_remark_says_what_is_missing(gitlab: GitLab) -> None:
    gitlab.merge_request(1, MORNING)
    gitlab.forbidden = {"/notes", "/graphql"}
    pages = played(gitlab).collect()
    [change] = [event for page in pages for event in page.events if event.type == "change"]
    assert "additions" not in change.carried
    [remark] = pages[-1].remarks
    assert remark.what == "the notes of merge requests cannot be read, so nothing is known of reviews"


def test_a_pattern_that_selects_nothing_is_named_with_what_to_do(gitlab: GitLab) -> None:
    def remarks(*chosen: str) -> list[tuple[str, bool]]:
        [page] = [page for _, page in played(gitlab, projects=list(chosen)).pages() if page.members is not None]
        return [(each.what, "`projects`" in each.do) for each in page.remarks]

    with pytest.raises(SourceGone, match=r"no project of acme fits nosuch\*.*`projects`"):
        remarks("nosuch*")
    assert remarks("checkout", "nosuch*", "missing") == [("no project of acme fits nosuch*, missing", True)]
    [(unread, _)] = remarks("acme/checkout", "acme/secret")
    assert unread.startswith("acme/secret cannot be read: ")
    assert (remarks("check*"), remarks()) == ([], [])
    gitlab.project = {"archived": True}
    assert remarks() == [("acme has no project to collect", True)]


def test_what_one_missing_permission_hides_is_one_remark(gitlab: GitLab) -> None:
    filled(gitlab, 1).forbidden = {"/deployments", "/pipelines", "/repository/commits"}
    remarks = played(gitlab).collect()[-1].remarks
    assert [remark.what.partition(":")[0] for remark in remarks] == [
        "commits and pipelines and child pipelines and deployments cannot be read"
    ]


def test_what_is_said_of_codeowners_holds_until_the_branch_moves(gitlab: GitLab) -> None:
    gitlab.commits, gitlab.files = [1], {"CODEOWNERS": "* @ann\n"}
    source = played(gitlab)
    for _ in range(2):
        [remark] = source.collect()[-1].remarks
        assert remark.what.startswith("CODEOWNERS of acme/checkout gives all of it to 1 by name")
    gitlab.commits, gitlab.files = [1, 2], {"CODEOWNERS": "* @acme/payments\n"}
    assert source.collect()[-1].remarks == ()
