"""One SMTP connection: made, protected and signed in, with what goes wrong told without repeating the server."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tribometer.errors import SecretMissing
from tribometer.service.delivery.sending import RECHECK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from tribometer.settings.surveys import Mail

TIMEOUT = 20.0
PERMANENT = 500
"""SMTP refuses for good from this code on, for now below it."""


class Rest(Exception):
    """The whole channel cannot send; the words say why and what to do."""

    def __init__(self, problem: str, after: timedelta = RECHECK) -> None:
        """Say for how long."""
        super().__init__(problem)
        self.problem = problem
        self.after = after


class Unreachable(Exception):
    """The server did not answer."""


@dataclass(frozen=True)
class Server:
    """The server of ``[surveys.mail]``; ``context`` says which certificates are trusted (default: the usual ones)."""

    mail: Mail
    context: ssl.SSLContext | None = None
    timeout: float = TIMEOUT

    def connected(self) -> smtplib.SMTP:
        """Connect and sign in; raise `Rest` where a person must mend something, `Unreachable` where time may."""
        with self._translated():
            connection = self._opened()
            try:
                connection.ehlo_or_helo_if_needed()
                if self.mail.tls == "starttls":
                    connection.starttls(context=self._context())
                    connection.ehlo_or_helo_if_needed()
                self._sign_in(connection)
            except BaseException:
                connection.close()
                raise
        return connection

    def _opened(self) -> smtplib.SMTP:
        mail = self.mail
        if mail.tls == "tls":
            return smtplib.SMTP_SSL(mail.host, mail.port, timeout=self.timeout, context=self._context())
        return smtplib.SMTP(mail.host, mail.port, timeout=self.timeout)

    def _context(self) -> ssl.SSLContext:
        return self.context or ssl.create_default_context()

    def _sign_in(self, connection: smtplib.SMTP) -> None:
        if self.mail.user is None or self.mail.password is None:
            return
        connection.login(self.mail.user, self.mail.password.reveal("surveys.mail.password"))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Word what goes wrong before the first message; what the server said is not repeated."""
        server = f"the mail server {self.mail.host}:{self.mail.port}"
        try:
            yield
        except SecretMissing as missing:
            raise Rest(str(missing)) from None
        except smtplib.SMTPAuthenticationError as error:
            fix = "Check surveys.mail.user and the secret in surveys.mail.password"
            if error.smtp_code < PERMANENT:
                raise Unreachable(f"{server} cannot check the password now ({error.smtp_code})") from None
            raise Rest(f"{server} refuses the user or the password ({error.smtp_code}). {fix}") from None
        except UnicodeEncodeError:
            raise Rest("surveys.mail.user and surveys.mail.password: only ASCII can be sent. Choose others") from None
        except smtplib.SMTPNotSupportedError:
            fix = "Set surveys.mail.tls, or leave out user and password, as its operator says"
            raise Rest(f"{server} offers no {self._wanted()}. {fix}") from None
        except ssl.SSLCertVerificationError as error:
            fix = "Trust its authority on this machine (SSL_CERT_FILE), or set surveys.mail.host to the name it is for"
            raise Rest(f"{server} shows a certificate that cannot be trusted ({error.verify_message}). {fix}") from None
        except ssl.SSLError as error:
            fix = "Check surveys.mail.tls and surveys.mail.port: starttls is mostly 587, tls 465"
            raise Rest(f"{server} does not speak TLS as expected ({error.reason}). {fix}") from None
        except smtplib.SMTPResponseException as error:
            raise self._greeting(server, error.smtp_code) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(f"{server} does not answer ({type(error).__name__})") from None

    def _wanted(self) -> str:
        return "STARTTLS" if self.mail.tls == "starttls" else "sign-in"

    def _greeting(self, server: str, code: int) -> Exception:
        if code >= PERMANENT:
            return Rest(f"{server} refuses this service ({code}). Ask its operator to let it send")
        return Unreachable(f"{server} takes nothing now ({code})")


def ready_again(connection: smtplib.SMTP) -> None:
    """Forget the begun message, so that the connection takes the next."""
    if connection.sock is None:
        return
    try:
        connection.rset()
    except (smtplib.SMTPException, OSError):
        connection.close()


def leave(connection: smtplib.SMTP | None) -> None:
    """Take leave of the server, politely where it still listens."""
    if connection is None or connection.sock is None:
        return
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()
