import logging
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from mail_sinks import Sink, breaking_off, certificate, knows, sink
from survey_mailing import mail_settings, outgoing
from tribometer.service.delivery.mail import Mailer
from tribometer.service.delivery.sending import Outcome, Outgoing


def sent(port: int, *batch: Outgoing, **fields: Any) -> list[Outcome]:
    return list(Mailer(mail_settings(port, **fields), timeout=5).send(batch))


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_an_invitation_arrives_as_plain_text_and_html_with_the_link_in_both() -> None:
    with sink() as kept:
        [outcome] = sent(kept.port, outgoing())
    [mail] = kept.mails
    assert outcome.result == "sent"
    assert outcome.reference == mail["Message-ID"]
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert all("https://tribometer.example.org/s/the-token" in part.get_content() for part in mail.iter_parts())
    assert mail["To"] == "ann@example.org"
    assert mail["From"] == "Tribometer <survey@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert not [name for name in mail if name.lower().startswith(("list-", "x-track", "disposition"))]


def test_german_letters_and_lines_of_a_dot_arrive_as_they_were_written() -> None:
    about = {"en": "x", "de": "Größe zählt.\n.\nEnde."}
    with sink() as kept:
        sent(kept.port, outgoing(language="de", about=about))
    text = kept.mails[0].get_body(("plain",))
    assert text is not None
    assert "Größe zählt. . Ende." in text.get_content()


def test_a_repeat_of_a_message_has_the_same_message_id_and_another_message_has_another() -> None:
    with sink() as kept:
        sent(kept.port, outgoing(), outgoing(), outgoing(number=2), outgoing(link="https://other.example.org/s/x"))
    first, repeat, second, elsewhere = (mail["Message-ID"] for mail in kept.mails)
    assert first == repeat
    assert len({first, second, elsewhere}) == 3


def test_a_batch_goes_over_one_connection() -> None:
    with sink() as kept:
        outcomes = sent(kept.port, *(outgoing(f"p{number}@example.org", number) for number in range(20)))
    assert [each.result for each in outcomes] == ["sent"] * 20
    assert len(kept.connections) == 1


def test_a_refused_recipient_bounces_a_busy_one_waits_and_the_others_get_theirs() -> None:
    refuse = {"gone@example.org": "550 5.1.1 gone@example.org unknown", "busy@example.org": "451 4.7.1 greylisted"}
    with sink(Sink(refuse=refuse)) as kept:
        batch = (outgoing(f"{name}@example.org", number) for number, name in enumerate(["gone", "busy", "ann"]))
        gone, busy, ann = sent(kept.port, *batch)
    assert (gone.result, busy.result, ann.result) == ("bounced", "later", "sent")
    assert "550 5.1.1" in gone.problem
    assert "451 4.7.1" in busy.problem
    assert "gone@" not in gone.problem
    assert kept.recipients == ["ann@example.org"]


@pytest.mark.parametrize(("answer", "result"), [("554 5.7.1 spam", "failed"), ("452 4.3.1 full", "later")])
def test_a_refused_message_is_the_fault_of_no_recipient(answer: str, result: str) -> None:
    with sink(Sink(answer=answer)) as kept:
        assert [each.result for each in sent(kept.port, outgoing(), outgoing(number=2))] == [result, result]


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.org\r\nBcc: eve@example.org",
        "ann@example.org\nRCPT TO:<eve@example.org>",
        "ann@example.org, eve@example.org",
        "Ann <ann@example.org>",
        "ann",
        "änn@example.org",
        "",
    ],
)
def test_what_is_no_single_address_reaches_nobody(address: str) -> None:
    with sink() as kept:
        [outcome] = sent(kept.port, outgoing(address))
    assert outcome.result == "bounced"
    assert kept.recipients == []


def test_a_connection_cut_before_the_text_was_given_is_tried_again() -> None:
    with breaking_off(after=b"rcpt") as port:
        [outcome] = sent(port, outgoing())
    assert outcome.result == "later"


def test_a_connection_cut_while_the_text_is_taken_leaves_it_unsure_and_no_repeat_is_asked_for() -> None:
    with breaking_off(after=b"Auto-Submitted") as port:
        [outcome] = sent(port, outgoing())
    assert outcome.result == "unsure"


def test_a_connection_cut_instead_of_the_last_answer_leaves_it_unsure() -> None:
    with breaking_off(after=b".\r\n") as port:
        first, second = sent(port, outgoing(), outgoing(number=2))
    assert (first.result, second.result) == ("unsure", "unsure")


def test_a_server_that_is_down_ends_the_batch_after_one_try() -> None:
    taken: list[int] = []

    def batch() -> Any:
        for number in range(3):
            taken.append(number)
            yield outgoing(number=number)

    [outcome] = Mailer(mail_settings(free_port()), timeout=5).send(batch())
    assert outcome.result == "later"
    assert taken == [0]


def test_a_certificate_that_nobody_vouches_for_is_refused_in_words(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path, "127.0.0.1")
    with sink(tls_context=context) as kept:
        [outcome] = sent(kept.port, outgoing(), tls="starttls")
    assert outcome.result == "rest"
    assert "certificate that cannot be trusted (self-signed certificate)" in outcome.problem
    assert "SSL_CERT_FILE" in outcome.problem
    assert kept.mails == []


def test_mail_goes_out_protected_to_a_server_that_is_trusted(tmp_path: Path) -> None:
    context, public = certificate(tmp_path, "127.0.0.1")
    trusting = ssl.create_default_context(cafile=str(public))
    with sink(tls_context=context, require_starttls=True) as kept:
        [outcome] = Mailer(mail_settings(kept.port, tls="starttls"), trusting).send([outgoing()])
    assert outcome.result == "sent"


def test_a_server_without_starttls_gets_nothing_where_protection_is_wanted() -> None:
    with sink() as kept:
        [outcome] = sent(kept.port, outgoing(), tls="starttls")
    assert (outcome.result, kept.mails) == ("rest", [])
    assert "offers no STARTTLS" in outcome.problem


def test_tls_to_a_port_that_speaks_plainly_is_told_as_that() -> None:
    with sink() as kept:
        [outcome] = sent(kept.port, outgoing(), tls="tls")
    assert outcome.result == "rest"
    assert "surveys.mail.port" in outcome.problem


def test_a_wrong_password_stops_the_channel_and_is_repeated_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "wrong-one")
    caplog.set_level(logging.DEBUG)
    signed = {"user": "tribometer", "password": {"env": "MAIL_PASSWORD"}}
    options: dict[str, Any] = {"authenticator": knows("tribometer", "right-one"), "auth_require_tls": False}
    with sink(**options) as kept:
        outcomes = sent(kept.port, outgoing(), outgoing(number=2), **signed)
    assert [each.result for each in outcomes] == ["rest"]
    assert "surveys.mail.password" in outcomes[0].problem
    assert "wrong-one" not in outcomes[0].problem + "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("tribometer")
    )


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")  # the sink's advice to its operator
def test_the_right_password_lets_it_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "right-one")
    signed = {"user": "tribometer", "password": {"env": "MAIL_PASSWORD"}}
    options: dict[str, Any] = {
        "authenticator": knows("tribometer", "right-one"),
        "auth_require_tls": False,
        "auth_required": True,
    }
    with sink(**options) as kept:
        [outcome] = sent(kept.port, outgoing(), **signed)
    assert outcome.result == "sent"


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")  # as above
def test_a_server_that_wants_a_sign_in_is_not_taken_for_a_missing_recipient() -> None:
    options: dict[str, Any] = {"authenticator": knows("a", "b"), "auth_require_tls": False, "auth_required": True}
    with sink(**options) as kept:
        [outcome] = sent(kept.port, outgoing())
    assert outcome.result == "rest"


def test_a_password_that_cannot_be_sent_is_told_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "schlüssel")
    options: dict[str, Any] = {"authenticator": knows("a", "b"), "auth_require_tls": False}
    with sink(**options) as kept:
        [outcome] = sent(kept.port, outgoing(), user="tribometer", password={"env": "MAIL_PASSWORD"})
    assert outcome.result == "rest"
    assert "only ASCII" in outcome.problem
    assert "schlüssel" not in outcome.problem


def test_a_password_that_is_not_set_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAIL_PASSWORD", raising=False)
    with sink() as kept:
        [outcome] = sent(kept.port, outgoing(), user="tribometer", password={"env": "MAIL_PASSWORD"})
    assert outcome.result == "rest"
    assert "MAIL_PASSWORD" in outcome.problem
