"""A page of numbers that answer one question: cards, what is behind them in sections, and every number to be opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import cards, detail, filters, frame
from dashboards.answers import answers, queries
from dashboards.unread import NOT_OBSERVABLE, awaited, needed, telling_of
from metrics import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dashboards.answers import Answer
    from dashboards.data import DataSource
    from dashboards.frame import Frame
    from metrics.query import Query

    Section = Callable[[DataSource, Frame, Mapping[str, Answer]], None]


@dataclass(frozen=True)
class NumberPage:
    """What stands on the page: its question, its metrics with the words on their cards, and sections by their titles.

    ``period`` is the one it opens with. Of the sections one is drawn at a time: each may ask for more.
    """

    title: str
    question: str
    keys: Mapping[str, str]
    period: str
    sections: Mapping[str, Section]

    def render(self, reader: DataSource) -> None:
        """Draw the page for one reader."""
        frame.heading(reader, self.title, self.question)
        if not reader.sources():
            frame.nothing_yet()
            return
        chosen = filters.choose(reader, automatic=self.period)
        st.markdown(f"**{chosen.of}**, {chosen.words}")
        told = answers(reader, chosen, self.keys)
        self._unseen(reader, told)
        cards.draw(reader, chosen, told, self.keys)
        self._section(reader, chosen, told)
        detail.open_number(reader, chosen, self.keys, told)
        frame.provenance(reader)

    def ahead(self, reader: DataSource) -> Iterator[object]:
        """Work out what it opens with, a number a step."""
        return map(reader.prepare, self.queries(reader))

    def queries(self, reader: DataSource) -> Iterator[Query]:
        """What it asks when it is opened, nothing being chosen."""
        return queries(filters.opening(reader, self.period), self.keys)

    def _section(self, reader: DataSource, chosen: Frame, told: Mapping[str, Answer]) -> None:
        if not self.sections:
            return
        tabs = st.tabs(list(self.sections), key="section", on_change="rerun", bind="query-params")
        for tab, draw in zip(tabs, self.sections.values(), strict=True):
            with tab:
                if tab.open:
                    draw(reader, chosen, told)

    def _unseen(self, reader: DataSource, told: Mapping[str, Answer]) -> None:
        """Where nothing on the page can be told, say which events would tell."""
        if any(answer.result.status != NOT_OBSERVABLE for answer in told.values()):
            return
        types = sorted({each for name in self.keys for each in needed(CATALOGUE[name])})
        if telling_of({each for name in self.keys for each in awaited(CATALOGUE[name])}, reader.unread()):
            return
        st.info(
            f"No source tells of this yet: connect one of {', '.join(f'`{each}`' for each in types)} events, or send "
            "them with `tribometer import FILE` or `POST /api/v1/events`. `docs/connect.md` has an example for each.",
            icon=":material/cable:",
        )
