"""A service of this program for a browser to look at, and how the browser is started."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tribometer.service import demo
from tribometer.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PICTURES = Path(__file__).parent.parent / "build" / "screenshots"
PATIENCE = 60_000
"""Milliseconds after which something that does not show up is missing: far more than any machine needs."""
TRIBOMETER = ("-m", "tribometer")
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--disable-background-networking"]

expect.set_options(timeout=PATIENCE)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a running browser."""
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@contextmanager
def served(
    folder: Path,
    *options: str,
    program: Sequence[str] = TRIBOMETER,
    environment: Mapping[str, str] | None = None,
    until: str = "/readyz",
) -> Iterator[str]:
    """Run ``tribometer up`` in a folder and yield its address once ``until`` answers; its log is ``up.log`` there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, *program, "up", *options, "--port", str(port), "--no-browser"]
    with (
        (folder / "up.log").open("w+") as log,
        subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**os.environ, **(environment or {})}
        ) as serving,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            _until_ready(f"{url}{until}", serving, folder / "up.log")
            yield url
        finally:
            serving.terminate()
            serving.wait(60)


@contextmanager
def small_demo(home: Path) -> Iterator[str]:
    """Run ``tribometer up --demo`` in a folder, over a demo that was made smaller beforehand."""
    settings = demo.settings_of(Settings(data=home / "data"))
    demo.ensure(settings, lambda _: None, fill=partial(demo.generate, scale=0.1))
    with served(home, "--demo", environment={"TRIBOMETER_DATA": str(home / "data")}) as url:
        yield url


def at_rest(page: Page) -> None:
    """Wait until a page is drawn: its title stands, and nothing is worked out or stale any more."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.locator("[data-stale=true]")).to_have_count(0)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def whole(page: Page, name: str) -> None:
    """Take a picture of all of a page; it is as high as its content from then on."""
    height = int(page.get_by_test_id("stMain").evaluate("each => each.scrollHeight"))
    page.set_viewport_size({"width": page.evaluate("window.innerWidth"), "height": min(height + 50, 6_000)})
    at_rest(page)
    # charts follow the width of their place a moment later
    page.wait_for_timeout(1_000)
    picture(page, name)


def picture(page: Page, name: str, **options: Any) -> None:
    """Take a picture of what is seen of a page, into ``build/screenshots``."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", **options)


def _until_ready(url: str, serving: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        if serving.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"no answer at {url}: {log.read_text()}")
