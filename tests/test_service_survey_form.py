"""The survey form over HTTP, on a real instance: what a link shows, what is saved, and what is refused."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from service_places import NOON
from survey_forms import CLOSES, Place, Seen, open_place
from surveys.form_fields import Parsed
from tribometer.errors import StoreError
from tribometer.privacy.pseudonyms import Pseudonyms
from tribometer.service import logs
from tribometer.service.access import Access
from tribometer.service.asgi import routes
from tribometer.service.instance import opened
from tribometer.service.surveys.form_answers import FormAnswers, Seat
from tribometer.service.surveys.form_routes import LARGEST, form
from tribometer.service.surveys.links import link, link_key, read_token, token_of
from tribometer.service.surveys.rates import Limits, Rate
from tribometer.settings import Settings
from tribometer.store.records.survey_records import Invitation

WRITTEN = "the deploy of Friday was a lie"
WAVE = "pulse_v1"
BASE = "http://127.0.0.1:8501"


class Now:
    """A clock that a test sets."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        """Tell it."""
        return self.at


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def place(tmp_path: Path, now: Now) -> Iterator[Place]:
    with opened(Settings(data=tmp_path / "data"), now) as held:
        yield open_place(held)


@pytest.fixture
def client(place: Place) -> Iterator[TestClient]:
    app = Starlette(routes=routes(place.instance, Access("t"), lambda: True))
    with TestClient(app, base_url=BASE, client=("127.0.0.1", 50000)) as found:
        yield found


def at(place: Place, asked: Invitation) -> str:
    return f"/s/{place.token(place.now(asked))}"


def seen(client: TestClient, path: str, **options: Any) -> Seen:
    answer = client.get(path, **options)
    assert answer.status_code == 200
    return Seen(answer.text)


def send(client: TestClient, path: str, fields: dict[str, Any], **options: Any) -> Any:
    """Open the form, then send what a browser would: its hidden fields and these."""
    hidden = {name: value for name, value in seen(client, path).fields if name == "form_token"}
    return client.post(path, data={**hidden, "do": "save", **fields}, **options)


def test_answers_are_saved_in_part_and_can_be_changed(client: TestClient, place: Place) -> None:
    asked = place.invite()
    path = at(place, asked)
    first = send(client, path, {"PU01": "4", "PU09": "<1", "note:PU10": WRITTEN})
    assert (first.status_code, first.url.path) == (200, path)
    assert "Saved" in Seen(first.text).text
    assert place.saved(asked) == ({"PU01": 4.0, "PU09": 0.5}, {"PU10": WRITTEN})
    shown = seen(client, path)
    assert (shown.sent("PU01"), shown.sent("PU09"), shown.sent("note:PU10")) == (["4"], ["<1"], [WRITTEN])
    send(client, path, {"PU01": "n/a", "PU02": "5", "note:PU10": ""})
    assert place.saved(asked) == ({"PU01": "n/a", "PU02": 5.0, "PU09": 0.5}, {})
    assert seen(client, path).sent("PU01") == ["n/a"]


def test_a_first_answer_marks_the_invitation_and_tells_whether_a_reminder_came_first(
    client: TestClient, place: Place
) -> None:
    asked = place.invite()
    surveys = place.instance.records.surveys
    surveys.plan(asked.number, "reminder-1", NOON)
    [reminder] = surveys.claim(1)
    surveys.sent(reminder)
    send(client, at(place, asked), {"PU01": "4"})
    assert place.now(asked).state == "answered"
    place.close()
    [respondent] = place.instance.store.answers.closed(WAVE).respondents.to_pylist()
    assert (respondent["late"], respondent["team"]) == (True, "checkout")


def test_looking_and_scanning_change_nothing(client: TestClient, place: Place) -> None:
    asked = place.invite()
    for _ in range(3):
        assert client.get(at(place, asked)).status_code == 200
        assert client.head(at(place, asked)).status_code == 200
        assert client.get(f"{at(place, asked)}?ask=withdraw&saved=1").status_code == 200
    assert place.now(asked) == asked
    assert place.instance.store.answers.answered(WAVE) == {}


def test_a_form_without_any_answer_saves_nothing_and_says_so(client: TestClient, place: Place) -> None:
    asked = place.invite()
    answer = send(client, at(place, asked), {"PU01": "n/a", "note:PU10": "  "})
    assert answer.status_code == 422
    assert "Nothing to save yet" in Seen(answer.text).text
    assert place.now(asked).state == "waiting"
    assert place.instance.store.answers.answered(WAVE) == {}


def test_what_fits_is_saved_and_what_does_not_is_shown_again_as_typed(client: TestClient, place: Place) -> None:
    asked = place.invite()
    long = "<i>ä</i> " * 250
    answer = send(client, at(place, asked), {"PU01": "9", "PU02": "2", "note:PU10": long})
    again = Seen(answer.text)
    assert answer.status_code == 422
    assert "Some answers need another look" in again.text
    assert (again.sent("note:PU10"), again.sent("PU02")) == ([long], ["2"])
    assert place.saved(asked) == ({"PU02": 2.0}, {})


def test_withdrawing_asks_first_and_deletes_everything(client: TestClient, place: Place) -> None:
    asked, other = place.invite(), place.invite("p_ben")
    path = at(place, asked)
    send(client, path, {"PU01": "4", "note:PU10": WRITTEN})
    send(client, at(place, other), {"PU01": "2"})
    question = seen(client, path, params={"ask": "withdraw"})
    assert "Withdraw your answers?" in question.text
    assert place.saved(asked) != ({}, {})
    answer = client.post(path, data={**dict(question.fields), "do": "withdraw"})
    assert "Your answers are deleted" in Seen(answer.text).text
    assert place.saved(asked) == ({}, {})
    assert place.saved(other) == ({"PU01": 2.0}, {})
    assert place.instance.store.answers.answered(WAVE) == {"checkout": 1}


def test_a_link_in_another_language_stays_in_it(client: TestClient, place: Place) -> None:
    asked = place.invite(language="de", timezone="Europe/Berlin")
    path = at(place, asked)
    assert seen(client, path, headers={"Accept-Language": "en"}).all("html") == [{"lang": "de"}]
    english = seen(client, path, params={"lang": "en"})
    [target] = [told["action"] for told in english.all("form", method="post")]
    assert (english.all("html"), target) == ([{"lang": "en"}], "?lang=en#message")
    answer = client.post(f"{path}?lang=en", data={**dict(english.fields), "PU01": "3"})
    assert Seen(answer.text).all("html") == [{"lang": "en"}]
    assert "17:00 Uhr (Europe/Berlin)" in seen(client, path, params={"lang": "xx"}).text


def test_the_page_says_the_promises_that_the_wave_was_opened_with(client: TestClient, place: Place) -> None:
    told = seen(client, at(place, place.invite())).text
    assert "groups of 6 or more people" in told
    assert "where 12 or more people answered" in told
    assert "365 days after the close" in told
    assert "9 February 2026, 16:00 (UTC)" in told


def test_the_headers_let_nothing_in_and_nobody_keep_or_frame_the_page(client: TestClient, place: Place) -> None:
    path = at(place, place.invite())
    for answer in (client.get(path), client.get("/s/nothing"), client.post(path), client.put(path)):
        policy = answer.headers["content-security-policy"]
        assert re.fullmatch(
            r"default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; frame-ancestors 'none'; "
            r"base-uri 'none'",
            policy,
        )
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "noindex" in answer.headers["x-robots-tag"]
    cookie = client.get(path).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def forged(place: Place, asked: Invitation) -> list[str]:
    token, other_key = place.token(asked), Pseudonyms(b"x" * 32)
    flipped = ("b" if token[0] == "a" else "a") + token[1:]
    last = token[:-1] + ("b" if token[-1] == "a" else "a")
    return [flipped, last, token_of(link_key(other_key), asked), token[:-8], token + "a", "a" * 40, "ä" * 40, "1" * 40]


def test_a_forged_token_leads_nowhere(client: TestClient, place: Place) -> None:
    asked = place.invite()
    for token in forged(place, asked):
        assert client.get(f"/s/{token}").status_code == 404
        answer = client.post(f"/s/{token}", data={"PU01": "4"})
        assert answer.status_code == 404
        assert "leads to no survey" in Seen(answer.text).text
    assert client.get(f"/s/{place.token(asked).upper()}").status_code == 200


def test_a_token_of_another_generation_is_another_one(place: Place) -> None:
    asked, key = place.invite(), link_key(place.instance.store.pseudonyms)
    token = token_of(key, asked)
    assert read_token(key, token) == (asked.number, 0)
    assert token_of(key, replace(asked, generation=1)) != token
    assert link("https://x.example.org/tribo/", token) == f"https://x.example.org/tribo/s/{token}"
    assert link_key(place.instance.store.pseudonyms) != place.instance.store.pseudonyms.purpose_key("survey forms")


def revoke(place: Place, asked: Invitation, _now: Now) -> None:
    place.instance.records.surveys.revoke(asked.number)


def delete(place: Place, _asked: Invitation, _now: Now) -> None:
    place.instance.records.surveys.delete_wave(place.wave.number)


def close(place: Place, _asked: Invitation, _now: Now) -> None:
    place.close()


def pass_the_end(_place: Place, _asked: Invitation, now: Now) -> None:
    now.at = CLOSES


def expire(place: Place, asked: Invitation, _now: Now) -> None:
    place.instance.records.surveys.set_state(asked.number, "expired")


def go_back(_place: Place, _asked: Invitation, now: Now) -> None:
    now.at = NOON - timedelta(days=30)


@dataclass(frozen=True)
class Ending:
    """A way in which a link ceases to take answers, and what it says then."""

    change: Callable[[Place, Invitation, Now], None]
    status: int
    told: str


@pytest.mark.parametrize(
    "ending",
    [
        Ending(revoke, 410, "This link was taken back"),
        Ending(delete, 410, "This survey is closed"),
        Ending(close, 410, "This survey is closed"),
        Ending(pass_the_end, 410, "This survey is closed"),
        Ending(expire, 410, "The time to answer is over"),
        Ending(go_back, 403, "not open yet"),
    ],
)
def test_a_link_that_takes_no_answers_says_why(client: TestClient, place: Place, now: Now, ending: Ending) -> None:
    asked = place.invite()
    path = at(place, asked)
    hidden = dict(seen(client, path).fields)
    ending.change(place, asked, now)
    shown, sent = client.get(path), client.post(path, data={**hidden, "PU01": "4"})
    assert (shown.status_code, sent.status_code) == (ending.status, ending.status)
    assert ending.told in Seen(shown.text).text
    assert ending.told in Seen(sent.text).text
    assert place.instance.store.answers.answered(WAVE) == {}


def test_a_planned_wave_is_not_open_yet(tmp_path: Path) -> None:
    with opened(Settings(data=tmp_path / "data"), lambda: NOON) as held:
        place = open_place(held, opened=False)
        with TestClient(Starlette(routes=[Mount("/s", form(held))])) as client:
            assert client.get(at(place, place.invite())).status_code == 403


def test_answers_can_still_be_withdrawn_between_the_end_of_a_link_and_the_close(
    client: TestClient, place: Place, now: Now
) -> None:
    asked = place.invite(expires_at=NOON + timedelta(hours=48))
    path = at(place, asked)
    send(client, path, {"PU01": "4"})
    now.at = NOON + timedelta(hours=48)
    over = client.get(path)
    assert (over.status_code, "Withdraw my answers" in over.text) == (410, True)
    client.post(path, data={**dict(seen(client, f"{path}?ask=withdraw").fields), "do": "withdraw"})
    assert place.saved(asked) == ({}, {})
    assert "Withdraw my answers" not in client.get(path).text


def test_a_form_that_another_page_sends_is_refused(client: TestClient, place: Place) -> None:
    asked = place.invite()
    path = at(place, asked)
    hidden = dict(seen(client, path).fields)
    for foreign in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example.org"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site", "Origin": BASE},
    ):
        answer = client.post(path, data={**hidden, "PU01": "4"}, headers=foreign)
        assert (answer.status_code, "did not come from the form" in answer.text) == (403, True)
    assert place.now(asked).state == "waiting"
    own = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    assert client.post(path, data={**hidden, "PU01": "4"}, headers=own).status_code == 200
    assert place.saved(asked)[0] == {"PU01": 4.0}


def test_a_form_without_its_cookie_or_of_another_link_saves_nothing_and_keeps_what_was_typed(
    client: TestClient, place: Place
) -> None:
    asked, other = place.invite(), place.invite("p_ben")
    path = at(place, asked)
    of_the_other = dict(seen(client, at(place, other)).fields)["form_token"]
    own = dict(seen(client, path).fields)["form_token"]
    with_cookie = dict(client.cookies)
    again = Seen("")
    for token, cookies in ((own, {}), (of_the_other, with_cookie), ("", with_cookie), ("ä", with_cookie)):
        client.cookies.clear()
        client.cookies.update(cookies)
        answer = client.post(path, data={"form_token": token, "PU01": "4", "note:PU10": WRITTEN})
        again = Seen(answer.text)
        assert answer.status_code == 403
        assert (again.sent("note:PU10"), again.sent("PU01")) == ([WRITTEN], ["4"])
    assert place.now(asked).state == "waiting"
    # what is shown then can be sent
    assert client.post(path, data=dict(again.fields)).status_code == 200
    assert place.saved(asked) == ({"PU01": 4.0}, {"PU10": WRITTEN})


def test_a_withdrawal_without_the_cookie_asks_again(client: TestClient, place: Place) -> None:
    asked = place.invite()
    path = at(place, asked)
    send(client, path, {"PU01": "4"})
    client.cookies.clear()
    answer = client.post(path, data={"do": "withdraw"})
    assert (answer.status_code, "Withdraw your answers?" in Seen(answer.text).text) == (403, True)
    assert place.saved(asked)[0] == {"PU01": 4.0}


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"PU01=4&x=" + b"y" * LARGEST, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"a=1" for _ in range(2_000)), "application/x-www-form-urlencoded", 400),
        (b"PU01=\xff4", "application/x-www-form-urlencoded", 400),
        (b'{"PU01": 4}', "application/json", 415),
        (b"--x\r\n", "multipart/form-data; boundary=x", 415),
    ],
)
def test_a_body_that_no_form_sends_is_refused_as_a_page(
    client: TestClient, place: Place, content: bytes, media: str, status: int
) -> None:
    asked = place.invite()
    answer = client.post(at(place, asked), content=content, headers={"Content-Type": media})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "Nothing was saved" in Seen(answer.text).text
    assert place.now(asked).state == "waiting"


def test_other_methods_and_paths_are_pages_too(client: TestClient, place: Place) -> None:
    path = at(place, place.invite())
    put = client.put(path, content=b"x")
    assert (put.status_code, put.headers["allow"]) == (405, "GET, HEAD, POST")
    assert client.get(f"{path}/more").status_code == 404
    assert "<h1>" in client.get(f"{path}/more").text


def limited(place: Place, **rates: Rate) -> TestClient:
    app = Starlette(routes=[Mount("/s", form(place.instance, Limits(**rates)))])
    return TestClient(app, base_url=BASE, client=("127.0.0.1", 50000))


def test_too_many_forms_have_to_wait_with_what_was_typed(place: Place) -> None:
    seconds = [0.0]
    client = limited(place, saves=Rate(2, lambda: seconds[0]))
    asked, other = place.invite(), place.invite("p_ben")
    path = at(place, asked)
    answers = [send(client, path, {"PU01": str(number), "note:PU10": WRITTEN}) for number in (1, 2, 3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "30"
    assert "Wait 30 seconds" in Seen(answers[2].text).text
    assert Seen(answers[2].text).sent("note:PU10") == [WRITTEN]
    assert place.saved(asked)[0] == {"PU01": 2.0}
    assert send(client, at(place, other), {"PU01": "1"}).status_code == 200
    seconds[0] = 30.0
    assert send(client, path, {"PU01": "3"}).status_code == 200


def test_addresses_have_limits_of_their_own_also_behind_a_proxy_on_this_machine(place: Place) -> None:
    client = limited(place, posts=Rate(1, lambda: 0.0))
    one, other = {"X-Forwarded-For": "9.9.9.9, 10.0.0.1"}, {"X-Forwarded-For": "9.9.9.9, 10.0.0.2"}
    path = at(place, place.invite())
    statuses = [send(client, path, {"PU01": "1"}, headers=each).status_code for each in (one, one, other, other)]
    assert statuses == [200, 429, 200, 429]


def test_an_address_from_elsewhere_cannot_choose_its_name(place: Place) -> None:
    app = Starlette(routes=[Mount("/s", form(place.instance, Limits(requests=Rate(2, lambda: 0.0))))])
    client = TestClient(app, base_url=BASE, client=("10.1.2.3", 50000))
    path = at(place, place.invite())
    answers = [client.get(path, headers={"X-Forwarded-For": f"10.0.0.{number}"}) for number in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "30"
    assert "Too many requests" in Seen(answers[2].text).text


def test_a_rate_forgets_the_key_seen_longest_ago_and_fills_up_evenly() -> None:
    seconds = [0.0]
    rate = Rate(60, lambda: seconds[0], most=2)
    assert [rate.wait("a") for _ in range(61)] == [0] * 60 + [1]
    seconds[0] = 1.0
    assert (rate.wait("a"), rate.wait("a")) == (0, 1)
    assert [rate.wait(each) for each in ("b", "c", "a")] == [0, 0, 0]
    assert len(rate._left) == 2  # noqa: SLF001 - that memory is bounded shows nowhere else


def test_a_store_that_cannot_write_keeps_what_was_typed_and_the_state(
    client: TestClient, place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = place.invite()
    path = at(place, asked)

    def fail(*_arguments: object) -> None:
        raise StoreError(f"no room for {WRITTEN}")

    with monkeypatch.context() as patched:
        patched.setattr(place.instance.store.answers, "save", fail)
        answer = send(client, path, {"PU01": "4", "note:PU10": WRITTEN})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert Seen(answer.text).sent("note:PU10") == [WRITTEN]
    assert place.now(asked).state == "waiting"
    assert WRITTEN not in caplog.text
    assert "StoreError" in caplog.text
    # the cookie and the hidden field still hold
    assert client.post(path, data=dict(Seen(answer.text).fields)).status_code == 200
    assert place.saved(asked) == ({"PU01": 4.0}, {"PU10": WRITTEN})


def test_an_instrument_that_is_gone_is_a_page_that_says_to_come_again(tmp_path: Path) -> None:
    with opened(Settings(data=tmp_path / "data"), lambda: NOON) as held:
        place = open_place(held, "lost_v1")
        with TestClient(Starlette(routes=[Mount("/s", form(held))])) as client:
            answer = client.get(at(place, place.invite()))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert "cannot be shown at the moment" in Seen(answer.text).text


def test_a_wave_that_closes_while_somebody_saves_takes_nothing_more_and_forgets_who_tried(place: Place) -> None:
    asked = place.invite()
    answers = FormAnswers(place.instance)
    seat = answers.seat(place.token(asked))
    assert isinstance(seat, Seat)
    place.instance.store.answers.close_wave(WAVE, {})
    assert not answers.save(seat, Parsed({"PU01": 4.0}))
    assert not answers.withdraw(seat)
    assert place.now(asked).state == "waiting"
    place.instance.records.surveys.move(place.wave.number, "closing")
    assert not answers.save(seat, Parsed({"PU01": 4.0}))
    assert not answers.withdraw(seat)
    assert place.instance.store.answers.answered(WAVE) == {}


def test_nothing_of_a_whole_visit_stands_in_the_log(
    client: TestClient, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = place.invite()
    path = at(place, asked)
    send(client, path, {"PU01": "4", "note:PU10": WRITTEN})
    send(client, path, {"PU01": "seventeen", "note:PU10": WRITTEN * 80})
    client.post(path, data={"note:PU10": WRITTEN})
    client.post(path, data={**dict(seen(client, f"{path}?ask=withdraw").fields), "do": "withdraw"})
    ours = [each for each in caplog.records if each.name.partition(".")[0] not in {"httpx", "httpx2", "asyncio"}]
    assert [each for each in ours if WRITTEN in each.getMessage() or path in each.getMessage()] == []


def test_the_log_of_the_service_masks_links(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        logs.log_to(tmp_path)
        logging.getLogger("tribometer.test").error("GET %s failed", f"https://x.org/s/{'mzxw6ytb' * 5}?lang=de")
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:] = handlers
        root.setLevel(level)
    for said in (capsys.readouterr().err, (tmp_path / logs.LOG_FILE).read_text()):
        assert "GET https://x.org/s/…?lang=de failed" in said
