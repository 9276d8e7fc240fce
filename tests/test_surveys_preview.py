import pytest

from surveys import scales
from surveys.form_fields import MOST_LETTERS
from surveys.form_words import words
from surveys.instrument import Instrument, Item, Option, shipped
from surveys.preview import preview
from tribometer.errors import UsageError

EVERY = [(slug, language) for slug in sorted(shipped()) for language in ("en", "de")]


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("slug", "language"), EVERY)
def test_a_preview_shows_everything_that_a_respondent_reads(slug: str, language: str) -> None:
    instrument = shipped()[slug]
    shown = squeezed(preview(instrument, language))
    assert shown.startswith(squeezed(f"{instrument.title[language]} {instrument.about[language]}"))
    for item in instrument.items:
        assert squeezed(f". {item.text[language]}") in shown
        for each in (*item.options, *item.rows):
            assert each.label[language] in shown
        for name in scales.words(item.scale, language) if item.scale in scales.WORDS else ():
            assert name in shown
    assert squeezed(instrument.attribution or "") in shown


@pytest.mark.parametrize(("slug", "language"), EVERY)
def test_not_applicable_is_offered_for_every_item_that_is_picked_from(slug: str, language: str) -> None:
    instrument = shipped()[slug]
    offered = preview(instrument, language).count(words(language)["none"])
    assert offered == sum(item.scale not in {"text", "percent"} for item in instrument.items)


def test_a_preview_of_the_pulse_in_german_reads_like_its_form() -> None:
    shown = preview(shipped()["pulse_v1"], "de")
    none = words("de")["none"]
    assert shown.startswith("Puls\n\nEs geht um die letzte Woche.\n\n10 Fragen, etwa 2 Minuten.")
    points = "Stimme gar nicht zu | Stimme eher nicht zu | Teils, teils | Stimme eher zu | Stimme voll zu"
    assert f"   {points} | {none}\n" in shown
    assert f"   0 | <1 | 1\N{EN DASH}2 | 3\N{EN DASH}5 | 6\N{EN DASH}10 | >10 | {none}" in shown
    assert shown.endswith(f"   ( ) Nichts\n   ( ) {none}\n   {words('de')['note']}\n")


def test_a_preview_tells_how_many_may_be_picked_and_of_what_a_grid_asks() -> None:
    shown = preview(shipped()["quarterly_v1"])
    assert "   Pick up to 3.\n   [ ] Builds/tests\n   [ ] Flaky checks\n" in shown
    assert "lost to each.\n   - Builds/tests\n   - Flaky checks\n" in shown
    assert "   A number from 0 to 100. Leave it empty" in shown
    assert "   0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | " in shown


def test_what_is_asked_on_a_day_is_a_form_of_its_own() -> None:
    shown = preview(shipped()["onboarding_v1"])
    starts = [line.partition(" questions")[0] for line in shown.splitlines() if line.startswith("[")]
    assert starts == ["[day-7] 3", "[day-30] 3", "[day-90] 3"]
    assert [line[:2] for line in shown.splitlines() if line[1:2] == "."] == ["1.", "2.", "3."] * 3
    hint = words("en")["text_hint"].format(limit=MOST_LETTERS)
    assert shown.endswith(f"3. The one thing to fix for the next joiner.\n   {hint}\n")


def test_one_question_is_called_one() -> None:
    item = Item(id="OW1", measures="speed", scale="ease", text={"en": "Quick?"})
    made = Instrument(slug="own_v1", title={"en": "Own"}, about={"en": "Now."}, minutes=1, items=(item,))
    assert words("en")["question"] in preview(made)


def test_a_language_without_words_of_the_form_shows_its_items_and_english_words() -> None:
    text = {"en": "Quick?", "he": "\N{RIGHT-TO-LEFT MARK}מהר?"}
    made = Instrument(
        slug="own_v1",
        title={"en": "Own", "he": "שלנו"},
        about={"en": "This week.", "he": "השבוע."},
        minutes=1,
        languages=("en", "he"),
        items=(
            Item(id="OW1", measures="speed", scale="ease", text=text),
            Item(id="OW2", measures="speed", scale="yes_no", text=text),
            Item(
                id="OW3",
                measures="speed",
                scale="minutes",
                text=text,
                rows=(Option(id="review", label={"en": "Review", "he": "סקירה"}),),
            ),
        ),
    )
    shown = preview(made, "he")
    assert "1. \N{RIGHT-TO-LEFT MARK}מהר?\n   Very hard | Hard" in shown
    assert "   ( ) Yes\n   ( ) No\n   ( ) Not sure\n" in shown
    assert "   - סקירה\n   0 | <5" in shown


def test_a_language_that_an_instrument_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(UsageError, match=r"pulse_v1 is not there in 'fr'\. Choose one of en, de"):
        preview(shipped()["pulse_v1"], "fr")
