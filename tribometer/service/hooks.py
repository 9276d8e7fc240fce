"""Webhooks, mounted at ``/hooks``: verify over the raw bytes, parse, land, then answer.

No sign-in stands before them: each delivery vouches for itself with the secret of ``[hooks.KIND]``. What cannot be
checked is refused, on this machine too. While the store cannot be written the answer is 503, so that senders try again.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from collectors.hooks.dispatch import HOOKS, Context, Delivery, hook
from collectors.hooks.schemes import credential
from collectors.http.stripping import Stripping
from collectors.parsed import Parsed
from tribometer.errors import ConfigurationError, StoreError
from tribometer.service import body, problems
from tribometer.service.access import CHALLENGE, WRITE
from tribometer.store import Rejected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from collectors.hooks.dispatch import Hook
    from tribometer.service.access import Access
    from tribometer.service.instance import Instance
    from tribometer.settings.hooks import HookSettings
    from tribometer.store import Landed

LOG = logging.getLogger(__name__)
RETRY_AFTER = {"Retry-After": "30"}
TOO_LARGE = "the sender's settings can leave out kinds of events"
NOT_JSON = "the body is no JSON"


def hooks(instance: Instance, access: Access) -> FastAPI:
    """Build the app that is mounted at ``/hooks``."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    problems.install(app)

    @app.post("/{kind}")
    async def deliver(kind: str, request: Request) -> Response:
        """Take a webhook's delivery: github, gitlab, gitea, pagerduty, opsgenie, alertmanager, cdevents.

        200 with counts, the kinds that are ignored and a note on how it was read; 401 for a signature or secret that
        is none of `[hooks.KIND] secret`, 403 without that setting, 413, 422 with the reason of each thing that cannot
        land (and is kept), 503 while the store cannot be written.
        """
        found = await run_in_threadpool(hook, kind)
        if found is None:
            raise HTTPException(404, f"There is no hook {kind!r}; there are: {', '.join(HOOKS)}.")
        secrets = await run_in_threadpool(_secrets, instance, access, found, request)
        content = await body.read(request, found.limit, TOO_LARGE)
        delivery = Delivery(dict(request.headers), content)
        return await run_in_threadpool(_take, instance, access, found, delivery, secrets)

    return app


def _secrets(instance: Instance, access: Access, found: Hook, request: Request) -> Sequence[str]:
    """What vouches for this kind; 403 when nothing does, before anything is read."""
    settings = instance.settings.hook(found.kind)
    if settings is not None:
        return _revealed(found, settings)
    if not _has_token(access, found, dict(request.headers)):
        detail = f'This hook is off: set [hooks.{found.kind}] secret = {{env = "NAME"}} in the configuration.'
        raise HTTPException(403, detail)
    return []


def _revealed(found: Hook, settings: HookSettings) -> Sequence[str]:
    """The secrets that can be read; 503 when none can. Where they lie is for the log, not for the sender."""
    secrets = []
    for place in settings.secret:
        try:
            secrets.append(place.reveal(f"hooks.{found.kind}.secret"))
        except ConfigurationError as error:
            LOG.error("%s", error)  # noqa: TRY400 - it says what to do, and where it was raised does not matter
    if not secrets:
        detail = "The secret of this hook cannot be read; the service's log says where it is missing."
        raise HTTPException(503, detail, RETRY_AFTER)
    return secrets


def _has_token(access: Access, found: Hook, headers: dict[str, str]) -> bool:
    """Whether an API token that may write comes with the request, for hooks that take one."""
    token = credential(headers)
    return bool(found.takes_token and token and WRITE in (access.scopes_of(token) or ()))


def _take(instance: Instance, access: Access, found: Hook, delivery: Delivery, secrets: Sequence[str]) -> Response:
    """Verify, parse, land, answer."""
    headers = dict(delivery.headers)
    if not (found.vouches(delivery, secrets) or _has_token(access, found, headers)):
        raise HTTPException(401, f"Nothing vouches for this delivery. Wanted is {found.wants}.", CHALLENGE)
    parsed = _parsed(instance, found, delivery)
    try:
        landed = _land(instance, found, parsed)
    except StoreError as error:
        if not error.transient:
            raise
        return problems.problem(503, str(error), RETRY_AFTER)
    return _answer(parsed, landed)


def _parsed(instance: Instance, found: Hook, delivery: Delivery) -> Parsed:
    try:
        payload = delivery.json()
    except ValueError:
        parsed = Parsed()
        parsed.reject(delivery.body.decode("utf-8", "backslashreplace"), NOT_JSON)
        return parsed
    tables = [table for table in instance.settings.sources if table.get("kind") == found.kind]
    return found.parse(delivery.headers, payload, Context(tables, instance.clock()))


def _land(instance: Instance, found: Hook, parsed: Parsed) -> Landed | None:
    """Everything in one transaction; what is rejected is kept without the people in it."""
    if not (parsed.events or parsed.rejected):
        return None
    stripping = Stripping(found.kind, found.personal, instance.store.pseudonyms)
    rejected = [
        Rejected(f"hooks/{found.kind}", None, each.reason, _stripped(each.content, stripping))
        for each in parsed.rejected
    ]
    landed = instance.store.land(parsed.events, kind=found.kind, rejected=rejected)
    instance.changed()
    return landed


def _stripped(content: str, stripping: Stripping) -> str:
    try:
        return json.dumps(stripping.stripped(json.loads(content)))
    except ValueError:
        return stripping.text(content)


def _answer(parsed: Parsed, landed: Landed | None) -> Response:
    names = ("new", "updated", "unchanged", "rejected")
    report: dict[str, Any] = {name: getattr(landed, name) if landed else 0 for name in names}
    if parsed.ignored:
        report["ignored"] = ", ".join(dict.fromkeys(parsed.ignored))
    if parsed.notes:
        report["note"] = "; ".join(dict.fromkeys(parsed.notes))
    if not report["rejected"]:
        return JSONResponse(report)
    errors = [{"reason": each.reason} for each in parsed.rejected]
    if errors == [{"reason": NOT_JSON}]:
        return problems.problem(400, "The body is no JSON. It is kept among the rejected events.", **report)
    detail = "What cannot land is kept with its reason; `tribometer doctor` lists it. The rest landed."
    return problems.problem(422, detail, **report, errors=errors)
