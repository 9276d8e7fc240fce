"""The form of a survey as one page of HTML without any script, and the short pages around it.

Pure functions: what is shown comes by argument, `surveys.form_fields` reads what a browser sends back. Every text goes
through Jinja2 with autoescape on.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from surveys.form_fields import in_order, parse
from surveys.form_questions import Form, Notice, Promises, in_language, question, worded
from surveys.form_words import LANGUAGES, preferred, words
from surveys.scales import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "Form",
    "Notice",
    "PageKind",
    "Promises",
    "page",
    "parse",
    "preferred",
    "render",
    "style_source",
    "withdrawal",
]
PageKind = Literal[
    "unknown", "revoked", "expired", "closed", "early", "large", "unread", "foreign", "busy", "broken", "method",
]  # fmt: skip
NOT_SAVED = frozenset({"nothing", "cookie", "busy", "broken"})
DETAILS = ("confidential", "untraceable", "groups", "comments")
MORE_DETAILS = ("noted", "kept", "withdrawing")


def render(form: Form) -> str:
    """The page of a form."""
    said = words(form.language)
    instrument = form.instrument
    questions = [question(form, item) for item in in_order(instrument, form.event_class, form.seed)]
    faults = [each for question in questions for each in (*question.fields, question.note) if each and each.error]
    heading = in_language(instrument.title, form.language)
    notice = _notice(form)
    first = said["error_title"] if faults else notice["title"] if notice else ""
    return _made(
        "form.html",
        form.language,
        title=f"{first} - {heading}" if first else heading,
        heading=heading,
        about=in_language(instrument.about, form.language),
        length=_length(len(questions), instrument.minutes, said),
        languages=[(code, words(code)["language"] if code in LANGUAGES else code) for code in instrument.languages],
        chosen=form.language,
        told=_told(form.language),
        faults=faults,
        notice=notice,
        said={"promise": worded(form, "promise"), "details": list(_details(form))},
        questions=questions,
        text_hint=worded(form, "text_hint"),
        action=_action(form),
        token=form.token,
        kept=_kept_language(form),
        saved=form.is_saved,
        attribution=instrument.attribution,
    )


def withdrawal(form: Form) -> str:
    """The page that asks whether answers shall be deleted."""
    said = words(form.language)
    title = in_language(form.instrument.title, form.language)
    return _made(
        "withdraw.html",
        form.language,
        title=said["withdraw_title"],
        text=said["withdraw_text"].format(title=title, until=form.until),
        yes=said["withdraw_yes"],
        no=said["withdraw_no"],
        action=_action(form),
        back=_action(form).partition("#")[0],
        token=form.token,
    )


def page(kind: PageKind, language: str, *, seconds: int = 0, withdraw: bool = False) -> str:
    """A short page that says why there is no form; ``withdraw``: with a button, for answers that can still go.

    That of a closed survey leads to what was heard.
    """
    said = words(language)
    return _made(
        "page.html",
        language,
        title=said[f"page_{kind}_title"],
        text=said[f"page_{kind}"].format(seconds=seconds),
        withdraw=said["withdraw"] if withdraw else "",
        heard=said["page_closed_heard"] if kind == "closed" else "",
        kept="",
    )


@cache
def style_source() -> str:
    """The one style that a page may carry, as a source of a content security policy."""
    digest = hashlib.sha256(_style().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


@cache
def _style() -> str:
    return files("surveys").joinpath("templates", "style.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    loader = PackageLoader("surveys", "templates")
    return Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _made(template: str, language: str, **facts: Any) -> str:  # noqa: ANN401 - whatever the template shows
    # the style is ours, and its digest stands in the policy: it must not be escaped
    style = Markup(_style())  # noqa: S704 - as said above
    said = words(language)
    spoken = language if language in LANGUAGES else ENGLISH
    return _environment().get_template(template).render(style=style, language=spoken, words=said, **facts)


def _told(language: str) -> Markup:
    """The attribute of texts in a language that the words around them are not in."""
    return Markup("") if language in LANGUAGES else Markup(' lang="{}"').format(language)


def _kept_language(form: Form) -> Markup:
    hidden = Markup('<input type="hidden" name="lang" value="{}">')
    return hidden.format(form.language) if form.switched else Markup("")


def _action(form: Form) -> str:
    """Where the form is sent, relative to wherever it came from; the fragment puts the focus on what is answered."""
    return f"?lang={form.language}#message" if form.switched else "?#message"


def _length(questions: int, minutes: int, said: Mapping[str, str]) -> str:
    return said["question"] if questions == 1 else said["questions"].format(count=questions, minutes=minutes)


def _details(form: Form) -> Iterator[str]:
    yield from (worded(form, name) for name in DETAILS)
    stored = [
        worded(form, "stored_team") if form.promises.team else "",
        worded(form, "stored_tenure") if form.promises.tenure else "",
        worded(form, "stored_event") if form.event_class else "",
        worded(form, "stored_reminder"),
    ]
    yield f"{worded(form, 'stored')} {', '.join(filter(None, stored))}."
    yield from (worded(form, name) for name in MORE_DETAILS)


def _notice(form: Form) -> dict[str, object] | None:
    if form.notice is None:
        return None
    return {
        "title": worded(form, f"{form.notice}_title"),
        "text": worded(form, form.notice),
        "urgent": form.notice in NOT_SAVED,
    }
