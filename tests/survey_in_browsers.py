"""A survey form that people fill in by hand in Chromium, with what they drew beforehand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, ViewportSize, expect

from survey_respondents import NOTE, Sheet

WRITTEN = ("Q21", NOTE)
PICKED = "form input:checked"


@contextmanager
def page_of(browser: Browser, viewport: ViewportSize, *, scripts: bool = True) -> Iterator[Page]:
    """A page of somebody's own browser."""
    context = browser.new_context(viewport=viewport, java_script_enabled=scripts)
    try:
        yield context.new_page()
    finally:
        context.close()


def answer(page: Page, link: str, sheet: Sheet) -> None:
    """Open a link, fill in the form and save it."""
    page.goto(link)
    fill_in(page, sheet)
    save(page)


def answer_carelessly(page: Page, link: str, sheet: Sheet) -> None:
    """Write words where a number belongs, and mend it: everything else is kept meanwhile."""
    page.goto(link)
    fill_in(page, {**sheet, "Q21": ["two thirds"]})
    page.locator("button[value=save]").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("[name=Q21]")).to_have_value("two thirds")
    expect(page.locator(PICKED)).to_have_count(picks(sheet))
    page.locator("[name=Q21]").fill(sheet["Q21"][0])
    save(page)


def change(page: Page, link: str, sheet: Sheet, key: str, text: str) -> None:
    """Come back, find everything as it was, and change one answer."""
    page.goto(link)
    expect(page.locator(PICKED)).to_have_count(picks(sheet))
    if key in sheet:
        expect(page.locator(f"[name='{key}'][value='{sheet[key][0]}']")).to_be_checked()
    fill_in(page, {key: [text]})
    save(page)


def fill_in(page: Page, sheet: Sheet) -> None:
    """Pick and write."""
    for name, texts in sheet.items():
        for text in texts:
            if name in WRITTEN:
                page.locator(f"[name='{name}']").fill(text)
            else:
                page.locator("label", has=page.locator(f"[name='{name}'][value='{text}']")).click()


def save(page: Page) -> None:
    """Save what was filled in, and wait until it is said to be saved."""
    page.locator("button[value=save]").click()
    expect(page.locator("#message[role=status]")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?saved=1"))


def picks(sheet: Sheet) -> int:
    """How many choices are picked."""
    return sum(len(texts) for name, texts in sheet.items() if name not in WRITTEN)
