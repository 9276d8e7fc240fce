"""Did it help on a small demo organisation in a real Chromium; pictures are kept under ``build/screenshots``."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tribometer.service import demo
from tribometer.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

PICTURES = Path(__file__).parent.parent / "build" / "screenshots"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
SCALE = 0.1
HEIGHT = 1000
FITS = "node => node.scrollWidth <= node.clientWidth"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`tribometer up --demo` over a demo that was made smaller beforehand."""
    home = tmp_path_factory.mktemp("did-it-help")
    settings = demo.settings_of(Settings(data=home / "data"))
    demo.ensure(settings, lambda _: None, fill=partial(demo.generate, scale=SCALE))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "tribometer", "up", "--demo", "--port", str(port), "--no-browser"]
    environment = {**os.environ, "TRIBOMETER_DATA": str(home / "data")}
    with (
        (home / "up.log").open("w+") as log,
        subprocess.Popen(command, cwd=home, stdout=log, stderr=log, env=environment) as serving,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            _until_ready(url, serving, home / "up.log")
            yield f"{url}/did-it-help"
        finally:
            serving.terminate()
            serving.wait(20)


def _until_ready(url: str, serving: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if serving.poll() is not None:
            pytest.fail(log.read_text())
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"not ready in a minute: {log.read_text()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


def opened(browser: Browser, url: str, scheme: str = "light", width: int = 1280) -> Page:
    """The page once its numbers stand and every intervention of the list is judged."""
    page = browser.new_page(
        viewport={"width": width, "height": HEIGHT}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.goto(url)
    expect(page.get_by_text("Sources:")).to_be_visible(timeout=30_000)
    expect(page.get_by_text(re.compile("no detectable change at 26 weeks"))).to_be_visible(timeout=30_000)
    expect(page.get_by_text(re.compile("improved at 26 weeks"))).to_be_visible(timeout=30_000)
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    return page


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": page.viewport_size["width"] if page.viewport_size else 1280, "height": 4200})
    page.wait_for_timeout(1_000)
    page.screenshot(path=PICTURES / f"{name}.png")


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
    picture(page, "did-it-help-390-dark")


def test_another_one_is_chosen_and_its_weeks_are_opened_with_the_keyboard_alone(browser: Browser, address: str) -> None:
    page = opened(browser, address)
    page.get_by_role("combobox", name=re.compile("Intervention")).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Build cache")).to_be_visible()
    page.keyboard.type("Build")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Build cache: did it help?")).to_be_visible(timeout=15_000)
    expect(page).to_have_url(re.compile("intervention=Build"))
    # its record is drawn last: what stands above it is not drawn again under the keys that follow
    expect(page.get_by_text("A build cache, taken up")).to_be_visible(timeout=15_000)
    expect(page.locator("[data-testid=stAppViewContainer] [data-stale=true]")).to_have_count(0, timeout=15_000)
    page.locator("summary").filter(has_text="As a table").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name=re.compile("by weeks since the release"))).to_be_visible()
    picture(page, "did-it-help-1280-light")
