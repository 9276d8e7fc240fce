import pytest

from collectors.incident_cause import change_caused


@pytest.mark.parametrize(
    ("labels", "cause"),
    [
        (["incident", "Change Caused"], "yes"),
        (["caused_by::change"], "yes"),
        (["change-failure"], "yes"),
        (["Not change caused"], "no"),
        (["incident"], "unknown"),
        ([], "unknown"),
        (["change-caused", "not-change-caused"], "unknown"),
        ([None, 7], "unknown"),
    ],
)
def test_labels_say_whether_a_change_caused_an_incident(labels: list[object], cause: str) -> None:
    assert change_caused(labels) == cause
