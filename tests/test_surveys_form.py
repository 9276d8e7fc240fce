"""The form's page and what is read from it, without any service around."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_forms import Seen, big_instrument, style_of
from surveys import form_words
from surveys.form import Form, PageKind, Promises, page, parse, preferred, render, style_source, withdrawal
from surveys.form_fields import MOST_LETTERS, Problem, in_order
from surveys.form_words import moment
from surveys.instrument import Instrument, Item, Option, shipped

UNTIL = datetime(2026, 2, 9, 16, tzinfo=UTC)
PROMISES = Promises(6, 12, 365, UNTIL, "Europe/Berlin", "checkout", "1-2 years")
BIG = big_instrument()
HIDDEN = "abc"
SCALES = ["agreement", "satisfaction", "frequency", "ease", "hours", "minutes", "percent", "score", "days", "yes_no"]


def options(*names: str) -> tuple[Option, ...]:
    return tuple(Option(id=name, label={"en": name.title(), "fr": f"le {name}"}) for name in names)


def item(name: str, scale: Any, **more: Any) -> Item:
    return Item(id=name, measures="x", scale=scale, text={"en": f"Item {name}", "fr": f"Question {name}"}, **more)


def every_scale(*, languages: tuple[str, ...] = ("en", "fr")) -> Instrument:
    return Instrument(
        slug="every_v1",
        title={"en": "Every scale", "fr": "Toutes"},
        about={"en": "Now.", "fr": "Maintenant."},
        minutes=3,
        languages=languages,
        items=(
            *(item(f"A{number}", scale) for number, scale in enumerate(SCALES)),
            item("C1", "choice", options=options("red", "blue"), comment=True),
            item("C2", "choices", options=options("one", "two", "three"), most=2),
            item("G1", "hours", rows=options("builds", "review")),
            item("T1", "text"),
        ),
    )


EVERY = every_scale()
NAMES = [key for each in EVERY.items for key in each.keys] + ["note:C1", "form_token", "PU01"]
TYPED = st.one_of(st.text(), st.sampled_from(["1", "5", "<1", ">10", "n/a", "red", "two", "55,5", "x" * 3000]))


def form(instrument: Instrument = EVERY, language: str = "en", **more: Any) -> Form:
    return Form(instrument, language, PROMISES, **more)


@given(st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text()), st.lists(TYPED, max_size=4)))
def test_whatever_is_sent_is_read_without_a_failure(fields: dict[str, list[str]]) -> None:
    parsed = parse(EVERY, None, fields)
    known = {key for each in EVERY.items for key in each.keys}
    assert parsed.answers.keys() | parsed.comments.keys() <= known
    assert not parsed.errors.keys() & (parsed.answers.keys() | {f"note:{name}" for name in parsed.comments})


@given(st.text(max_size=300))
@settings(max_examples=60)
def test_what_was_typed_comes_back_and_cannot_become_markup(text: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    seen = Seen(render(form(typed={"T1": [text], "A6": [text]})))
    kept = dict(seen.fields)
    assert kept["T1"].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}") == plain
    assert [told["name"] for told in seen.all("input", type="text")] == ["A6"]
    assert not seen.all("script")


@pytest.mark.parametrize(
    "fields",
    [
        {"A0": ["4"], "A4": ["<1"], "A5": ["31-60"], "A6": ["55"], "A7": ["0"], "A8": ["5"], "A9": ["unsure"]},
        {"C1": ["blue"], "C2": ["three", "one"], "G1:builds": [">10"], "G1:review": ["0"]},
        {"T1": ["one\ntwo"], "note:C1": ["<b>&amp;"]},
    ],
)
def test_what_was_saved_is_shown_again_as_it_was_sent(fields: dict[str, list[str]]) -> None:
    parsed = parse(EVERY, None, fields)
    given = {key: value for key, value in parsed.answers.items() if value is not None}
    comments = {key: value for key, value in parsed.comments.items() if value is not None}
    seen = Seen(render(form(given=given, comments=comments)))
    assert not parsed.errors
    assert {name: sorted(seen.sent(name)) for name in fields} == {name: sorted(sent) for name, sent in fields.items()}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"A0": ["6"]}, "choice"),
        ({"A0": ["1", "2"]}, "choice"),
        ({"A0": ["n/a", "2"]}, "choice"),
        ({"A7": ["7.5"]}, "choice"),
        ({"C1": ["green"]}, "choice"),
        ({"C2": ["one", "n/a"]}, "both"),
        ({"C2": ["one", "two", "three"]}, "too_many"),
        ({"A6": ["101"]}, "number"),
        ({"A6": ["nan"]}, "number"),
        ({"A6": ["half"]}, "number"),
        ({"T1": ["x" * (MOST_LETTERS + 1)]}, "too_long"),
        ({"note:C1": ["x" * (MOST_LETTERS + 1)]}, "too_long"),
    ],
)
def test_what_a_browser_would_not_send_is_refused_and_the_rest_is_read(
    fields: dict[str, list[str]], problem: str
) -> None:
    parsed = parse(EVERY, None, {**fields, "A1": ["2"]})
    [name] = fields
    assert parsed.errors == {name: problem}
    assert parsed.answers == {"A1": 2.0}
    assert parsed.comments == {}


def test_no_answer_takes_one_away_and_what_was_not_sent_stays() -> None:
    parsed = parse(EVERY, None, {"A0": ["n/a"], "C2": [""], "A6": [" "], "T1": ["\r\n "]})
    assert parsed.answers == {"A0": "n/a", "C2": None, "A6": None}
    assert parsed.comments == {"T1": None}
    assert not parsed.says


def test_a_comment_of_just_the_longest_length_fits_however_its_lines_end() -> None:
    assert parse(EVERY, None, {"T1": ["a\r\n" * (MOST_LETTERS // 2)]}).errors == {}


def test_no_answer_stands_in_a_repr() -> None:
    parsed = parse(EVERY, None, {"T1": ["my secret"], "A6": ["73"], "A0": ["9"]})
    shown = f"{parsed!r} {form(typed={'T1': ['my secret']}, given={'A6': 73.0})!r}"
    assert "secret" not in shown
    assert "73" not in shown


def test_only_the_items_of_the_day_are_asked_and_read() -> None:
    joined = shipped()["onboarding_v1"]
    of_the_day = [each.id for each in joined.asked("day-30")]
    shown = {each.id for each in in_order(joined, "day-30", "1")}
    assert shown == set(of_the_day)
    assert set(parse(joined, "day-30", {each.id: [""] for each in joined.items}).errors) == set()
    assert "TO7a" not in render(Form(joined, "en", PROMISES, event_class="day-30"))


def test_items_are_shuffled_within_their_blocks_and_stay_so_for_one_invitation() -> None:
    orders = {tuple(each.id for each in in_order(BIG, None, str(seed))) for seed in range(20)}
    blocks = {tuple(dict.fromkeys(each.block for each in in_order(BIG, None, str(seed)))) for seed in range(20)}
    assert len(orders) > 10
    assert len(blocks) == 1
    assert in_order(BIG, None, "7") == in_order(BIG, None, "7")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_longest_form_stays_under_100_kilobytes_with_every_item_wrong(language: str) -> None:
    errors: dict[str, Problem] = {key: "number" for each in BIG.items for key in each.keys}
    made = render(Form(BIG, language, PROMISES, errors=errors, notice="saved"))
    assert len(BIG.items) == 25
    assert len(made.encode()) < 100 * 1024


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_every_control_has_a_name_and_every_id_stands_once(language: str) -> None:
    instrument = EVERY if language == "fr" else BIG
    seen = Seen(render(Form(instrument, language, PROMISES, errors={"Q21": "number", "A6": "number"})))
    ids = [told["id"] for _, told in seen.elements if "id" in told]
    referred = [
        name
        for _, told in seen.elements
        for key in ("aria-labelledby", "aria-describedby")
        for name in told.get(key, "").split()
    ]
    named = {told["for"] for told in seen.all("label") if "for" in told}
    assert len(ids) == len(set(ids))
    assert set(referred) <= set(ids)
    assert len(seen.all("fieldset")) == len(seen.all("legend"))
    for told in [*seen.all("input", type="text"), *seen.all("textarea")]:
        assert told.get("aria-labelledby") or told["id"] in named
    # every other control stands inside its label
    picks = len(seen.all("input", type="radio")) + len(seen.all("input", type="checkbox"))
    assert len(seen.all("label")) == picks + len(named)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_choice_offers_to_give_none(language: str) -> None:
    seen = Seen(render(Form(BIG, language, PROMISES)))
    picks = {told["name"] for told in seen.all("input") if told.get("type") in {"radio", "checkbox"}}
    assert picks == {told["name"] for told in seen.all("input", value="n/a")}
    assert len(picks) > 30


def test_a_language_without_words_of_ours_is_marked_where_it_is_spoken() -> None:
    seen = Seen(render(form(language="fr")))
    assert seen.all("html") == [{"lang": "en"}]
    assert {"lang": "fr"} in seen.all("h1")
    assert "Question A0" in seen.text
    assert seen.all("a", hreflang="en")


def test_errors_are_listed_on_top_with_links_to_what_is_wrong() -> None:
    seen = Seen(render(form(errors={"A6": "number", "C2": "too_many"}, typed={"A6": ["200"]})))
    [alert] = seen.all("div", role="alert")
    links = [told["href"] for told in seen.all("a") if told["href"].startswith("#")]
    assert (alert["id"], alert["tabindex"]) == ("message", "-1")
    assert sorted(links) == ["#A6", "#C2"]
    assert "Give a number from 0 to 100" in seen.text
    assert "Pick up to 2." in seen.text
    [number] = seen.all("input", id="A6")
    assert (number["aria-invalid"], number["value"]) == ("true", "200")
    assert "A6-error" in number["aria-describedby"]


IN_ENGLISH = [
    "confidential",
    "6 or more people",
    "9 February 2026, 17:00 (Europe/Berlin)",
    "12 or more",
    "365 days",
    "your team (checkout)",
    "how long you have been here (1-2 years)",
    "neither be changed nor withdrawn",
    "not anonymous",
]
IN_GERMAN = [
    "vertraulich",
    "ab 6 Personen",
    "9. Februar 2026, 17:00 Uhr (Europe/Berlin)",
    "mindestens 12 Personen",
    "365 Tage",
    "Ihr Team (checkout)",
    "wie lange Sie schon hier sind (1-2 years)",
    "weder geändert noch zurückgezogen",
    "nicht anonym",
]


@pytest.mark.parametrize(("language", "told"), [("en", IN_ENGLISH), ("de", IN_GERMAN)])
def test_the_form_says_who_sees_what_until_when_and_from_how_many(language: str, told: list[str]) -> None:
    seen = Seen(render(Form(BIG, language, PROMISES)))
    assert [words for words in told if words not in seen.text] == []
    before_details = render(Form(BIG, language, PROMISES)).partition("<details>")[0]
    assert all(words in Seen(before_details).text for words in told[:3])


def test_a_policy_lets_in_this_one_style_and_no_script_is_there() -> None:
    made = render(form())
    digest = base64.b64encode(hashlib.sha256(style_of(made).encode()).digest()).decode()
    assert style_source() == f"'sha256-{digest}'"
    assert not re.search(r"<script|\son\w+=|style=|javascript:|<img|https?://", made)


def test_a_withdrawal_asks_before_it_deletes() -> None:
    seen = Seen(withdrawal(form(token=HIDDEN)))
    [button] = seen.all("button")
    assert (button["name"], button["value"]) == ("do", "withdraw")
    assert ("form_token", HIDDEN) in seen.fields


def test_the_words_are_there_in_every_language_with_the_same_gaps() -> None:
    english = form_words.words("en")
    for language in form_words.LANGUAGES:
        said = form_words.words(language)
        assert said.keys() == english.keys()
        for name, text in said.items():
            assert sorted(set(re.findall(r"\{\w+\}", text))) == sorted(set(re.findall(r"\{\w+\}", english[name])))


@pytest.mark.parametrize("kind", get_args(PageKind))
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_page_without_a_form_has_a_heading_and_words(kind: Any, language: str) -> None:
    seen = Seen(page(kind, language, seconds=12))
    assert seen.all("html") == [{"lang": language}]
    assert len(seen.all("h1")) == 1
    assert "{" not in seen.text


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["", "de", "en"], "de"),
        (["fr", "de-AT"], "de"),
        (["en;q=0.3, de;q=0.8"], "de"),
        (["fr-CH, fr;q=0.9"], "en"),
        (["de;q=0, en"], "en"),
        (["de;q=high"], "en"),
        ([], "en"),
        (["pt-br"], "pt-BR"),
    ],
)
def test_the_first_wanted_language_that_is_offered_is_taken(wanted: list[str], language: str) -> None:
    assert preferred(["en", "de", "pt-BR"], *wanted) == language


@given(st.text())
def test_any_header_gives_a_language(header: str) -> None:
    assert preferred(["en", "de"], header) in {"en", "de"}


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../etc/passwd", "", "UTC"])
def test_a_time_in_a_zone_nobody_knows_is_told_in_utc(zone: str) -> None:
    assert moment(UNTIL, zone, "en") == "9 February 2026, 16:00 (UTC)"


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_texts_have_a_contrast_of_4_5_and_edges_of_3_in_light_and_dark(scheme: int) -> None:
    palettes = re.findall(r":root \{(.*?)\}", style_of(render(form())), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", palettes[scheme]))
    texts = [("text", "page"), ("muted", "page"), ("accent", "page"), ("error", "page"), ("text", "panel")]
    texts += [("accent", "panel"), ("text", "picked"), ("on-accent", "accent"), ("muted", "panel"), ("page", "error")]
    assert len(palettes) == 2
    assert {
        pair: contrast(*(colours[name] for name in pair))
        for pair in texts
        if contrast(*(colours[name] for name in pair)) < 4.5
    } == {}
    assert contrast(colours["edge"], colours["page"]) >= 3
    assert contrast(colours["accent"], colours["picked"]) >= 3
