"""An invitation as an e-mail: plain text and the same in HTML, nothing that is fetched from anywhere."""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import TYPE_CHECKING

from tribometer.service.delivery.wording import letter

if TYPE_CHECKING:
    from tribometer.service.delivery.sending import Outgoing

__all__ = ["POLICY", "mail_of"]


def mail_of(outgoing: Outgoing, sender: str) -> EmailMessage:
    """Write the e-mail; one message gets the same Message-ID each time, so that a mail system may drop a repeat."""
    words, mail = letter(outgoing.invite), EmailMessage(policy=POLICY)
    domain = sender.rpartition("@")[2]
    # the link beside the number: two installations that number alike are not one
    digest = hashlib.sha256(f"{outgoing.message.number} {outgoing.invite.link}".encode()).hexdigest()[:24]
    mail["From"] = f"Tribometer <{sender}>"
    mail["To"] = outgoing.address
    mail["Subject"] = words.subject
    mail["Message-ID"] = f"<tribometer.{outgoing.message.number}.{digest}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(words.text)
    mail.add_alternative(words.html, subtype="html")
    return mail
