"""What the first page asks of this service: the story of the last whole week, worked out once behind the pages."""

from __future__ import annotations

import logging
from threading import Lock, Thread
from typing import TYPE_CHECKING

from dashboards.overview_data import Moved, Story
from tribometer.errors import StoreClosed, TribometerError
from tribometer.service.digest.content import content, week_of
from tribometer.service.digest.words import friction_sentence, sentence

if TYPE_CHECKING:
    from datetime import date

    from tribometer.service.digest.content import Content
    from tribometer.service.digest.content import Moved as Signal
    from tribometer.service.instance import Instance

LOG = logging.getLogger(__name__)


class OverviewPages:
    """The weeks of an instance, for `dashboards.overview_data.attend`."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._guard = Lock()
        self._story: Story | None = None
        self._problem: str | None = None
        self._of: tuple[date, int] | None = None
        self._running: Thread | None = None

    def story(self) -> Story | None:
        """The last week's story; one from before the newest landing until that of after it is there."""
        wanted = (week_of(self._instance.clock()), self._instance.numbers.generation)
        with self._guard:
            if self._of != wanted and (self._running is None or not self._running.is_alive()):
                self._running = Thread(target=self._work_out, args=wanted, name="story of the week", daemon=True)
                self._running.start()
            return self._story if self._story is not None and self._story.week == wanted[0] else None

    def problem(self) -> str | None:
        """Why the last try failed."""
        with self._guard:
            return self._problem

    def _work_out(self, week: date, generation: int) -> None:
        try:
            story, problem = told(content(self._instance, week, "")), None
        except StoreClosed:
            return
        except TribometerError as error:
            LOG.warning("%s", error)
            story, problem = None, str(error)
        with self._guard:
            self._of, self._problem = (week, generation), problem
            self._story = story or self._story


def told(found: Content) -> Story:
    """A digest's content as the page draws it."""
    return Story(
        week=found.week,
        looked=found.looked,
        chance=found.chance,
        moved=tuple(_moved(each) for each in found.moved),
        frictions=tuple(friction_sentence(kind, found.readings) for kind in found.frictions),
        tied=found.tied,
        stale=found.stale,
    )


def _moved(each: Signal) -> Moved:
    return Moved(each.metric, each.team, sentence(each), each.move.verdict(each.better))
