import pytest

from tribometer.service.url_words import in_url_words


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("--from 'then': write a date", "from 'then': write a date"),
        ("2024-05-20: try --from 2024-01-01", "2024-05-20: try from=2024-01-01"),
        ("`tribometer metric` lists them.", "GET /api/v1/metrics lists them."),
        (
            "`tribometer metric change_lead_time --by service` lists them.",
            "GET /api/v1/metrics/change_lead_time?by=service lists them.",
        ),
        ("There is no metric '--from'.", "There is no metric '--from'."),
        ("an em--dash, and -- alone", "an em--dash, and -- alone"),
    ],
)
def test_options_and_commands_are_named_as_on_a_url(told: str, expected: str) -> None:
    assert in_url_words(told) == expected
