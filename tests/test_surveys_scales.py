import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_waves import item, options
from surveys import scales
from surveys.form_words import words
from surveys.instrument import Item, Scale

CHOICES = {
    "builds": {"en": "Build/test", "de": "Build/Test"},
    "access": {"en": "Environments, data and access", "de": "Umgebungen, Daten und Zugänge"},
    "data": {"en": "Data", "de": "Daten"},
    "review": {"en": "Review", "de": "Durchsicht"},
    "other": {"en": "Docs; answers | notes", "de": "Doku"},
}
EVERY_SCALE: tuple[Scale, ...] = (
    "agreement", "satisfaction", "frequency", "ease", "hours", "minutes", "percent", "score", "days", "yes_no",
    "choice", "choices", "text",
)  # fmt: skip


def asked(scale: str, **more: object) -> Item:
    some = options("builds", "review", "deploy") if scale.startswith("choice") else ()
    return item("X1", scale, options=some, **more)


@pytest.mark.parametrize(
    ("scale", "text", "value"),
    [
        ("agreement", "4", 4.0),
        ("agreement", "4.0", 4.0),
        ("agreement", "5,0", 5.0),
        ("agreement", "  Strongly   agree\t", 5.0),
        ("agreement", "STIMME EHER NICHT ZU", 2.0),
        ("agreement", "Teils, teils", 3.0),
        ("agreement", "Strongly\N{NO-BREAK SPACE}disagree", 1.0),
        ("agreement", "\N{RIGHT-TO-LEFT MARK}Agree\N{RIGHT-TO-LEFT MARK}", 4.0),
        ("satisfaction", "Sehr zufrieden", 5.0),
        ("satisfaction", "neither", 3.0),
        ("frequency", "Nie", 1.0),
        ("frequency", "always", 5.0),
        ("ease", "Very easy", 5.0),
        ("ease", "schwer", 2.0),
        ("agreement", "\N{FULLWIDTH DIGIT FOUR}", 4.0),
        ("percent", "40", 40.0),
        ("percent", "40 %", 40.0),
        ("percent", "37,5%", 37.5),
        ("percent", "100", 100.0),
        ("percent", "\N{FULLWIDTH DIGIT FOUR}\N{FULLWIDTH DIGIT ZERO}", 40.0),
        ("score", "10", 10.0),
        ("score", "9.0", 9.0),
        ("score", "0", 0.0),
        ("days", "2.5", 2.5),
        ("text", " as\nit is ", "as\nit is"),
        ("yes_no", "Ja", "yes"),
        ("yes_no", "not sure", "unsure"),
        ("yes_no", "NO", "no"),
    ],
)
def test_an_answer_is_read_however_it_is_written(scale: str, text: str, value: float | str) -> None:
    assert asked(scale).read(text) == value


@pytest.mark.parametrize(
    ("scale", "text", "value"),
    [
        ("hours", "1-2", 1.5),
        ("hours", "1\N{EN DASH}2", 1.5),
        ("hours", "3 \N{EM DASH} 5", 4.0),
        ("hours", "6\N{MINUS SIGN}10 hours", 8.0),
        ("hours", "3 bis 5 Stunden", 4.0),
        ("hours", "6 to 10", 8.0),
        ("hours", "< 1 h", 0.5),
        ("hours", "Less than 1 hour", 0.5),
        ("hours", "> 10", 12.0),
        ("hours", "10+", 12.0),
        ("hours", "Mehr als 10 Std.", 12.0),
        ("hours", "0", 0.0),
        ("minutes", "5\N{EN DASH}15 min", 10.0),
        ("minutes", "unter 5 Minuten", 2.5),
        ("minutes", ">60", 90.0),
    ],
)
def test_a_band_is_read_with_any_dash_and_unit_as_its_middle(scale: str, text: str, value: float) -> None:
    assert asked(scale).read(text) == value


@pytest.mark.parametrize(
    ("scale", "text", "possible"),
    [
        ("agreement", "0", "give 1 to 5, or one of Strongly disagree"),
        ("agreement", "6", "give 1 to 5"),
        ("agreement", "4.5", "give 1 to 5"),
        ("agreement", "Satisfied", "Strongly agree"),
        ("hours", "4", "give one of 0, <1, 1-2, 3-5, 6-10, >10"),
        ("hours", "2-3", "1-2"),
        ("hours", "h", "give one of 0"),
        ("minutes", "1-2", "5-15"),
        ("percent", "101", "give a number from 0 to 100"),
        ("percent", "-1", "give a number from 0 to 100"),
        ("percent", "nan", "give a number"),
        ("percent", "1e1", "give a number"),
        ("percent", "1_0", "give a number"),
        ("percent", "\N{ARABIC-INDIC DIGIT FOUR}", "give a number"),
        ("score", "9.5", "give a whole number from 0 to 10"),
        ("score", "inf", "give a whole number"),
        ("days", "6", "give a number from 0 to 5"),
        ("yes_no", "maybe", "give one of Yes; No; Not sure"),
        ("choice", "meetings", "give one of builds; review; deploy"),
        ("choices", "builds; meetings", "'meetings' is no answer here|' meetings' is no answer here"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_with_what_can(scale: str, text: str, possible: str) -> None:
    with pytest.raises(ValueError, match=possible):
        asked(scale, **({"most": 2} if scale == "choices" else {})).read(text)


@pytest.mark.parametrize("scale", EVERY_SCALE)
@pytest.mark.parametrize(
    "text",
    ["", "  \n", "n/a", " N/A ", "n / a", "#N/A", "Not applicable", "Nicht zutreffend", "k. A.", "-", "\N{EN DASH}",
     "\N{ZERO WIDTH NO-BREAK SPACE}", words("en")["none"], words("de")["none"]],
)  # fmt: skip
def test_not_applicable_is_no_answer_on_any_scale_in_either_language(scale: str, text: str) -> None:
    assert asked(scale).read(text) is None


@pytest.mark.parametrize("scale", scales.WORDS)
def test_every_word_of_a_scale_is_read_as_its_point_in_every_language(scale: str) -> None:
    for names in scales.WORDS[scale].values():
        assert [asked(scale).read(name) for name in names] == [1.0, 2.0, 3.0, 4.0, 5.0]


@pytest.mark.parametrize("scale", scales.BANDS)
def test_every_band_is_read_as_the_middle_that_stands_for_it(scale: str) -> None:
    bands = scales.BANDS[scale]
    assert [asked(scale).read(band.label) for band in bands] == [band.middle for band in bands]
    assert [band.middle for band in scales.HOURS] == [0, 0.5, 1.5, 4, 8, 12]


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("builds", ("builds",)),
        ("Build/test", ("builds",)),
        ("build / TEST", ("builds",)),
        ("Build/Test, Durchsicht", ("builds", "review")),
        ("builds;review", ("builds", "review")),
        ("builds | data", ("builds", "data")),
        ("builds\nreview", ("builds", "review")),
        ("Environments, data and access", ("access",)),
        ("Review, Environments, data and access, Build/test", ("review", "access", "builds")),
        ("Umgebungen, Daten und Zugänge; Daten", ("access", "data")),
        ("Docs; answers | notes;review", ("other", "review")),
        (";;review,,", ("review",)),
        ("review, Review, Durchsicht", ("review",)),
        ("data, review, builds, data", ("data", "review", "builds")),
    ],
)
def test_several_choices_are_read_also_where_a_label_holds_what_stands_between(
    text: str, picked: tuple[str, ...]
) -> None:
    assert scales.several(text, CHOICES, 3) == picked


def test_nothing_between_separators_is_no_answer() -> None:
    assert scales.several(" ; , | ", CHOICES, 3) is None


def test_more_choices_than_may_be_picked_are_refused_with_how_many_may() -> None:
    with pytest.raises(ValueError, match="3 choices where at most 2 are possible"):
        asked("choices", most=2).read("builds, review, deploy")
    assert asked("choices", most=2).read("builds, review, builds") == ("builds", "review")


def test_a_refused_answer_is_quoted_no_longer_than_it_takes_to_find_it() -> None:
    with pytest.raises(ValueError, match="no answer here") as refused:
        asked("choice").read("x" * 10_000)
    assert len(str(refused.value)) < 150


@pytest.mark.parametrize(
    ("value", "reverse", "favourable"),
    [(4.0, False, True), (3.0, False, False), (2.0, True, True), (3.0, True, False), ("yes", False, False)],
)
def test_the_two_best_points_are_favourable_after_a_flip(
    value: float | str, *, reverse: bool, favourable: bool
) -> None:
    assert scales.is_favourable(value, reverse=reverse) is favourable


def test_words_of_a_scale_are_english_where_nobody_has_translated_them() -> None:
    assert scales.words("ease", "de")[0] == "Sehr schwer"
    assert scales.words("ease", "ar") == scales.WORDS["ease"]["en"]


NEAR = st.text("0123456789.,;|/<>+-%\u2013\u2014 \nhnabuildsrevw\u0663\uff14\u00b2", max_size=12)


@given(scale=st.sampled_from(EVERY_SCALE), text=st.text(max_size=40) | NEAR)
def test_any_text_is_read_or_refused_with_words(scale: Scale, text: str) -> None:
    refusal, value = "", None
    try:
        value = asked(scale).read(text)
    except ValueError as error:
        refusal = str(error)
    assert not refusal or "here: give" in refusal or "are possible" in refusal
    assert value is None or possible(value, scale)


def possible(value: object, scale: Scale) -> bool:
    if scale in scales.WORDS:
        return value in {1.0, 2.0, 3.0, 4.0, 5.0}
    if scale in scales.BANDS:
        return value in {band.middle for band in scales.BANDS[scale]}
    if scale in scales.RANGES:
        low, high = scales.RANGES[scale]
        return isinstance(value, float) and low <= value <= high
    if scale == "choices":
        return isinstance(value, tuple) and set(value) <= set(asked(scale).choices)
    return isinstance(value, str) and (scale == "text" or value in asked(scale).choices)


@given(
    st.lists(st.sampled_from(sorted(CHOICES)), min_size=1, max_size=5, unique=True),
    st.sampled_from(["en", "de"]),
    st.sampled_from(["; ", ", ", "|", "\n"]),
)
def test_what_a_form_joins_is_read_as_it_was_picked(picked: list[str], language: str, between: str) -> None:
    text = between.join(CHOICES[name][language] for name in picked)
    assert scales.several(text, CHOICES, 5) == tuple(picked)
