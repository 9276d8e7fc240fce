"""Did it help on a small demo organisation in a real Chromium; pictures are kept under ``build/screenshots``."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from browser_service import small_demo, whole

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

HEIGHT = 1000
FITS = "node => node.scrollWidth <= node.clientWidth"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`tribometer up --demo` over a demo that was made smaller beforehand."""
    with small_demo(tmp_path_factory.mktemp("did-it-help")) as url:
        yield f"{url}/did-it-help"


def opened(browser: Browser, url: str, scheme: str = "light", width: int = 1280) -> Page:
    """The page once its numbers stand and every intervention of the list is judged."""
    page = browser.new_page(
        viewport={"width": width, "height": HEIGHT}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.goto(url)
    expect(page.get_by_text("Sources:")).to_be_visible()
    expect(page.get_by_text(re.compile("no detectable change at 26 weeks"))).to_be_visible()
    expect(page.get_by_text(re.compile("improved at 26 weeks"))).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    return page


def test_the_address_opens_one_intervention_that_worked_and_it_fits_every_screen(
    browser: Browser, address: str
) -> None:
    page = opened(browser, f"{address}?intervention=Build+cache", scheme="dark", width=390)
    expect(page.get_by_role("heading", name="Build cache: did it help?")).to_be_visible()
    charts = page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg.marks)")
    for width in (390, 768, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 4200})
        expect(charts).to_have_count(2)
        expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)
        assert page.locator("[data-testid=stMain]").evaluate(FITS), width
        assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth"), width
    page.set_viewport_size({"width": 390, "height": HEIGHT})
    whole(page, "did-it-help-390-dark")


def test_another_one_is_chosen_and_its_weeks_are_opened_with_the_keyboard_alone(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.get_by_role("combobox", name=re.compile("Intervention")).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Build cache")).to_be_visible()
    page.keyboard.type("Build")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Build cache: did it help?")).to_be_visible()
    expect(page).to_have_url(re.compile("intervention=Build"))
    # its record is drawn last: what stands above it is not drawn again under the keys that follow
    expect(page.get_by_text("A build cache, taken up")).to_be_visible()
    expect(page.locator("[data-testid=stAppViewContainer] [data-stale=true]")).to_have_count(0)
    page.locator("summary").filter(has_text="As a table").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name=re.compile("by weeks since the release"))).to_be_visible()
    whole(page, "did-it-help-1280-light")
