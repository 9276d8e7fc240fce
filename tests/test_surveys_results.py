"""What a closed wave tells, and what it keeps to itself."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_waves import Person, instrument, item, options, told
from surveys.wave_results import WaveResults
from tribometer.privacy.published import N_BANDS, n_band, outward, response_band, rounded_share

ASKED = instrument(item("Q01"), item("Q02", reverse=True))


def people(team: str, *answers: float, tenure: str = "") -> list[Person]:
    return [Person(team, {"Q01": each}, tenure) for each in answers]


def cell(found: WaveResults, **scope: str) -> dict[str, object]:
    wanted = found.cell("Q01", scope)
    assert wanted is not None
    return wanted.to_dict()


def test_a_cell_tells_a_rounded_share_with_bounds_and_bands_only() -> None:
    found = told(people("a", 5, 4, 4, 3, 2, 5, 1), ASKED, invited={("a", ""): 10})

    assert cell(found) == {
        "item": "Q01", "scope": {}, "status": "ok", "favourable": 0.55, "unit": "share",
        "interval": {"low": 0.35, "high": 0.8, "method": "wilson_fpc", "level": 0.95},
        "n_band": "5-9", "response": "60-79", "spread": None,
    }  # fmt: skip


def test_a_suppressed_cell_holds_nothing_else() -> None:
    found = told([*people("a", *[4] * 9), *people("b", *[2] * 4)], ASKED)

    # T12: too few, and what would be left of the parent
    assert cell(found, team="a") == {"item": "Q01", "scope": {"team": "a"}, "status": "suppressed"}
    assert cell(found, team="b")["status"] == "suppressed"
    assert cell(found)["status"] == "ok"


def test_who_is_shown_is_decided_for_every_question_anew() -> None:
    some = [Person("a", {"Q01": 4, "Q02": 2}) for _ in range(5)] + [Person("a", {"Q01": 3}) for _ in range(3)]
    others = [Person("b", {"Q01": 4, "Q02": 2} if number < 3 else {"Q01": 5}) for number in range(6)]
    found = told([*some, *others], ASKED)

    assert [found.cell("Q01", {"team": each}).published.status for each in "ab"] == ["ok", "ok"]  # type: ignore[union-attr]
    assert [found.cell("Q02", {"team": each}).published.status for each in "ab"] == ["suppressed"] * 2  # type: ignore[union-attr]


def test_a_group_of_one_mind_does_not_tell_everybodys_answer() -> None:
    assert cell(told(people("a", *[5] * 6), ASKED))["favourable"] == 0.95
    assert cell(told(people("a", *[1] * 6), ASKED))["favourable"] == 0.05


def test_a_team_that_did_not_answer_is_suppressed_like_one_of_which_few_did() -> None:
    teams = {"a": None, "silent": None}

    found = told(people("a", *[4] * 6), ASKED, teams=teams)
    assert cell(found, team="silent")["status"] == "suppressed"
    assert found.cell("Q02", {}).published.status == "no_data"  # type: ignore[union-attr]


def test_fewer_than_the_minimum_in_all_tell_nothing_at_all() -> None:
    found = told(people("a", 5, 5, 5, 5), ASKED, invited={("a", ""): 5})

    assert found.response is None
    assert {each.published.status for each in found.cells if each.item == "Q01"} == {"suppressed"}


def test_the_minimum_is_the_one_the_wave_was_opened_with() -> None:
    assert cell(told(people("a", *[4] * 7), ASKED, minimum=8))["status"] == "suppressed"


def test_all_five_points_are_told_of_ten_people() -> None:
    assert cell(told(people("a", *[1, 2, 3, 4, 5] * 2), ASKED))["spread"] == (0.2,) * 5
    assert cell(told(people("a", *[1, 2, 3, 4, 5, 5, 5, 5, 5]), ASKED))["spread"] is None


def test_comments_are_shown_from_ten_people_on_and_one_level_up() -> None:
    asked = instrument(item("Q01"), item("C1", "text"))
    teams = {"a": "top", "b": "top", "c": None, "top": None}

    def said(per_team: int) -> list[tuple[dict[str, str], str]]:
        everybody = [
            Person(team, {"Q01": 4}, comment=f"{team}{number}") for team in "abc" for number in range(per_team)
        ]
        return [(dict(each.scope), each.text) for each in told(everybody, asked, teams=teams).comments]

    assert said(3) == []
    assert {(json.dumps(scope), text[0]) for scope, text in said(5)} == {("{}", "a"), ("{}", "b"), ("{}", "c")}
    assert {(json.dumps(scope), text[0]) for scope, text in said(10)} == {
        ('{"team": "top"}', "a"), ('{"team": "top"}', "b"), ("{}", "c"),
    }  # fmt: skip


def test_recommendation_waits_for_thirty_people() -> None:
    asked = instrument(item("Q25", "score"))

    def status(n: int) -> str:
        return told([Person("a", {"Q25": 9.0})] * n, asked).cells[0].published.status

    assert (status(29), status(30)) == ("suppressed", "ok")


def test_hours_are_told_in_all_by_journey_and_of_whom_they_cost_a_day() -> None:
    asked = instrument(item("Q22", "hours", rows=options("builds", "review")))
    some = [Person("a", {"Q22:builds": 4, "Q22:review": 8}) for _ in range(6)]
    found = told([*some, *[Person("a", {"Q22:builds": 0.5}) for _ in range(4)]], asked)
    values = {each.item: each.published.value for each in found.cells if not each.scope}

    assert values == {"Q22:builds": 2.5, "Q22:review": 8.0, "Q22": 7.5, "Q22:infrastructure": 2.5, "Q22:a_day": 0.6}


def test_a_low_response_is_said() -> None:
    found = told(people("a", *[4] * 6), ASKED, invited={("a", ""): 20})

    assert found.response == "<60"
    assert "Fewer than 60 %" in found.warnings[0]


def test_those_who_answered_late_are_compared_in_words_only() -> None:
    early = [Person("a", {"Q01": 5}) for _ in range(30)]
    late = [Person("a", {"Q01": 1 + number % 3}, late=True) for number in range(30)]

    assert told([*early, *late], ASKED).warnings == (
        "Those who answered after a reminder are less content than those before it.",
    )
    assert told([*early, *[Person("a", {"Q01": 5}, late=True)] * 30], ASKED).warnings == ()


def test_reliability_is_told_from_a_hundred_people_on() -> None:
    stream = Random(1)  # noqa: S311 - no secret
    asked = instrument(*(item(f"Q0{number}", driver=True) for number in range(1, 5)))

    def answers() -> dict[str, float]:
        mood = stream.choice([1, 3, 5])
        return {f"Q0{number}": min(max(mood + stream.choice([-1, 0, 1]), 1), 5) for number in range(1, 5)}

    everybody = [Person("a", answers()) for _ in range(100)]
    found = told(everybody, asked).reliability
    assert found is not None
    assert found["alpha"] > 0.8
    assert told(everybody[:99], asked).reliability is None


@given(st.floats(0, 1))
def test_a_share_is_told_in_steps_of_five_between_five_and_ninety_five(share: float) -> None:
    found = rounded_share(share)

    assert round(found * 20, 6) == int(round(found * 20, 6))
    assert 0.05 <= found <= 0.95
    assert abs(found - share) <= 0.05 + 1e-9


@given(st.floats(0, 1), st.floats(0, 1))
def test_bounds_are_rounded_outwards(one: float, other: float) -> None:
    low, high = outward(min(one, other), max(one, other))

    assert 0 <= low <= min(one, other) + 1e-9
    assert 1 >= high >= max(one, other) - 1e-9


@given(st.integers(5, 5000))
def test_people_are_counted_in_bands(n: int) -> None:
    low, _, high = n_band(n).partition("-")

    assert int(low.rstrip("+")) in N_BANDS
    assert int(low.rstrip("+")) <= n <= int(high or 10**9)


@pytest.mark.parametrize(
    ("answered", "invited", "band"),
    [(5, None, None), (5, 0, None), (59, 100, "<60"), (60, 100, "60-79"), (4, 5, "80+")],
)
def test_the_response_is_told_in_bands(answered: int, invited: int | None, band: str | None) -> None:
    assert response_band(answered, invited) == band


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_nothing_told_of_a_wave_has_a_number_that_was_not_rounded(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - no secret
    everybody = [
        Person(dice.choice("abc"), {"Q01": dice.randint(1, 5)}, dice.choice(["", "new", "old"]))
        for _ in range(dice.randint(0, 40))
    ]
    for each in told(everybody, ASKED).to_dict()["cells"]:
        if each["status"] == "ok":
            numbers = [each["favourable"], each["interval"]["low"], each["interval"]["high"], *(each["spread"] or ())]
            assert all(abs(number * 20 - round(number * 20)) < 1e-6 for number in numbers)
        else:
            assert set(each) == {"item", "scope", "status"}


def test_that_some_bands_of_tenure_answered_much_less_is_said_in_words() -> None:
    people = [Person("a", {"Q01": 4}, tenure) for tenure, n in (("<3 months", 8), (">3 years", 18)) for _ in range(n)]
    uneven = told(people, ASKED, invited={("a", "<3 months"): 20, ("a", ">3 years"): 20})
    even = told(people, ASKED, invited={("a", "<3 months"): 10, ("a", ">3 years"): 20})

    [warning] = uneven.warnings
    assert warning.startswith("Fewer than 60 % of those who are here for <3 months have answered, and at least 80 % of")
    assert even.warnings == ()
