"""A wave end to end: 300 people invited by mail and Slack, 210 answers by the form, two kill -9, and the results."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Event

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from survey_forms import Seen
from survey_office import ON_SLACK, TEAMS, Office, office, people
from surveys.form_fields import control, offered
from surveys.instrument import Item, shipped
from tribometer.store import EventStore
from tribometer.store.answer_rows import BETWEEN_CHOICES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
PHONE: ViewportSize = {"width": 390, "height": 844}
WAVE, SURVEY = "spring", shipped()["quarterly_v1"]
ANSWERS, BY_BROWSER, AT_ONCE = 210, 5, 6
KILLED_AFTER_MAILS, KILLED_AFTER_ANSWERS = 100, 90
SAVED = 303
LONGER_THAN_A_HANDOVER = 15 * 60
Said = dict[str, list[str]]
"""What somebody fills in: the texts of each field."""


def drawn(item: Item, dice: Random) -> list[str]:
    """What somebody says of an item; nothing now and then."""
    if dice.random() < 0.1:
        return []
    kind = control(item.scale)
    if kind == "number":
        return [str(dice.randrange(0, 101, 5))]
    if kind == "text":
        return [f"words {dice.randrange(10_000)}"]
    labels = list(offered(item, "en"))
    return dice.sample(labels, min(item.most, len(labels))) if kind == "checks" else [dice.choice(labels)]


def form_of(number: int) -> Said:
    """What one of them says."""
    dice = Random(number)  # noqa: S311 - answers, no secrets
    return {key: said for item in SURVEY.items for key in item.keys if (said := drawn(item, dice))}


def stored(said: Said) -> list[tuple[str, float | None, str | None]]:
    """The rows that a form comes to: item, number, choice."""
    rows: list[tuple[str, float | None, str | None]] = []
    for item in SURVEY.items:
        for key in set(item.keys) & said.keys():
            if control(item.scale) == "checks":
                rows.append((key, None, ", ".join(sorted(said[key]))))
            elif control(item.scale) != "text":
                value = item.read(said[key][0])
                assert isinstance(value, float)
                rows.append((key, value, None))
    return rows


def in_any_order(choice: str | None) -> str | None:
    """Several choices as `stored` has them: a browser sends them in the order of the page."""
    return choice and ", ".join(sorted(choice.removeprefix(BETWEEN_CHOICES).split(BETWEEN_CHOICES)))


def send(link: str, said: Said) -> None:
    """Open a link and send the form, again and again until it is accepted, as somebody would."""
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        try:
            with httpx.Client(timeout=30, trust_env=False) as client:
                page = Seen(client.get(link).text)
                answer = client.post(link, data={"form_token": page.sent("form_token"), "do": "save", **said})
            if answer.status_code == SAVED:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail("a form was not taken for two minutes")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def fill(page: Page, said: Said) -> None:
    """Fill in a form as a hand does: labels are tapped, texts typed."""
    for key, texts in said.items():
        for text in texts:
            field = page.locator(f"[name='{key}'][value='{text}']")
            if field.count():
                page.locator("label", has=field).click()
            else:
                page.locator(f"[name='{key}']:not([type=hidden])").fill(text)


def answer_by_hand(browser: Browser, link: str, said: Said, *, scripts: bool, first: Mapping[str, str]) -> None:
    """Answer in a browser; ``first`` is typed before, and corrected where the form does not take it."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(link)
    fill(page, said)
    for key, text in first.items():
        page.locator(f"[name='{key}']").fill(text)
    page.get_by_role("button", name="Save").click()
    if first:
        expect(page.get_by_role("alert")).to_contain_text("Give a number from 0 to 100")
        for key, text in first.items():
            expect(page.locator(f"[name='{key}']")).to_have_value(text)
            page.locator(f"[name='{key}']").fill(said[key][0])
        page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    context.close()


def invited(place: Office) -> Mapping[str, int]:
    """Open the wave and let the service send, killed in the middle of it; how many messages are in which state."""
    assert place.run("import", "catalog.jsonl").returncode == 0
    told = place.told("survey", "open", "quarterly", "--wave", WAVE, "--channel", "email", "--channel", "slack")
    assert told["invited"] == sum(TEAMS.values()) == 300
    place.start()
    place.wait(lambda: len(place.mail.recipients) >= KILLED_AFTER_MAILS)
    place.kill()
    assert len(place.mail.recipients) < 300 - ON_SLACK
    # what was being handed over when it was killed is told as unsure once nobody can be at it any more
    place.ahead += LONGER_THAN_A_HANDOVER
    place.start()
    place.wait(
        lambda: (
            sum(place.written_to.values()) >= 298
            and not place.told("survey", "status", WAVE)["messages"].get("waiting")
        )
    )
    messages: Mapping[str, int] = place.told("survey", "status", WAVE)["messages"]
    return messages


def messages_of(place: Office) -> Mapping[str, int]:
    """How many messages are in which state."""
    messages: Mapping[str, int] = place.told("survey", "status", WAVE)["messages"]
    return messages


def answered(place: Office, browser: Browser) -> dict[str, Said]:
    """Answer by the links that arrived, while the service is killed; what everybody said in the end."""
    links = place.links()
    dice = Random(1)  # noqa: S311 - as above
    asked = [each for each in people() if each in links]
    small = [each for each in asked if people()[each] == "labs"]
    chosen = small + dice.sample([each for each in asked if each not in small], ANSWERS - len(small))
    said = {each: form_of(number) for number, each in enumerate(chosen)}
    hands, rest = chosen[:BY_BROWSER], chosen[BY_BROWSER:]
    enough, sent = Event(), Counter[str]()

    def post(address: str) -> None:
        send(links[address], said[address])
        sent["answers"] += 1
        if sent["answers"] >= KILLED_AFTER_ANSWERS:
            enough.set()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        posting = [pool.submit(post, each) for each in rest]
        enough.wait()
        place.kill()
        time.sleep(0.5)
        place.start()
        for done in posting:
            done.result()
    for number, hand in enumerate(hands):
        said[hand].setdefault("Q21", ["65"])
        first = {"Q21": "most of it"} if number == 0 else {}
        answer_by_hand(browser, links[hand], said[hand], scripts=number >= 2, first=first)
    # somebody comes back and thinks otherwise
    said[hands[1]]["Q01"] = ["1"]
    answer_by_hand(browser, links[hands[1]], {"Q01": ["1"]}, scripts=False, first={})
    return said


def test_nothing_is_lost_or_sent_twice_and_the_results_are_those_of_the_answers(
    tmp_path: Path, browser: Browser
) -> None:
    with office(tmp_path) as place:
        messages = invited(place)
        written_to = place.written_to
        unsure = messages.get("unsure", 0)
        assert set(written_to.values()) == {1}
        assert messages["sent"] + unsure == 300
        assert unsure <= 1
        assert 300 - len(written_to) <= unsure
        assert len(place.told("survey", "status", WAVE)["trouble"]) == unsure
        assert (place.slack.limited, len(place.slack.texts)) == (1, ON_SLACK)

        said = answered(place, browser)
        place.told("survey", "close", WAVE)
        told = place.told("survey", "results", WAVE, "--by", "team")
        pages(place, browser)
        place.stop()
    assert (told["response"], told["minimum"]) == ("60-79", 5)
    assert_published(told, said)
    with EventStore.open(tmp_path / ".tribometer") as store:
        rows = store.answers.closed(WAVE).answers.to_pylist()
    kept = Counter((row["item"], row["number"], in_any_order(row["choice"])) for row in rows)
    assert kept == Counter(row for each in said.values() for row in stored(each))
    assert len({row["respondent"] for row in rows}) == ANSWERS


def assert_published(told: dict[str, object], said: Mapping[str, Said]) -> None:
    """What is told of everybody is what they said, in steps of five points; of three people nothing is told."""
    cells = told["cells"]
    assert isinstance(cells, list)
    whole = {each["item"]: each for each in cells if not each["scope"] and "choice" not in each}
    for item in (each for each in SURVEY.items if each.scale == "agreement"):
        points = [int(form[item.id][0]) for form in said.values() if item.id in form]
        share = sum(point <= 2 if item.reverse else point >= 4 for point in points) / len(points)
        cell = whole[item.id]
        assert abs(cell["favourable"] - min(0.95, max(0.05, share))) <= 0.025 + 1e-9
        assert cell["interval"]["low"] - 1e-9 <= share <= cell["interval"]["high"] + 1e-9
        assert cell["n_band"] == ("200-499" if len(points) >= 200 else "100-199")
    labs = [each for each in cells if each["scope"] == {"team": "labs"}]
    assert labs
    assert {each["status"] for each in labs} == {"suppressed"}


def pages(place: Office, browser: Browser) -> None:
    """The pages of results open, and tell of the wave."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    for path, words in {
        "survey": "answered by 60-79 %",
        "what-we-heard": "What goes best",
        "survey-waves": WAVE,
    }.items():
        page.goto(f"{place.url}/{path}")
        expect(page.get_by_text(words).first).to_be_visible(timeout=60_000)
        expect(page.get_by_text("Traceback")).to_have_count(0)
    page.close()
