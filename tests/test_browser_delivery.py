"""The Delivery page of a real repository in a real Chromium; pictures are kept under ``build/screenshots``."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from browser_service import served, whole

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

WIDTH, HEIGHT = 1440, 1000
RELEASES = 30


def weekly_history(folder: Path) -> Path:
    """A clone with a release tag a week, each with three commits, the last a week before today."""
    run = ["git", "-c", "init.defaultBranch=main", "init", "-q", str(folder)]
    subprocess.run(run, check=True)
    today = int(time.time()) // 86_400 * 86_400
    lines: list[str] = []
    for week in range(RELEASES):
        released = today - (RELEASES - week) * 7 * 86_400
        for number in range(3):
            written = released - (3 - number) * 86_400 + week * 600
            lines += [
                "commit refs/heads/main",
                f"author Ada <ada@example.org> {written} +0000",
                f"committer Ada <ada@example.org> {written} +0000",
                "data 6",
                "change",
                f"M 644 inline file{number}",
                f"data {len(str(week))}",
                str(week),
            ]
        lines += [
            f"tag v1.{week}.0",
            "from refs/heads/main",
            f"tagger Ada <ada@example.org> {released} +0000",
            "data 7",
            "release",
        ]
    subprocess.run(
        ["git", "-C", str(folder), "fast-import", "--quiet"], input="\n".join(lines) + "\n", text=True, check=True
    )
    subprocess.run(
        ["git", "-C", str(folder), "remote", "add", "origin", "https://example.org/acme/weekly.git"], check=True
    )
    return folder


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`tribometer up` with no configuration inside a clone, as a stranger runs it."""
    clone = weekly_history(tmp_path_factory.mktemp("weekly"))
    with served(clone) as url:
        yield url


def opened(browser: Browser, url: str, scheme: str = "light", width: int = WIDTH) -> Page:
    page = browser.new_page(
        viewport={"width": width, "height": HEIGHT}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.goto(url)
    expect(page.get_by_role("heading", name="Delivery", exact=True)).to_be_visible()
    expect(page.get_by_text("Sources:")).to_be_visible()
    expect(page.locator("[data-testid=stAppViewContainer] [data-stale=true]")).to_have_count(0)
    return page


def test_the_page_opens_on_the_clones_own_history(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/delivery")
    expect(page.get_by_text(re.compile("acme/weekly")).first).to_be_visible()
    card = page.locator("[data-testid=stMetric]").filter(has_text="Change lead time")
    expect(card).to_contain_text(re.compile(r"\d+ h|\d\.\d days"))
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    expect(page.get_by_text("Only one stage is known here")).to_be_visible()
    charts = page.locator("[data-testid=stVegaLiteChart]")
    drawn = page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg.marks)")
    whole(page, "delivery-light")
    assert charts.count() >= 3
    expect(drawn).to_have_count(charts.count())


def test_the_page_asks_no_other_machine_for_anything(browser: Browser, address: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    expect(page.get_by_text("Sources:")).to_be_visible()
    page.wait_for_timeout(1_000)
    foreign = [url for url in asked if not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))]
    assert foreign == []


def test_the_page_follows_a_dark_setting(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/delivery", scheme="dark")
    background = page.locator("[data-testid=stApp]").evaluate("node => getComputedStyle(node).backgroundColor")
    channels = [int(part) for part in re.findall(r"\d+", background)[:3]]
    assert max(channels) < 100
    whole(page, "delivery-dark")


def test_a_number_opens_to_its_sql_with_the_keyboard_alone(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/delivery")
    page.get_by_role("tab", name="Trend").focus()
    for name in ("Rows", "Definition", "SQL and API"):
        page.keyboard.press("ArrowRight")
        # one key after the other: the page is drawn anew behind each
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text(re.compile("SELECT", re.IGNORECASE)).first).to_be_visible()
    whole(page, "delivery-sql")


def test_a_chosen_period_stands_in_the_address_and_a_link_shows_it_again(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/delivery")
    page.get_by_role("combobox", name=re.compile("Period")).click()
    page.get_by_role("option", name="90 days", exact=True).click()
    expect(page).to_have_url(re.compile("period="))
    again = opened(browser, page.url)
    expect(again.get_by_role("combobox", name=re.compile("90 days|Period"))).to_be_visible()
    expect(again.get_by_text(re.compile(r"shortest that holds six"))).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1024, 1280, 1920])
def test_no_value_is_cut_at_any_width(browser: Browser, address: str, width: int) -> None:
    page = opened(browser, f"{address}/delivery", width=width)
    values = page.locator("[data-testid=stMetricValue]")
    expect(values).to_have_count(5)
    cut = "node => [node, ...node.querySelectorAll('*')].some(each => each.scrollWidth > each.clientWidth + 1)"
    assert [each.inner_text() for each in values.all() if each.evaluate(cut)] == []
    whole(page, f"delivery-{width}")


def test_a_narrow_screen_needs_no_sideways_scrolling(browser: Browser, address: str) -> None:
    page = opened(browser, f"{address}/delivery", width=390)
    assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")
    whole(page, "delivery-narrow")
