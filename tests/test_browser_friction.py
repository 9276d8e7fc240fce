"""The page Friction of a running service in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser_service import served
from friction_events import events
from tribometer.clock import now_utc
from tribometer.service import operations
from tribometer.service.instance import opened
from tribometer.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`tribometer up` over nine teams whose changes waited for reviews in the last weeks."""
    home = tmp_path_factory.mktemp("friction")
    with opened(Settings(data=home / "data")) as instance:
        assert operations.land_events(instance, list(events(now_utc())))["errors"] == []
    with served(home, environment={"TRIBOMETER_DATA": str(home / "data")}) as url:
        yield url


def page_at(browser: Browser, url: str, width: int = 1280, *, dark: bool = False) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 1400}, color_scheme="dark" if dark else "light")
    page.goto(url)
    expect(page.get_by_text("What costs most")).to_be_visible()
    return page


@pytest.mark.parametrize(("width", "dark"), [(390, True), (1280, False)])
def test_the_page_names_the_costliest_without_sideways_scrolling(
    browser: Browser, address: str, width: int, *, dark: bool
) -> None:
    page = page_at(browser, f"{address}/friction", width, dark=dark)
    expect(page.get_by_text("costs most.")).to_be_visible()
    expect(page.get_by_text("Roadmap", exact=True)).to_be_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_a_kind_opens_to_its_waits_and_what_if_answers(browser: Browser, address: str) -> None:
    page = page_at(browser, f"{address}/friction?behind-kind=Waits")
    expect(page.get_by_text("a row is one business day of one of them")).to_be_visible()
    expect(page.get_by_text("Waiting for a review: 30 % less")).to_be_visible()
    page.get_by_role("slider").press("End")

    expect(page.get_by_text("Waiting for a review: 100 % less")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Issues").click()
    assert "# Reduce friction: Waiting for a review" in taken.value.path().read_text()
    page.close()
