"""Journeys through a running demo in a real Chromium, and every page under axe; see ``build/screenshots``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect

from browser_service import PATIENCE, at_rest, picture, small_demo
from dashboards.pages import PAGES

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`tribometer up --demo` over a demo that was made smaller beforehand."""
    with small_demo(tmp_path_factory.mktemp("journeys")) as url:
        yield url


def opened(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 1000}, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    at_rest(page)
    # the page's own style comes with its first words, a moment after Streamlit's
    expect(page.get_by_test_id("stCaptionContainer").first).to_have_css("opacity", "0.8")
    return page


def go(page: Page, audience: str, title: str) -> None:
    """Open a page by the menu at the top."""
    page.get_by_text(audience, exact=True).first.click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text=title).click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    at_rest(page)


def chosen(page: Page, label: str, option: str) -> None:
    """Choose in one of the filters."""
    page.get_by_role("combobox", name=re.compile(label)).click()
    page.get_by_role("option", name=option, exact=True).click()
    at_rest(page)


def test_whoever_plans_the_roadmap_finds_what_to_fix_first(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    expect(page.get_by_role("heading", name="What costs most")).to_be_visible()
    go(page, "Platform team", "Friction")
    expect(page.get_by_text("Waiting for a review").first).to_be_visible()
    expect(page.get_by_text("Roadmap", exact=True)).to_be_visible()
    picture(page, "journey-fix-first")
    page.close()


def test_whoever_sees_lead_time_rise_opens_the_slow_changes_and_filters_stay(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/delivery")
    chosen(page, "Team", "payments")
    page.get_by_test_id("stMetric").filter(has_text="Change lead time").locator("xpath=../..").get_by_role(
        "button", name="Open"
    ).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("tab", name="Rows").click()
    expect(dialog.get_by_role("tabpanel", name="Rows").get_by_test_id("stDataFrame")).to_be_visible()
    picture(page, "journey-slow-changes")
    dialog.get_by_role("button", name="Close").click()
    go(page, "Platform team", "CI")
    expect(page.get_by_text("team payments", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("team=payments"))
    again = opened(browser, page.url)
    expect(again.get_by_text("team payments", exact=True)).to_be_visible()
    again.close()
    page.close()


def test_whoever_asks_how_newcomers_do_sees_those_still_on_the_way(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/onboarding")
    expect(page.get_by_text("How newcomers come along")).to_be_visible()
    expect(page.get_by_text("also who has not got there yet")).to_be_visible()
    picture(page, "journey-newcomers")
    page.get_by_role("tab", name="New services").click()
    expect(page.get_by_text("New services by template")).to_be_visible()
    page.close()


def test_a_respondent_reads_what_was_heard_and_how_the_week_was(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/what-we-heard")
    expect(page.get_by_text("Who sees what").first).to_be_visible()
    picture(page, "journey-what-we-heard")
    go(page, "Developers", "My team's week")
    chosen(page, "Team", "checkout")
    expect(page.get_by_text("Usual range")).to_be_visible()
    picture(page, "journey-my-team")
    page.close()


def serious(page: Page, *rules: str) -> list[str]:
    """What axe-core finds on the page as it stands that keeps people from using it; by all ``rules`` or some."""
    page.add_script_tag(path=str(AXE))
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:200]} {each['nodes'][0]['failureSummary']}"
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("page_of", PAGES, ids=lambda page: page.path or "first")
def test_no_page_has_a_serious_violation_of_accessibility(browser: Browser, address: str, page_of: Any) -> None:
    page = opened(browser, f"{address}/{page_of.path}")
    assert serious(page) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(500)
    assert serious(page, "color-contrast") == []
    picture(page, f"journey-page-{page_of.path or 'first'}-dark")
    page.set_viewport_size({"width": 390, "height": 1000})
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
