"""Survey waves: where each stands, what comes next, and the commands for it; never who answered, or what."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import frame
from dashboards.health_words import literal
from dashboards.survey_data import source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dashboards.data import DataSource
    from dashboards.survey_data import SurveySource, WaveStanding

DUE = timedelta(days=14)
"""After closing, results are told with one promised action within two weeks."""
LEAST_INVITED = 5
STATES = {"planned": "planned", "open": "open", "closing": "being closed", "closed": "closed"}
MESSAGES = {
    "waiting": "waiting to be sent",
    "sending": "being sent",
    "sent": "sent",
    "failed": "given up",
    "unsure": "perhaps sent: the service ended meanwhile, so they are not sent again",
    "dropped": "needless by now",
}


def render(reader: DataSource) -> None:
    """Draw the page for one reader."""
    frame.heading(reader, "Survey waves", "Where does each survey stand, and what comes next?")
    surveys = source()
    standings = surveys.standings() if surveys is not None else []
    if surveys is None or not standings:
        st.info(
            "No survey was opened yet. `tribometer survey preview pulse` shows what it asks, `tribometer survey open "
            "pulse --people FILE` opens it, and `tribometer survey import pulse FILE --wave NAME` brings in what was "
            "asked elsewhere.",
            icon=":material/forum:",
        )
        return
    with st.expander("All waves", expanded=True):
        st.dataframe(_table(standings, surveys), hide_index=True, alt="All waves with state and dates")
    _one(reader, _picked(standings), surveys)


def _table(standings: Sequence[WaveStanding], surveys: SurveySource) -> list[dict[str, str]]:
    return [
        {
            "Wave": each.wave,
            "Survey": surveys.instrument(each.instrument).title["en"],
            "State": STATES.get(each.state, each.state),
            "Opens": _day(each.opens_at),
            "Closes": _day(each.closed_at or each.closes_at),
            "Invited": _invited(each),
            "Promised": each.action or "nothing yet",
        }
        for each in standings
    ]


def _picked(standings: Sequence[WaveStanding]) -> WaveStanding:
    names = [each.wave for each in standings]
    chosen = st.selectbox("Wave", names, key="wave", bind="query-params", width=300)
    return next((each for each in standings if each.wave == chosen), standings[0])


def _one(reader: DataSource, wave: WaveStanding, surveys: SurveySource) -> None:
    st.header(literal(wave.wave), anchor=False)
    asked = surveys.instrument(wave.instrument)
    began = "opens" if wave.state == "planned" else "opened"
    st.markdown(
        f"**{asked.title['en']}** ({wave.instrument}) is **{STATES.get(wave.state, wave.state)}**: {began} "
        f"{_time(wave.opens_at)}, {'closed' if wave.closed_at else 'closes'} {_time(wave.closed_at or wave.closes_at)}."
    )
    st.info(next_step(wave, reader.now()), icon=":material/event_upcoming:")
    _teams(wave)
    _messages(wave)
    _commands(wave)


def next_step(wave: WaveStanding, now: datetime) -> str:
    """What happens next with a wave, and when."""
    if wave.state == "planned":
        return f"Next: it opens by itself on {_time(wave.opens_at)}, while the service runs."
    if wave.state == "open":
        asks = "More answers can be imported until then." if wave.imported else "Who has not answered is reminded."
        return f"Next: it closes by itself on {_time(wave.closes_at)}. {asks} Results are told after that, not before."
    if wave.state == "closing":
        return "Next: it is being closed; what leads from people to answers goes first. This takes a minute."
    if not wave.promises:
        return "Nothing is left to do: a demo's wave stands here with its answers only, and takes no promise."
    if wave.action is not None or wave.closed_at is None:
        return f"Nothing is left to do.{_kept(wave)}"
    due = wave.closed_at + DUE
    late = f", {(now - due).days} days ago" if now > due else ""
    return (
        f"Next: promise one action to those who answered. That was due by {_day(due)}{late}."
        if late
        else (f"Next: promise one action to those who answered, by {_day(due)}.")
    )


def _kept(wave: WaveStanding) -> str:
    return f" Its answers are deleted on {_day(wave.keep_until)}." if wave.keep_until else ""


def _teams(wave: WaveStanding) -> None:
    if not wave.teams:
        why = "its answers were imported" if wave.imported else f"no team has {LEAST_INVITED} people or more in it"
        st.caption(f"Nothing is told of teams: {why}.")
        return
    st.dataframe(
        [
            {
                "Team": each.team or "no team",
                "Invited": f"{each.people} people",
                "Response": _response(wave, each.response),
            }
            for each in wave.teams
        ],
        hide_index=True,
        alt="Invited and response by team, in bands",
    )
    st.caption(
        f"In bands, and only of teams of which {LEAST_INVITED} people or more were invited. Who answered is told "
        "nowhere; answers of an open wave are told to nobody."
    )


def _response(wave: WaveStanding, band: str | None) -> str:
    if band is not None:
        return "less than 60 %" if band.startswith("<") else f"{band} %"
    return "see the results" if wave.state == "closed" else "not known yet"


def _messages(wave: WaveStanding) -> None:
    if wave.messages:
        st.markdown("**Messages**")
        st.dataframe(
            [{"State": MESSAGES.get(state, state), "How many": many} for state, many in wave.messages.items()],
            hide_index=True,
            alt="Messages by state",
        )
    for each in wave.unreached:
        st.warning(
            f"Not reached by {each.channel}: {each.people}. {literal(each.problem)}", icon=":material/unsubscribe:"
        )
    if wave.unreached:
        st.caption("`tribometer survey status` names them while the wave is open. Correct the address book.")


def _commands(wave: WaveStanding) -> None:
    name = shlex.quote(wave.wave)
    lines = {
        "planned": [f"tribometer survey preview {wave.instrument}", f"tribometer survey close {name}"],
        "open": [
            f"tribometer survey status {name}",
            *([] if wave.imported else [f"tribometer survey invite {name} --people FILE"]),
            f"tribometer survey close {name}",
        ],
        "closing": [f"tribometer survey close {name}"],
        "closed": [
            f"tribometer survey results {name} --by team",
            *([f"tribometer survey promise {name} 'WHAT WILL BE DONE, BY WHEN'"] if wave.promises else []),
            f"tribometer survey open {wave.instrument} --people FILE",
        ],
    }
    st.markdown("**Commands**")
    st.code("\n".join(lines.get(wave.state, [])), language="shell", wrap_lines=True)
    if wave.state == "closed":
        st.markdown(f"Promised: {literal(wave.action)}" if wave.action else "Promised: nothing yet.")


def _invited(wave: WaveStanding) -> str:
    return f"{wave.invited} people" if wave.invited else ("imported" if wave.imported else "nobody")


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at:%d %b %Y}"


def _time(at: datetime | None) -> str:
    return "some time" if at is None else f"{at:%d %b %Y %H:%M} UTC"
