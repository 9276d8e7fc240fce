"""One visit of a survey form: what a link shows, and what becomes of a form that is sent."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from surveys.form import Form, page, parse, preferred, render, style_source, withdrawal
from surveys.form_words import LANGUAGES
from tribometer.errors import StoreError
from tribometer.service.surveys.form_answers import CLOSED, EXPIRED, Refusal
from tribometer.service.surveys.form_guard import COOKIE

if TYPE_CHECKING:
    from starlette.requests import Request

    from surveys.form import Notice, PageKind
    from surveys.form_fields import Fields
    from tribometer.service.surveys.form_answers import FormAnswers, Seat
    from tribometer.service.surveys.form_guard import Guard

LOG = logging.getLogger(__name__)
RETRY_SECONDS = 30


def headers() -> dict[str, str]:
    """What every page is sent with: nothing but its own style may be loaded, and nobody keeps or frames it."""
    policy = (
        f"default-src 'none'; style-src {style_source()}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def retry(seconds: int) -> dict[str, str]:
    """When to come again; nothing where waiting does not help."""
    return {"Retry-After": str(seconds)} if seconds else {}


def short_page(request: Request, kind: PageKind, status: int, *, seconds: int = 0, withdraw: bool = False) -> Response:
    """A page without a form, in the language of the browser."""
    language = preferred(LANGUAGES, request.query_params.get("lang", ""), request.headers.get("accept-language", ""))
    shown = page(kind, language, seconds=seconds, withdraw=withdraw)
    return HTMLResponse(shown, status, {**headers(), **retry(seconds)})


@dataclass(frozen=True)
class Visit:
    """A request that came by a link which holds."""

    request: Request
    token: str
    seat: Seat
    nonce: str

    @property
    def language(self) -> str:
        """The language of the form: of the link, else of the invitation, else of the browser."""
        wanted = (self.request.query_params.get("lang", ""), self.seat.invitation.language)
        return preferred(self.seat.instrument.languages, *wanted, self.request.headers.get("accept-language", ""))

    @property
    def is_switched(self) -> bool:
        """Whether the language stands in the link."""
        return self.request.query_params.get("lang") == self.language


@dataclass(frozen=True)
class Desk:
    """Answers visits. Methods block: they belong into a thread."""

    answers: FormAnswers
    guard: Guard

    def show(self, request: Request, token: str) -> Response:
        """The form with what was saved, or the page that says why there is none."""
        found = self.answers.seat(token)
        if isinstance(found, Refusal):
            return short_page(request, found.kind, found.status)
        visit = self._visit(request, token, found)
        form = self._form(visit)
        if request.query_params.get("ask") == "withdraw" and found.has_answered:
            return self._sent(visit, withdrawal(form), 200)
        if found.is_over:
            return short_page(request, EXPIRED.kind, EXPIRED.status, withdraw=form.is_saved)
        return self._sent(visit, render(replace(form, notice=_done(request, form))), 200)

    def take(self, request: Request, token: str, fields: Fields, wait: int) -> Response:
        """Save or withdraw, and show the form again; with ``wait`` seconds to go nothing is saved but all kept."""
        found = self.answers.seat(token)
        if isinstance(found, Refusal):
            return short_page(request, found.kind, found.status)
        withdraws = fields.get("do", [""])[-1] == "withdraw"
        if found.is_over and not withdraws:
            return short_page(request, EXPIRED.kind, EXPIRED.status)
        visit = self._visit(request, token, found)
        refused = self._not_withdrawn if withdraws else self._not_saved
        if not self.guard.fits(request, token, fields.get("form_token", [""])[-1]):
            return refused(visit, fields, "cookie", 403)
        if wait:
            return refused(visit, fields, "busy", 429, wait)
        try:
            return self._withdraw(visit) if withdraws else self._save(visit, fields)
        except StoreError as error:
            # its words may quote what it could not store
            LOG.error("A survey form could not be saved: %s", type(error).__name__)  # noqa: TRY400 - as said above
            return refused(visit, fields, "broken", 503, RETRY_SECONDS)

    def _save(self, visit: Visit, fields: Fields) -> Response:
        seat = visit.seat
        parsed = parse(seat.instrument, seat.invitation.event_class, fields)
        if parsed.says or seat.has_answered:
            if not self.answers.save(seat, parsed):
                return short_page(visit.request, CLOSED.kind, CLOSED.status)
            if not parsed.errors:
                return _again(visit, "saved")
        notice: Notice | None = None if parsed.errors else "nothing"
        form = replace(self._form(visit), typed=fields, errors=parsed.errors, notice=notice)
        return self._sent(visit, render(form), 422)

    def _withdraw(self, visit: Visit) -> Response:
        if not self.answers.withdraw(visit.seat):
            return short_page(visit.request, CLOSED.kind, CLOSED.status)
        return _again(visit, "withdrawn")

    def _not_saved(self, visit: Visit, fields: Fields, notice: Notice, status: int, seconds: int = 0) -> Response:
        """The form with everything that was typed; the store is not asked, for it may be what fails."""
        form = replace(self._form(visit, given=False), typed=fields, notice=notice, seconds=seconds)
        return self._sent(visit, render(form), status, seconds)

    def _not_withdrawn(self, visit: Visit, _fields: Fields, notice: Notice, status: int, seconds: int = 0) -> Response:
        """The question once more, or where that cannot help the page that says to wait."""
        if notice == "cookie":
            return self._sent(visit, withdrawal(self._form(visit, given=False)), status)
        return short_page(visit.request, "busy" if notice == "busy" else "broken", status, seconds=seconds)

    def _visit(self, request: Request, token: str, seat: Seat) -> Visit:
        return Visit(request, token, seat, self.guard.nonce(request))

    def _form(self, visit: Visit, *, given: bool = True) -> Form:
        seat = visit.seat
        answers, comments = self.answers.given(seat) if given else ({}, {})
        return Form(
            seat.instrument,
            visit.language,
            seat.promises,
            event_class=seat.invitation.event_class,
            seed=str(seat.invitation.number),
            given=answers,
            comments=comments,
            token=self.guard.token(visit.nonce, visit.token),
            switched=visit.is_switched,
        )

    def _sent(self, visit: Visit, html: str, status: int, seconds: int = 0) -> Response:
        answer = HTMLResponse(html, status, {**headers(), **retry(seconds)})
        secure = self.guard.is_secure(visit.request)
        answer.set_cookie(COOKIE, visit.nonce, path=None, secure=secure, httponly=True, samesite="lax")
        return answer


def _again(visit: Visit, done: str) -> Response:
    """Have the browser ask for the form anew, so that loading the page again sends nothing."""
    language = f"lang={visit.language}&" if visit.is_switched else ""
    return Response(status_code=303, headers={**headers(), "Location": f"?{language}{done}=1"})


def _done(request: Request, form: Form) -> Notice | None:
    """What is to be said of the form that was sent before, as far as it is true."""
    if "saved" in request.query_params and form.is_saved:
        return "saved"
    return "withdrawn" if "withdrawn" in request.query_params and not form.is_saved else None
