"""A collection that goes on, seen on the Data health page in a real Chromium; pictures: ``build/screenshots``."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, expect

from browser_service import picture, served
from scripted_forge import forge

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

PROGRAM = """
import sys, collectors
collectors.COLLECTORS["forge"] = "scripted_forge"
from tribometer.service.cli import main
main(sys.argv[1:])
"""
QUOTA = {"x-ratelimit-remaining": "4877"}
NAMES = [f"service-{number:03}" for number in range(120)]
SECONDS = 60


@pytest.fixture
def go() -> Iterator[Event]:
    """Set it, and the last part of the collection is answered."""
    event = Event()
    yield event
    event.set()


@pytest.fixture
def address(tmp_path: Path, go: Event) -> Iterator[str]:
    """A service that collects an owner of 120 repositories, and waits for a server that limits it."""

    def last() -> list[str]:
        go.wait(SECONDS)
        return ["the last"]

    acme: dict[str, Any] = {"/repos": (200, QUOTA, NAMES), f"/repos/{NAMES[-1]}/teams": last}
    acme |= {f"/repos/{name}/teams": (200, QUOTA, [name]) for name in NAMES[:-1]}
    busy: Any = {"/repos": (429, {"retry-after": "3600"}, {})}
    with forge(acme) as url, forge(busy) as limiting:
        tables = (("acme", url), ("elsewhere", limiting))
        (tmp_path / "tribometer.toml").write_text(
            "".join(f'[[sources]]\nkind = "forge"\nowner = "{name}"\nurl = "{at}"\n' for name, at in tables)
        )
        environment = {"PYTHONPATH": str(Path(__file__).parent)}
        with served(tmp_path, program=("-c", PROGRAM), environment=environment, until="/healthz") as service:
            yield f"{service}/data-health"


def test_a_collection_is_followed_while_it_goes_on_and_its_end_draws_the_page_anew(
    browser: Browser, address: str, go: Event
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 1400})
    page.goto(address)
    live = page.locator(".st-key-live")
    expect(live).to_contain_text("119 of 120 parts")
    expect(live).to_contain_text("119 events")
    expect(live).to_contain_text("4,877 more allowed")
    expect(live).to_contain_text("Its server allows no request until")
    picture(page, "collecting-390")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 1400})
    go.set()
    # the other one goes on, and so does its line
    expect(live).not_to_contain_text("forge:acme")
    expect(live).to_contain_text("forge:elsewhere")
    row = page.locator("[data-testid=stTable]").first.get_by_role("row").filter(has_text="forge:acme (120 parts)")
    expect(row).to_contain_text("succeeded")
    picture(page, "collecting-1440")
