"""One spelling of a person's handle for each forge."""

import pytest

from collectors.people import handle
from tribometer.privacy import Pseudonyms

PEOPLE = Pseudonyms(b"k" * 32)


@pytest.mark.parametrize(
    ("forge", "login", "expected"),
    [
        ("github", "Ann", "Ann"),
        ("gitlab", "dave", "gitlab:dave"),
        ("gitea", " dave ", "gitea:dave"),
        ("gitlab", "dave@example.org", "dave@example.org"),
        ("gitlab", PEOPLE.of("dave"), PEOPLE.of("dave")),
        ("gitlab", None, None),
        ("github", "", None),
        ("gitea", "  ", None),
    ],
)
def test_a_login_bears_its_forge_and_what_names_a_person_by_itself_stays(
    forge: str, login: str | None, expected: str | None
) -> None:
    assert handle(forge, login) == expected


def test_the_login_of_gitlab_is_the_one_in_its_no_reply_address() -> None:
    login = handle("gitlab", "Dave.L")
    assert login is not None
    assert PEOPLE.of(login) == PEOPLE.of("77-dave.l@users.noreply.gitlab.com")
