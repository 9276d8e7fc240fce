"""The monthly report in a real Chromium: on paper, on a phone, and in the dark."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

import factories as make
from friction_events import events
from tribometer.service import operations
from tribometer.service.instance import opened
from tribometer.service.report.chromium import printed
from tribometer.service.report.content import content
from tribometer.service.report.links import Links
from tribometer.service.report.months import month_of
from tribometer.service.report.page import page
from tribometer.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
NOW = datetime(2026, 6, 9, 9, tzinfo=UTC)
A4 = re.compile(rb"/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a month over ten services that deploy every other day, of nine teams whose changes wait."""
    with opened(Settings(data=tmp_path_factory.mktemp("report") / "data"), lambda: NOW) as instance:
        shipped = [
            make.deployment(f"s{service}-{day}", f"s{service}", NOW - timedelta(days=2 * day, hours=service))
            for service in range(10)
            for day in range(100)
        ]
        assert operations.land_events(instance, [*events(NOW), *shipped])["errors"] == []
        return page(content(instance, month_of(NOW), {}), Links("http://127.0.0.1:8501", {}), is_served=True)


def test_the_report_is_one_or_two_pages_of_a4(report: str) -> None:
    pdf = printed(report)

    assert len(re.findall(rb"/Type /Page\b", pdf)) in {1, 2}
    assert A4.search(pdf)
    assert b"http://127.0.0.1:8501/delivery?open=change_lead_time" in pdf


def test_the_report_needs_no_sideways_scrolling_and_follows_the_readers_dark_setting(
    browser: Browser, report: str
) -> None:
    sheet = browser.new_page(viewport={"width": 390, "height": 900}, color_scheme="dark")
    sheet.set_content(report)
    width = sheet.evaluate("document.documentElement.scrollWidth")
    dark = sheet.evaluate("getComputedStyle(document.body).backgroundColor")
    sheet.emulate_media(media="print")
    paper = sheet.evaluate("getComputedStyle(document.body).backgroundColor")
    sheet.close()

    assert width <= 390
    assert (dark, paper) == ("rgb(20, 24, 27)", "rgb(255, 255, 255)")
