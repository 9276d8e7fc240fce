"""A digest sent: to every address once a week, however often the service ends in the middle.

What is begun is noted before it is handed over: after a crash there it may be missing, never doubled. What was
certainly not taken is tried again.
"""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tribometer.errors import TribometerError, UsageError
from tribometer.service.delivery.mail_message import POLICY
from tribometer.service.delivery.notes import post_to
from tribometer.service.delivery.smtp import Rest, Server, Unreachable, leave
from tribometer.service.digest.content import Content, content, week_of
from tribometer.service.digest.words import html, plain, slack, subject
from tribometer.settings.digest import WEEKDAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from tribometer.service.instance import Instance
    from tribometer.settings.surveys import Chat, Mail

LOG = logging.getLogger(__name__)
AGAIN = timedelta(minutes=15)
SLACK = "slack"
BEGUN, SENT, REFUSED, LATER = "begun", "sent", "refused", "later"


@dataclass(frozen=True)
class Outcome:
    """What became of a digest for one recipient: sent, refused, later (it is tried again), or begun: nobody knows."""

    recipient: str
    state: str
    problem: str = ""


class Digests:
    """The digests of an instance; ``address`` is where its pages are, ``post`` posts to a channel."""

    def __init__(self, instance: Instance, address: str, post: Callable[[str, Chat, object], str] = post_to) -> None:
        self._instance = instance
        self._address = instance.settings.surveys.url or address
        self._post = post
        self._not_before: datetime | None = None

    def advance(self) -> None:
        """Send what is due; what goes wrong is said in one line and tried again later."""
        now = self._instance.clock()
        wanted = self._instance.settings.digest
        if not (wanted.to or wanted.slack) or self._instance.numbers.demo or not self._is_time(now):
            return
        try:
            outcomes = self.send(week_of(now))
        except TribometerError as error:
            LOG.warning("digest: %s", error)
            self._not_before = now + AGAIN
            return
        for each in outcomes:
            if each.problem:
                LOG.warning("digest: %s", each.problem)
        if any(each.state == LATER for each in outcomes):
            self._not_before = now + AGAIN

    def _is_time(self, now: datetime) -> bool:
        """Whether this week's moment has come; one that the service slept through is made up for."""
        if self._not_before is not None and now < self._not_before:
            return False
        settings = self._instance.settings
        local = now.astimezone(ZoneInfo(settings.timezone))
        due = WEEKDAYS.index(settings.digest.weekday), settings.digest.hour
        return (local.weekday(), local.hour) >= due

    def send(self, week: date) -> list[Outcome]:
        """Send the digest of a week to everybody who has not had it; `UsageError` where nothing says how or to whom."""
        self._check()
        missing = [each for each in self._recipients() if self._mark(week, each) not in {BEGUN, SENT, REFUSED}]
        if not missing:
            return []
        made = content(self._instance, week, self._address)
        return list(self._sent(made, missing))

    def _check(self) -> None:
        settings = self._instance.settings
        if not (settings.digest.to or settings.digest.slack):
            raise UsageError('Nobody gets the digest: set `[digest] to = ["team@example.org"]`, or `slack = true`.')
        if settings.digest.to and settings.surveys.mail is None:
            raise UsageError("digest.to names addresses, but no mail server is configured: set [surveys.mail].")
        if settings.digest.slack and (settings.surveys.slack is None or settings.surveys.slack.webhook is None):
            raise UsageError("digest.slack needs a channel: set [surveys.slack] webhook.")

    def _recipients(self) -> list[str]:
        wanted = self._instance.settings.digest
        return [*dict.fromkeys(wanted.to), *([SLACK] if wanted.slack else [])]

    def _mark(self, week: date, recipient: str) -> str | None:
        return self._instance.records.surveys.mark(self._key(week, recipient))

    def _key(self, week: date, recipient: str) -> str:
        return f"digest/{week.isoformat()}/{self._instance.store.pseudonyms.of(recipient)}"

    def _sent(self, made: Content, recipients: list[str]) -> Iterator[Outcome]:
        for recipient in recipients:
            key = self._key(made.week, recipient)
            self._instance.records.surveys.set_mark(key, BEGUN)
            outcome = self._posted(made) if recipient == SLACK else self._mailed(made, recipient)
            self._instance.records.surveys.set_mark(key, outcome.state)
            yield outcome

    def _posted(self, made: Content) -> Outcome:
        chat = self._instance.settings.surveys.slack
        problem = self._post("surveys.slack.webhook", chat, {"text": slack(made)}) if chat else ""
        return Outcome(SLACK, REFUSED if problem else SENT, problem)

    def _mailed(self, made: Content, recipient: str) -> Outcome:
        mail = self._instance.settings.surveys.mail
        if mail is None:
            return Outcome(recipient, LATER, "no mail server is configured: set [surveys.mail]")
        connection: smtplib.SMTP | None = None
        try:
            connection = Server(mail).connected()
            connection.send_message(letter(made, mail, recipient))
        except Rest as rest:
            return Outcome(recipient, LATER, rest.problem)
        except Unreachable as gone:
            return Outcome(recipient, LATER, str(gone))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError):
            return Outcome(recipient, REFUSED, "the mail server refuses one of the addresses in digest.to: correct it")
        except (smtplib.SMTPException, OSError):
            return Outcome(recipient, BEGUN, "the mail server went away in the middle: one mail may be missing")
        finally:
            leave(connection)
        return Outcome(recipient, SENT)


def letter(made: Content, mail: Mail, recipient: str) -> EmailMessage:
    """The mail to one recipient; the same digest has the same Message-ID, so that a repeat may be dropped."""
    written = EmailMessage(policy=POLICY)
    written["From"] = f"Tribometer <{mail.sender}>"
    written["To"] = recipient
    written["Subject"] = subject(made)
    written["Message-ID"] = f"<tribometer.digest.{made.week.isoformat()}@{mail.sender.rpartition('@')[2]}>"
    written["Auto-Submitted"] = "auto-generated"
    written["X-Auto-Response-Suppress"] = "All"
    written.set_content(plain(made))
    written.add_alternative(html(made), subtype="html")
    return written
