"""The survey form of a running service in a real Chromium without scripts; pictures go under ``build/screenshots``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from browser_service import picture, served
from survey_forms import open_place
from tribometer.service.instance import opened
from tribometer.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

PHONE: ViewportSize = {"width": 390, "height": 844}
PEOPLE = 12


@dataclass(frozen=True)
class Service:
    """A running service, its links by survey, and where its log is."""

    url: str
    links: dict[str, list[str]]
    log: Path


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`tribometer up` over a folder in which two surveys are open."""
    home = tmp_path_factory.mktemp("surveys")
    now = datetime.now(UTC)
    with opened(Settings(data=home / "data")) as held:
        links = {}
        for slug in ("pulse_v1", "quarterly_v1"):
            place = open_place(held, slug, times=(now - timedelta(days=1), now + timedelta(days=9)))
            people = [place.invite(f"p_{slug}_{number}") for number in range(PEOPLE)]
            links[slug] = [f"/s/{place.token(each)}" for each in people]
    with served(home, environment={"TRIBOMETER_DATA": str(home / "data")}) as url:
        yield Service(url, links, home / "data" / "service.log")


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A phone whose browser runs no scripts."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False, has_touch=True)
    yield context
    context.close()


def shown(context: BrowserContext, service: Service, slug: str, number: int, query: str = "") -> Page:
    page = context.new_page()
    answer = page.goto(f"{service.url}{service.links[slug][number]}{query}")
    assert answer is not None
    assert answer.status == 200
    return page


def press_until(page: Page, key: str, selector: str) -> None:
    """Press a key until what is wanted has the focus."""
    for _ in range(300):
        if page.locator(f"{selector}:focus").count():
            return
        page.keyboard.press(key)
    pytest.fail(f"{selector} cannot be reached by {key}")


def test_a_pulse_is_answered_by_keyboard_alone_without_scripts(phone: BrowserContext, service: Service) -> None:
    page = shown(phone, service, "pulse_v1", 0)
    for name in ("PU01", "PU09", "PU10"):
        press_until(page, "Tab", f"[name='{name}']")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
    press_until(page, "Tab", "[name='note:PU10']")
    page.keyboard.type("Checks that fail twice\nand pass then")
    press_until(page, "Tab", "button[value=save]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved")
    expect(page.locator("#message")).to_be_focused()
    expect(page).to_have_title("Saved - Pulse")
    expect(page.locator("input[type=radio]:checked")).to_have_count(3)
    expect(page.locator("[name='note:PU10']")).to_have_value("Checks that fail twice\nand pass then")
    picture(page, "survey-saved")


def test_what_is_wrong_is_told_on_top_with_the_focus_there_and_links_lead_to_it(
    phone: BrowserContext, service: Service
) -> None:
    page = shown(phone, service, "quarterly_v1", 1)
    page.locator("[name=Q21]").fill("two thirds")
    page.locator("label", has=page.locator("[name=Q01][value='4']")).tap()
    page.get_by_role("button", name="Save").tap()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Give a number from 0 to 100")
    expect(alert).to_be_focused()
    expect(alert).to_be_in_viewport()
    picture(page, "survey-errors")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wrong = page.locator("[name=Q21]")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("two thirds")
    picture(page, "survey-error-at-its-place")
    wrong.fill("66")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Saved")
    expect(page.locator("[name=Q01][value='4']")).to_be_checked()
    expect(page.locator("[name=Q21]")).to_have_value("66")


def test_answers_are_withdrawn_after_a_question(phone: BrowserContext, service: Service) -> None:
    page = shown(phone, service, "pulse_v1", 2, "?lang=de")
    page.locator("label", has=page.locator("[name=PU02][value='5']")).tap()
    page.get_by_role("button", name="Speichern").tap()
    page.get_by_role("button", name="Meine Antworten zurückziehen").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Antworten zurückziehen?")
    picture(page, "survey-withdraw")
    page.get_by_role("button", name="Ja, meine Antworten löschen").tap()
    expect(page.get_by_role("status")).to_contain_text("Ihre Antworten sind gelöscht")
    expect(page.locator("input:checked")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_wider_than_the_screen_and_everything_is_large_enough_to_touch(
    browser: Browser, service: Service, width: int, language: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 844})
    page.goto(f"{service.url}{service.links['quarterly_v1'][3]}?lang={language}")
    page.locator("summary").click()
    picture(page, f"survey-quarterly-{language}-{width}", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    targets = "label:has(input), input[type=text], textarea, button, summary, nav a"
    sizes = page.locator(targets).evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).map(r => [r.width, r.height])"
    )
    assert len(sizes) > 200
    assert min(min(size) for size in sizes) >= 44
    page.close()


FOCUSED = """() => {
    const focused = document.activeElement, frame = focused.closest('label:has(input)') || focused;
    const style = getComputedStyle(frame), bar = document.querySelector('.bar');
    const hidden = !bar.contains(focused) && bar.parentElement.contains(focused)
        && frame.getBoundingClientRect().top >= bar.getBoundingClientRect().top;
    return [focused.tagName, `${style.outlineStyle} ${style.outlineWidth}`, hidden];
}"""


def test_the_focus_is_seen_and_never_behind_the_bar(browser: Browser, service: Service) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(f"{service.url}{service.links['quarterly_v1'][4]}")
    steps: list[list[Any]] = []
    while not steps or (steps[-1][0] != "BODY" and len(steps) < 100):
        page.keyboard.press("Tab")
        steps.append(page.evaluate(FOCUSED))
    focused = steps[:-1]
    assert steps[-1][0] == "BODY"
    assert len(focused) > 40
    assert [step for step in focused if step[1:] != ["solid 3px", False]] == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_follows_the_reader_s_scheme(browser: Browser, service: Service, scheme: Any) -> None:
    page = browser.new_page(viewport=PHONE, color_scheme=scheme)
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.goto(f"{service.url}{service.links['pulse_v1'][5]}")
    page.locator("label", has=page.locator("[name=PU01][value='4']")).click()
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 27)"}[scheme]
    picture(page, f"survey-pulse-{scheme}", full_page=True)
    assert [each for each in problems if "favicon" not in each] == []
    page.close()


def test_a_service_that_took_answers_has_no_link_in_its_log(phone: BrowserContext, service: Service) -> None:
    page = shown(phone, service, "pulse_v1", 6)
    page.locator("[name='note:PU10']").fill("nothing that anybody shall read")
    page.get_by_role("button", name="Save").tap()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    page.goto(f"{service.url}{service.links['pulse_v1'][6]}x")
    expect(page.get_by_role("heading", level=1)).to_have_text("This link leads to no survey")
    logged = service.log.read_text() + (service.log.parent.parent / "up.log").read_text()
    assert [each for links in service.links.values() for each in links if each in logged] == []
    assert "anybody shall read" not in logged
