"""A report as one page of HTML without any script, and the short page that says why there is none.

Every text goes through Jinja2 with autoescape on; nothing is loaded from anywhere.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from metrics.wording import MISSING
from tribometer.service.report import drawing
from tribometer.service.report.words import sheet

if TYPE_CHECKING:
    from tribometer.service.report.content import Report
    from tribometer.service.report.links import Links

PACKAGE, FOLDER = "tribometer.service.report", "templates"


def page(report: Report, links: Links, *, is_served: bool = False) -> str:
    """The page of a report; ``is_served``: with links to the months beside it and to its PDF, as nobody prints them."""
    return _made(
        "report.html",
        sheet=sheet(report, links),
        sparks={key.result.metric: drawing.spark(key.course) for key in report.keys},
        size=(drawing.WIDTH, drawing.HEIGHT),
        zero=drawing.ZERO,
        missing=MISSING,
        bar=drawing.BAR,
        segments=drawing.segments,
        links=links,
        month=report.month,
        has_next=report.month.moved(1).end <= report.now,
        is_served=is_served,
    )


def refusal(why: str, links: Links) -> str:
    """A short page in place of a report."""
    return _made("refusal.html", why=why, links=links)


@cache
def style_source() -> str:
    """The one style that a page may carry, as a source of a content security policy."""
    digest = hashlib.sha256(_style().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def _style() -> str:
    return files(PACKAGE).joinpath(FOLDER, "style.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(PACKAGE, FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _made(template: str, **facts: Any) -> str:  # noqa: ANN401 - whatever the template shows
    # the style is ours, and its digest stands in the policy: it must not be escaped
    style = Markup(_style())  # noqa: S704 - as said above
    return _environment().get_template(template).render(style=style, **facts)
