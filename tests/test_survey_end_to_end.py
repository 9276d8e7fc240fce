"""A wave from the address book to its results: 300 people, mail and Slack, browsers, and two crashes on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, ViewportSize, expect

import survey_in_browsers as by_hand
from browser_service import at_rest, picture
from loopback import serving
from mail_sinks import sink
from survey_company import TEAMS, members, people
from survey_end_to_end import Mails, Service, Slack, links, service, until
from survey_respondents import FIVE, NOTE, Group, Person, Sheet, band, drawn, nearest, records, stored
from survey_sending import Senders
from surveys.instrument import shipped
from test_browser_survey_form import PHONE
from tribometer.service.instance import opened
from tribometer.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]

WAVE = "spring"
PROMISE = "We give every team two days without meetings."
INSTRUMENT = shipped()["quarterly_v1"]
DESK: ViewportSize = {"width": 1280, "height": 900}
HIDDEN = {"labs", "warehouse"}
"""Four people of one have answered, and they are all that would be left beside the other."""


@dataclass
class Survey:
    """A wave: where it is served, where its messages went, and what everybody said so far."""

    service: Service
    mails: Mails
    slack: Slack
    sheets: dict[Person, Sheet] = field(default_factory=dict, repr=False)

    def status(self) -> dict[str, Any]:
        """How the wave stands."""
        return self.service.command("survey", "status", WAVE)

    def group(self, team: str) -> Group:
        """Who answered of a team and those below it; everybody where it has no name."""
        return Group([sheet for person, sheet in self.sheets.items() if not team or person.team in members(team)])


@pytest.fixture
def survey(tmp_path: Path) -> Iterator[Survey]:
    """A service that is ready, and the servers that take its messages."""
    mails = Mails()
    slack = Slack(mails)
    with sink(mails), serving(slack) as loopback, service(tmp_path, mails.port, loopback.url) as running:
        try:
            yield Survey(running, mails, slack)
        finally:
            mails.halt.over.set()
            slack.halt.over.set()


def test_a_wave_loses_nothing_and_writes_to_nobody_twice_though_the_service_is_killed_in_the_middle(
    survey: Survey, browser: Browser, tmp_path: Path
) -> None:
    _open_wave(survey.service)
    _kill_while_sending(survey)
    of = links(survey.service.url, survey.mails, survey.slack)
    _answer(survey, browser, of)
    _check_messages(survey)
    assert survey.service.command("survey", "close", WAVE)["state"] == "closed"
    survey.service.command("survey", "promise", WAVE, PROMISE)
    _check_results(survey)
    _check_pages(survey.service, browser)
    assert {httpx.get(link).status_code for link in list(of.values())[:20]} == {410}
    assert survey.service.stop() == 0
    _check_store(survey, tmp_path / "data")
    assert [link for link in of.values() if link.rpartition("/")[2] in survey.service.log] == []


def _open_wave(running: Service) -> None:
    """Import the catalog and open the wave, both while the service runs."""
    imported = running.command("import", "catalog.jsonl")
    assert (imported["rejected"], imported["new"]) == (0, 12 + 2 * 300 + 2)
    channels = ("--channel", "email", "--channel", "slack")
    told = running.command("survey", "open", "quarterly", "--wave", WAVE, "--people", "people.csv", *channels)
    assert (told["state"], told["invited"]) == ("open", 300)


def _kill_while_sending(survey: Survey) -> None:
    """Kill the service while a mail and a message to Slack are handed over, and let it send the rest."""
    mails, slack, running = survey.mails, survey.slack, survey.service
    until(lambda: mails.halt.reached.is_set() and slack.halt.reached.is_set(), "both channels are at work")
    running.kill()
    mails.halt.over.set()
    slack.halt.over.set()
    assert (len(mails.mails), len(slack.posted)) == (mails.halt.at, slack.halt.at)
    running.start()
    until(lambda: survey.status()["messages"] == {"sent": 298, "sending": 2}, "everybody else was written to")


def _respondents(survey: Survey, of: Mapping[str, str]) -> list[Person]:
    """Of each team as many as answer, among those who were reached; first of all whoever's mail is in doubt."""
    doubtful = survey.mails.in_doubt()
    reached = sorted((each for each in people() if each.reached_at in of), key=lambda each: each.address != doubtful)
    first = [[each for each in reached if each.team == team][:answer] for team, (_, _, answer) in TEAMS.items()]
    return [each for team in first for each in team]


def _answer(survey: Survey, browser: Browser, of: Mapping[str, str]) -> None:
    """Everybody answers, five of them by hand; the service is killed while the others do."""
    random, who = Random(6), _respondents(survey, of)  # noqa: S311 - answers, no secrets
    for each in who:
        # of few people nobody leaves anything out, so that what is hidden does not hang on chance
        skips = 0.0 if each.team in HIDDEN else 0.06
        survey.sheets[each] = drawn(random, INSTRUMENT, each, mood=TEAMS[each.team][1] / 70, skips=skips)
    link, sheets = {each: of[each.reached_at] for each in who}, survey.sheets
    unhurried, careless, seated, returning, late = random.sample(who, 5)
    sheets[careless] = {**sheets[careless], "Q21": ["66"]}
    with by_hand.page_of(browser, PHONE, scripts=False) as page:
        by_hand.answer(page, link[unhurried], sheets[unhurried])
    with by_hand.page_of(browser, PHONE, scripts=False) as page:
        by_hand.answer_carelessly(page, link[careless], sheets[careless])
    with by_hand.page_of(browser, DESK) as page:
        by_hand.answer(page, link[seated], sheets[seated])
    with by_hand.page_of(browser, DESK) as page:
        by_hand.answer(page, link[returning], sheets[returning])
        others = [each for each in who if each not in {unhurried, careless, seated, returning, late}]
        _send_while_killed(survey.service, [(link[each], sheets[each]) for each in others])
        other = "2" if sheets[returning].get("Q01") == ["1"] else "1"
        by_hand.change(page, link[returning], sheets[returning], "Q01", other)
        sheets[returning] = {**sheets[returning], "Q01": [other]}
    with by_hand.page_of(browser, PHONE) as page:
        by_hand.answer(page, link[late], sheets[late])
    assert len(sheets) == 210
    assert survey.mails.in_doubt() in {each.address for each in sheets}


def _send_while_killed(running: Service, forms: list[tuple[str, Sheet]]) -> None:
    """Send forms, several at once; kill the service in the middle, and start it again a quarter of an hour later."""
    senders = Senders()
    with ThreadPoolExecutor(4) as pool:
        sending = [pool.submit(senders.send, link, sheet) for link, sheet in forms]
        until(lambda: senders.acknowledged >= 100, "a hundred have answered")
        running.kill()
        assert senders.acknowledged < len(forms)
        running.ahead += timedelta(minutes=15)
        running.start()
        for each in sending:
            each.result()
    assert (senders.acknowledged, running.kills) == (205, 2)
    assert senders.repeated > 0


def _check_messages(survey: Survey) -> None:
    """Nobody has two messages; the two in doubt are told, one of them was taken and one was not."""
    until(lambda: survey.status()["messages"] == {"sent": 298, "unsure": 2}, "what is in doubt is told")
    told = survey.status()
    mails, slack = survey.mails, survey.slack
    assert sorted((each["channel"], each["state"]) for each in told["trouble"]) == [
        ("email", "unsure"),
        ("slack", "unsure"),
    ]
    everybody = Counter(each.reached_at for each in people())
    assert Counter(mails.recipients) + Counter(to for to, _ in slack.posted) + Counter(slack.missed) == everybody
    assert (len(mails.mails), len(slack.posted), len(slack.missed), slack.limited) == (240, 59, 1, 1)
    assert told["teams"] == [
        {"team": team, "invited": band(asked), "response": _response(answered, asked)}
        for team, (_, asked, answered) in sorted(TEAMS.items())
    ]


def _response(answered: int, asked: int) -> str:
    return "80+" if answered >= 0.8 * asked else "60-79" if answered >= 0.6 * asked else "<60"


def _check_results(survey: Survey) -> None:
    """What is published is what follows from the answers; nothing at all is told of the teams that are hidden."""
    told = survey.service.command("survey", "results", WAVE, "--by", "team")
    cells = {(each["item"], each["scope"].get("team", ""), each.get("choice")): each for each in told["cells"]}
    teams = ["", *{team for _, team, _ in cells if team}]
    assert (told["response"], len(teams)) == ("60-79", 1 + 12)
    checked = 0
    for team in teams:
        group = survey.group(team)
        for item in INSTRUMENT.items:
            for key in item.keys if item.scale in FIVE else ():
                checked += _fits(cells[key, team, None], "favourable", *group.favourable(item, key))
            for choice in item.choices:
                checked += _fits(cells[item.id, team, choice], "value", *group.picked(item.id, choice))
    assert checked == (len(teams) - len(HIDDEN)) * (20 + 9 + 9)
    hidden = [each.keys() - {"choice"} for each in told["cells"] if each["scope"].get("team") in HIDDEN]
    assert [names for names in hidden if names != {"item", "scope", "status"}] == []
    written = Counter(sheet[NOTE][0] for sheet in survey.sheets.values() if NOTE in sheet)
    assert Counter(each["text"] for each in told["comments"]) == written
    assert HIDDEN.isdisjoint(each["scope"].get("team") for each in told["comments"])


def _fits(cell: Mapping[str, Any], name: str, share: Any, people: int) -> bool:
    """Whether a cell is told; it is as it has to be."""
    if cell["scope"].get("team") in HIDDEN:
        assert cell["status"] == "suppressed"
        return False
    assert (cell["status"], cell["n_band"]) == ("ok", band(people))
    assert cell[name] in nearest(share), cell["item"]
    return True


def _check_pages(running: Service, browser: Browser) -> None:
    """Both pages show the wave."""
    with by_hand.page_of(browser, DESK) as page:
        for path, title, words in (
            ("survey", "Survey", "answered by 60-79 % of those who were asked"),
            ("what-we-heard", "What we heard", PROMISE),
        ):
            page.goto(f"{running.url}/{path}")
            expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
            expect(page.get_by_text(words)).to_be_visible()
            at_rest(page)
            picture(page, f"survey-of-a-wave-{path}")


def _check_store(survey: Survey, data: Path) -> None:
    """Every answer that was given is kept once, and no other."""
    with opened(Settings(data=data)) as instance:
        closed = instance.store.answers.closed(WAVE)
    assert stored(closed) == records(survey.sheets, INSTRUMENT)
    assert sum(closed.invited.values()) == 300
