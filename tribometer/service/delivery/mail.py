"""E-mail by SMTP (RFC 5321): one connection for a batch, and no word of a server that might hold an address.

A message counts as not taken until its last byte was handed over, so until then a cut connection is tried again. After
that only the server's answer tells; when none comes the message is unsure and not repeated.
"""

from __future__ import annotations

import re
import smtplib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tribometer.service.delivery.mail_message import POLICY, mail_of
from tribometer.service.delivery.sending import Outcome, Outgoing
from tribometer.service.delivery.smtp import PERMANENT, TIMEOUT, Rest, Server, Unreachable, leave, ready_again

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from tribometer.settings.surveys import Mail

ANSWER_TIMEOUT = 60.0
"""Seconds for the answer to a whole message: servers look for spam before it, and giving up early makes it unsure."""
ADDRESS = re.compile(r"""[^\s@<>,;:"\\()\[\]\x00-\x1f\x7f]+@[^\s@<>,;:"\\()\[\]\x00-\x1f\x7f]+""")
ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")
START_INPUT, TRANSIENT, CLOSING = 354, 400, 421
REFUSES_US = frozenset({530, 534, 535, 538})
"""Codes of RFC 4954: they are about whoever sends, not about the recipient."""


@dataclass(frozen=True)
class Mailer:
    """Sends by the server of ``[surveys.mail]``; ``context`` says which certificates are trusted."""

    mail: Mail
    context: ssl.SSLContext | None = None
    timeout: float = TIMEOUT
    answer_timeout: float = ANSWER_TIMEOUT

    def send(self, batch: Iterable[Outgoing]) -> Iterator[Outcome]:
        """Send over one connection, made when there is a first message, and made again when the server ends it."""
        server = Server(self.mail, self.context, self.timeout)
        connection: smtplib.SMTP | None = None
        try:
            for outgoing in batch:
                try:
                    connection = connection or server.connected()
                    yield self._sent(connection, outgoing)
                except Rest as rest:
                    yield Outcome(outgoing.message, "rest", rest.problem, after=rest.after)
                    return
                except Unreachable as gone:
                    # one message has had its try; the others need not find out the same
                    yield Outcome(outgoing.message, "later", str(gone), after=None)
                    return
                if connection.sock is None:
                    connection = None
        finally:
            leave(connection)

    def _sent(self, connection: smtplib.SMTP, outgoing: Outgoing) -> Outcome:
        """Hand one message over."""
        message = outgoing.message
        if not (ADDRESS.fullmatch(outgoing.address) and outgoing.address.isascii()):
            return Outcome(message, "bounced", "this is no e-mail address; correct it in the address book")
        written = mail_of(outgoing, self.mail.sender)
        content = re.sub(rb"(?m)^\.", b"..", written.as_bytes(policy=POLICY).rstrip() + b"\r\n")
        refused = self._refused(connection, outgoing)
        if refused:
            ready_again(connection)
            return refused
        return self._handed_over(connection, outgoing, content, str(written["Message-ID"]))

    def _refused(self, connection: smtplib.SMTP, outgoing: Outgoing) -> Outcome | None:
        """Name sender and recipient, and ask to begin; None: go on."""
        message = outgoing.message
        try:
            code, said = connection.mail(self.mail.sender)
            if code >= PERMANENT:
                fix = "Check surveys.mail.sender, and whether user and password are needed"
                raise Rest(f"the mail server does not take mail of surveys.mail.sender ({code}). {fix}")
            if code < TRANSIENT:
                code, said = connection.rcpt(outgoing.address)
                if code in REFUSES_US:
                    raise Rest(f"the mail server wants a sign-in ({code}). Set surveys.mail.user and password")
                if code >= PERMANENT:
                    return Outcome(message, "bounced", f"the mail server refuses this recipient ({_codes(code, said)})")
            if code < TRANSIENT:
                code, said = connection.docmd("DATA")
        except (smtplib.SMTPException, OSError) as error:
            connection.close()
            return Outcome(message, "later", f"the mail server broke off ({type(error).__name__})")
        return None if code == START_INPUT else _answered(connection, outgoing, code, said)

    def _handed_over(self, connection: smtplib.SMTP, outgoing: Outgoing, content: bytes, reference: str) -> Outcome:
        message = outgoing.message
        try:
            connection.send(content + b".\r\n")
        except (smtplib.SMTPException, OSError) as error:
            connection.close()
            return Outcome(message, "later", f"the mail server broke off ({type(error).__name__})")
        try:
            if connection.sock is not None:
                connection.sock.settimeout(self.answer_timeout)
            code, said = connection.getreply()
            if connection.sock is not None:
                connection.sock.settimeout(self.timeout)
        except (smtplib.SMTPException, OSError):
            connection.close()
            return Outcome(message, "unsure", "the mail server broke off before it said whether it took this")
        if code < TRANSIENT:
            return Outcome(message, "sent", reference=reference)
        return _answered(connection, outgoing, code, said)


def _answered(connection: smtplib.SMTP, outgoing: Outgoing, code: int, said: bytes) -> Outcome:
    """A refusal of one message: for good from 500 on, for now below."""
    if code == CLOSING:
        connection.close()
    codes = _codes(code, said)
    if code >= PERMANENT:
        return Outcome(outgoing.message, "failed", f"the mail server refuses this message ({codes}). Ask its operator")
    return Outcome(outgoing.message, "later", f"the mail server does not take this now ({codes})")


def _codes(code: int, said: bytes) -> str:
    """The reply code with its enhanced one (RFC 3463); the words behind them mostly repeat the address."""
    found = ENHANCED.match(said)
    return f"{code} {found[1].decode()}" if found else str(code)
