import json
import re
from datetime import UTC, datetime

import pytest

from survey_mailing import CLOSES, invite_text
from tribometer.service.delivery.texts import TEXTS
from tribometer.service.delivery.wording import Note, letter, moment, slack_note, slack_text, teams_card

NOTE = Note({"en": "Pulse <1>", "de": "Puls"}, 2, CLOSES, 5, "example.org")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["about 2 minutes", "Thursday 12 February 2026, 10:00", "5 or more", "do not forward", "ignore this"]),
        ("de", ["etwa 2 Minuten", "Donnerstag, 12. Februar 2026, 10:00 Uhr", "mindestens 5", "nicht weiter", "lässt"]),
    ],
)
def test_each_form_of_an_invitation_says_by_itself_what_it_is_about(language: str, said: list[str]) -> None:
    invite = invite_text(language=language)
    words = letter(invite)
    for text in (words.text, words.html, slack_text(invite)):
        assert invite.link in text
        assert "Tribometer" in text
        assert "example.org" in text
        assert all(each in text for each in said)


def test_all_languages_have_all_sentences() -> None:
    assert {language: set(texts) for language, texts in TEXTS.items()} == {each: set(TEXTS["en"]) for each in TEXTS}


def test_a_language_that_nobody_wrote_is_answered_in_english() -> None:
    assert letter(invite_text(language="fr")).text == letter(invite_text(language="en")).text
    assert letter(invite_text(language="de-AT")).text == letter(invite_text(language="de")).text


def test_nothing_is_loaded_and_nobody_is_counted_by_the_html() -> None:
    html = letter(invite_text()).html
    assert not re.search(r"<(img|script|link|iframe|style)|src=|background|utm_|url\(", html)
    assert set(re.findall(r'href="([^"]*)"', html)) == {"https://tribometer.example.org/s/the-token"}


def test_a_title_with_markup_and_line_ends_stays_text_in_every_form() -> None:
    title = {"en": "<b>*Pulse*</b> & <!channel>\r\nBcc: eve@example.org"}
    invite = invite_text(title=title)
    words = letter(invite)
    assert "\n" not in words.subject
    assert "\r" not in words.subject
    assert "<b>" not in words.html
    assert "<!channel>" not in slack_text(invite)
    assert "&lt;!channel&gt;" in slack_text(invite)


@pytest.mark.parametrize(
    ("kind", "reminders", "said"),
    [
        ("invitation", 0, "no further reminder follows"),
        ("invitation", 1, "no more than one reminder follows"),
        ("invitation", 3, "no more than 3 reminders follow"),
        ("reminder-1", 3, "no more than 2 reminders follow"),
        ("reminder-3", 3, "no further reminder follows"),
    ],
)
def test_every_message_says_how_many_reminders_may_follow(kind: str, reminders: int, said: str) -> None:
    assert said in letter(invite_text(kind=kind, reminders=reminders)).text


def test_a_reminder_says_that_it_is_one() -> None:
    assert letter(invite_text(kind="reminder-1")).subject.startswith("Reminder: ")
    assert letter(invite_text(kind="reminder-1", language="de")).subject.startswith("Erinnerung: ")


def test_one_minute_is_no_plural() -> None:
    assert "about a minute" in letter(invite_text(minutes=1)).text


def test_a_time_is_told_by_the_clock_of_whoever_reads_it_and_in_utc_where_that_is_unknown() -> None:
    at = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert moment(at, "Asia/Tokyo", "en") == "Thursday 2 July 2026, 08:30 (Asia/Tokyo)"
    assert moment(at, "Nowhere/Here", "de") == "Mittwoch, 1. Juli 2026, 23:30 Uhr (UTC)"
    assert moment(at, "../etc/passwd", "en").endswith("(UTC)")


def test_a_note_to_a_channel_holds_no_link_and_sends_people_to_their_mail() -> None:
    for text in (slack_note(NOTE), json.dumps(teams_card(NOTE))):
        assert "http" not in text.replace("http://adaptivecards.io/schemas/adaptive-card.json", "")
        assert "look there" in text
    assert "Pulse &lt;1&gt;" in slack_note(NOTE)


def test_a_card_shows_what_looks_like_markdown_as_it_is() -> None:
    note = Note({"en": "[Pulse](https://evil.example) *now*"}, 2, CLOSES, 5, "example.org")
    [attachment] = teams_card(note)["attachments"]
    assert "](" not in attachment["content"]["body"][0]["text"]


def test_what_is_shown_of_an_invite_in_an_error_holds_no_link() -> None:
    assert "the-token" not in repr(invite_text())
    assert "the-token" not in repr(letter(invite_text()))
