"""The Data health page of a troubled service in a real Chromium; pictures are kept under ``build/screenshots``."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from service_places import clone, deployments, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

from browser_service import at_rest, served, whole

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

SETTINGS = """
[[sources]]
kind = "git"
path = {clone}
name = "acme/shop"

[[sources]]
kind = "git"
path = {gone}
name = "acme/gone"
"""


def run(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "tribometer", *arguments], cwd=folder, check=False, capture_output=True)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with a source that is gone, unmapped environments, tags put aside, and rejected events."""
    folder = tmp_path_factory.mktemp("troubled")
    places = {"clone": clone(folder / "acme"), "gone": folder / "gone"}
    (folder / "tribometer.toml").write_text(
        SETTINGS.format(**{name: json.dumps(str(path)) for name, path in places.items()})
    )
    bad = [{"type": "team", "id": str(number)} for number in range(12)]
    events = [
        *deployments(4, service="acme/shop"), *deployments(9, "cart", "blue"), *deployments(2, "cart", "eu-*west*"),
        *bad, "{broken",
    ]  # fmt: skip
    run(folder, "import", str(lines(folder / "events.jsonl", events)))
    with served(folder) as url:
        yield f"{url}/data-health"


def opened(browser: Browser, url: str, scheme: str = "light", width: int = 1440) -> Page:
    page = browser.new_page(
        viewport={"width": width, "height": 1000}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.goto(url)
    at_rest(page)
    return page


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)])
def test_the_page_shows_every_section_without_sideways_scrolling(
    browser: Browser, address: str, scheme: str, width: int
) -> None:
    page = opened(browser, address, scheme, width)
    for heading in ("Sources", "Rejected events", "Environments", "Coverage", "What counts as a deployment"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("What to do: 1 broken"))).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= window.innerWidth")
    cut = "[...document.querySelectorAll('[data-testid=stTable] :is(table, td)')].filter(each => each.scrollWidth > "
    cut += "each.clientWidth + 1 || each.getBoundingClientRect().right > window.innerWidth).length"
    assert page.evaluate(cut) == 0
    listed = page.locator(".st-key-reasons td").first
    expect(listed).to_be_visible()
    empty = "[...document.querySelectorAll('[data-testid=stTable] td')].filter(each => each.offsetParent && "
    empty += "!each.innerText.trim()).length"
    assert width > 640 or page.evaluate(empty) == 0
    whole(page, f"data-health-{scheme}-{width}")


def test_an_environment_is_mapped_by_the_keyboard_and_taken_back_again(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    expect(page.get_by_text("blue holds back 9 deployments of 1 service")).to_be_visible()
    page.get_by_role("button", name="Production", exact=True).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("blue is production: its deployments count now")).to_be_visible()
    at_rest(page)
    row = page.locator(".st-key-origins table")
    expect(row).to_be_visible()
    whole(page, "data-health-mapped")
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("blue has no tier any more")).to_be_visible()
    at_rest(page)
    expect(page.get_by_text("blue holds back 9 deployments of 1 service")).to_be_visible()


def test_rejected_events_are_sent_again_and_dropped_behind_a_confirmation(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.get_by_role("button", name="Send 13 events again").click()
    expect(page.get_by_text("13 were rejected again")).to_be_visible()
    at_rest(page)
    page.get_by_role("button", name=re.compile("Drop 13 events …")).click()
    expect(page.get_by_text("nothing can bring what is dropped back")).to_be_visible()
    whole(page, "data-health-drop")
    page.get_by_role("button", name="Drop 13 events for good").click()
    expect(page.get_by_text("Dropped 13 rejected events")).to_be_visible()
    expect(page.get_by_text("has landed")).to_be_visible()


def test_a_source_is_collected_by_a_click(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.get_by_role("combobox", name=re.compile("Source to collect")).click()
    page.get_by_role("option", name="git:acme/shop", exact=True).click()
    at_rest(page)
    page.get_by_role("button", name="Collect now").click()
    started = page.get_by_text("git:acme/shop is being collected; below is how far it is.")
    expect(started).to_be_visible()
