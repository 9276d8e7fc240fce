"""The survey pages of a running service with imported answers in a real Chromium."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, Page, expect

from browser_service import at_rest, served, whole
from dashboards.survey_charts import ROW
from event_samples import event
from surveys.instrument import FIVE_POINTS, Item, shipped
from surveys.scales import HOURS
from tribometer.service.instance import Instance, opened
from tribometer.service.surveys import operations
from tribometer.service.surveys.importing import survey_import
from tribometer.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

ABOVE = {"checkout": "commerce", "search": "commerce", "commerce": None, "platform": None, "data": "platform"}
PEOPLE = {"checkout": 14, "search": 12, "platform": 9, "data": 3}
QUARTERLY = shipped()["quarterly_v1"]
PATHS = ("survey", "what-we-heard", "survey-waves")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`tribometer up` over a folder with two closed waves that were imported, and an open one."""
    home = tmp_path_factory.mktemp("pages")
    fill(home)
    with served(home, environment={"TRIBOMETER_DATA": str(home / "data")}) as url:
        yield url


def fill(home: Path) -> None:
    """Two closed quarters, the later one with a promise, and a pulse that is open."""
    now = datetime.now(UTC)
    moments = [now - timedelta(days=100)]
    with opened(Settings(data=home / "data"), lambda: moments[0]) as instance:
        instance.store.land([event("team", team, name=team, parent=above) for team, above in ABOVE.items()])
        instance.store.refresh()
        for name, days, mean in (("winter", 100, 2.2), ("spring", 10, 3.6)):
            moments[0] = now - timedelta(days=days)
            file = answers(home / f"{name}.csv", mean)
            told = survey_import(
                instance, {"instrument": "quarterly", "files": [str(file)], "wave": name, "map": None}, quiet
            )
            assert (told["new"], told["rejected"]) == (sum(PEOPLE.values()), 0), told
            operations.closed(instance, {"wave": name}, quiet)
        action = {"wave": "spring", "action": "Flaky checks are quarantined from June on"}
        operations.promised(instance, action, quiet)
        moments[0] = now
        invite(instance, home / "people.csv")


def invite(instance: Instance, book: Path) -> None:
    """Open a pulse for eight people of the search team."""
    book.write_text("\n".join(["address,team", *(f"p{number}@example.org,search" for number in range(8))]), "utf-8")
    given = {"instrument": "pulse", "wave": "pulse now", "channels": ["links"], "people": str(book)}
    assert operations.opened(instance, given, quiet)["state"] == "open"


def quiet(_told: object) -> None:
    """Let an operation tell on its way what it wants."""


def answers(path: Path, mean: float) -> Path:
    """A file of answers to the quarterly survey, the same at every run."""
    dice = Random(7)  # noqa: S311 - answers, no secrets
    keys = [key for item in QUARTERLY.items for key in item.keys]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["respondent", "team", "tenure", *keys, "Q25_comment"])
        for team, size in PEOPLE.items():
            for number in range(size):
                said = [answer(dice, item, mean) for item in QUARTERLY.items for _ in item.keys]
                out.writerow([f"{team}{number}", team, "1-3 years", *said, f"More of number {number}, please"])
    return path


def answer(dice: Random, item: Item, mean: float) -> str:
    """One answer to an item as a file has it."""
    if item.scale in FIVE_POINTS:
        return str(min(max(round(dice.gauss(6 - mean if item.reverse else mean, 0.8)), 1), 5))
    if item.scale == "hours":
        return dice.choice(HOURS).label
    if item.scale == "choices":
        return ";".join(dice.sample([each["en"] for each in item.choices.values()], item.most))
    return str(dice.randint(0, 10 if item.scale == "score" else 100))


def shown(browser: Browser, url: str, heading: str, *, width: int = 1280, dark: bool = False) -> Page:
    """A page that has come to rest."""
    page = browser.new_page(viewport={"width": width, "height": 1000}, color_scheme="dark" if dark else "light")
    page.goto(url)
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    at_rest(page)
    return page


def test_leaders_see_hidden_teams_as_hidden_and_the_same_as_a_table(browser: Browser, address: str) -> None:
    page = shown(browser, f"{address}/survey", "Survey")
    expect(page.get_by_text("Quarterly").first).to_be_visible()
    charts = page.get_by_test_id("stVegaLiteChart")
    whole(page, "survey")
    assert charts.count() >= 4
    heat_map = charts.first.bounding_box()
    assert heat_map is not None
    assert heat_map["height"] > (1 + len(ABOVE)) * ROW + 60
    expect(page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg.marks)")).to_have_count(charts.count())
    page.locator("summary", has_text="As a table").first.press("Enter")
    expect(page.get_by_test_id("stDownloadButton").first).to_be_visible()
    with page.expect_download() as waited:
        page.get_by_test_id("stDownloadButton").first.get_by_role("button").click()
    told = Path(waited.value.path()).read_text("utf-8")
    assert "checkout" in told
    assert ",team,data," not in told


def test_an_address_shows_a_comparison_again(browser: Browser, address: str) -> None:
    page = shown(browser, f"{address}/survey?wave=spring&topic=Q02&group=checkout&against=Everybody", "Survey")

    expect(page.get_by_text("checkout against Everybody")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue")).to_contain_text("%")


def test_comments_come_on_request_only(browser: Browser, address: str) -> None:
    page = shown(browser, f"{address}/survey", "Survey")
    expect(page.get_by_role("heading", name="Comments")).to_be_visible()
    expect(page.get_by_text("please")).to_have_count(0)
    page.get_by_text("Show comments").click()
    expect(page.get_by_text("please").first).to_be_visible()


def test_respondents_hear_what_changed_and_what_is_promised(browser: Browser, address: str) -> None:
    page = shown(browser, f"{address}/what-we-heard", "What we heard")
    expect(page.get_by_text("Flaky checks are quarantined from June on")).to_be_visible()
    expect(page.get_by_text("better:").first).to_be_visible()
    whole(page, "heard")
    before = shown(browser, f"{address}/what-we-heard?wave=winter", "What we heard")
    expect(before.get_by_text("Nothing is promised yet. The results are 100 days old.")).to_be_visible()


def test_an_open_wave_tells_who_runs_it_what_comes_next_and_no_answer(browser: Browser, address: str) -> None:
    page = shown(browser, f"{address}/survey-waves", "Survey waves")
    expect(page.get_by_text("it closes by itself")).to_be_visible()
    expect(page.get_by_text("tribometer survey close 'pulse now'")).to_be_visible()
    expect(page.get_by_text("Favourable")).to_have_count(0)
    whole(page, "waves")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("width", "dark"), [(390, False), (1280, True)])
def test_no_page_needs_sideways_scrolling_or_cuts_a_value(
    browser: Browser, address: str, path: str, width: int, *, dark: bool
) -> None:
    headings = {"survey": "Survey", "what-we-heard": "What we heard", "survey-waves": "Survey waves"}
    page = shown(browser, f"{address}/{path}", headings[path], width=width, dark=dark)
    assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth")
    cut = "node => [node, ...node.querySelectorAll('*')].some(each => each.scrollWidth > each.clientWidth + 1)"
    assert [each.inner_text() for each in page.get_by_test_id("stMetricValue").all() if each.evaluate(cut)] == []
    whole(page, f"{path}-{width}-{'dark' if dark else 'light'}")


def test_the_pages_ask_no_other_machine_for_anything(browser: Browser, address: str) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in PATHS:
        page.goto(f"{address}/{path}")
        expect(page.get_by_role("heading").first).to_be_visible()
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in asked if not url.startswith(own)] == []
