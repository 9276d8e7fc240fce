from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from mail_sinks import Sink, sink
from survey_mailing import CLOSES, MONDAY, Clock, invite, mail_settings, opened_records, outbox, wave_of
from tribometer.errors import UsageError
from tribometer.service.delivery import Sent, note_of, reaching
from tribometer.service.delivery.mail import Mailer
from tribometer.service.delivery.making import senders
from tribometer.service.delivery.sending import BACKOFF, Outcome, Outgoing, Result
from tribometer.settings.surveys import Chat, SurveySettings
from tribometer.store.records import RecordStore
from tribometer.store.records.surveys import Surveys


@dataclass
class Scripted:
    """A sender that answers as it is told, and keeps whom it was given; ``before`` comes ahead of each outcome."""

    result: Result = "sent"
    after: timedelta | None = None
    before: Callable[[Outgoing], None] = lambda _: None
    given: list[Outgoing] = field(default_factory=list)

    def send(self, batch: Iterable[Outgoing]) -> Iterator[Outcome]:
        """Answer each message."""
        for outgoing in batch:
            self.given.append(outgoing)
            self.before(outgoing)
            yield Outcome(outgoing.message, self.result, "some problem", "reference", self.after)
            if self.result == "rest":
                return

    @property
    def addresses(self) -> list[str]:
        """Who was written to."""
        return [each.address for each in self.given]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def surveys(tmp_path: Path, clock: Clock) -> Iterator[Surveys]:
    store = opened_records(tmp_path, clock)
    yield store.surveys
    store.close()


@pytest.fixture
def either(records_url: str, tmp_path: Path, clock: Clock) -> Iterator[Surveys]:
    """The records in each kind of database."""
    store = RecordStore.open(tmp_path, records_url, clock=clock)
    yield store.surveys
    store.close()


def states(surveys: Surveys, wave: int) -> list[str]:
    return [each.state for each in surveys.messages(wave)]


def test_what_is_due_is_sent_once_and_its_invitations_count_as_sent(surveys: Surveys, clock: Clock) -> None:
    wave, sender = wave_of(surveys, 3), Scripted()
    box = outbox(surveys, clock, {"email": sender})
    assert box.send_due() == Sent(sent=3)
    assert box.send_due() == Sent()
    assert sorted(sender.addresses) == [f"p{number}@example.org" for number in range(3)]
    assert states(surveys, wave.number) == ["sent"] * 3
    assert {each.state for each in surveys.invitations(wave.number)} == {"sent"}


def test_messages_are_claimed_by_channel_and_put_back_without_a_try(either: Surveys, clock: Clock) -> None:
    wave_of(either, 1)
    slack = wave_of(either, 2, name="w2", channel="slack")
    [claimed] = either.claim(1, "slack")
    assert claimed.number in {each.number for each in either.messages(slack.number)}
    assert len(either.claim(9, "slack")) == 1
    assert either.claim(9, "teams") == []
    either.put_back(claimed, MONDAY + timedelta(hours=1), "too early")
    assert either.claim(9, "slack") == []
    clock.now = MONDAY + timedelta(hours=1)
    [again] = either.claim(9, "slack")
    assert (again.number, again.attempts) == (claimed.number, 1)
    either.sent(again)
    either.put_back(again, clock.now)
    assert either.claim(9, "slack") == []
    assert len(either.claim(9)) == 1


def test_each_gets_a_link_and_the_promises_of_the_wave(surveys: Surveys, clock: Clock) -> None:
    wave_of(surveys, 2, minimum=7, reminders=(3, 6))
    sender = Scripted()
    outbox(surveys, clock, {"email": sender}).send_due()
    assert len({each.invite.link for each in sender.given}) == 2
    assert {(each.invite.minimum, each.invite.reminders, each.invite.until) for each in sender.given} == {
        (7, 2, CLOSES)
    }


def test_nothing_is_sent_before_it_is_due_or_beyond_the_limit(surveys: Surveys, clock: Clock) -> None:
    wave_of(surveys, 5)
    box = outbox(surveys, clock, {"email": Scripted()})
    clock.now = MONDAY - timedelta(seconds=1)
    assert box.send_due() == Sent()
    clock.now = MONDAY
    assert box.send_due(2).sent == 2
    assert box.send_due(9).sent == 3


def test_a_demo_writes_to_nobody(surveys: Surveys, clock: Clock) -> None:
    wave, sender = wave_of(surveys, 3), Scripted()
    assert outbox(surveys, clock, {"email": sender}, demo=True).send_due() == Sent()
    assert sender.given == []
    assert states(surveys, wave.number) == ["waiting"] * 3


@pytest.mark.parametrize("state", ["answered", "revoked", "expired", "bounced", "failed"])
def test_who_answered_or_cannot_be_meant_any_more_gets_no_message(state: Any, surveys: Surveys, clock: Clock) -> None:
    wave, sender = wave_of(surveys, 1), Scripted()
    [invitation] = surveys.invitations(wave.number)
    surveys.set_state(invitation.number, state)
    assert outbox(surveys, clock, {"email": sender}).send_due() == Sent(dropped=1)
    assert sender.given == []


def test_an_invitation_that_has_expired_or_whose_wave_is_over_is_dropped(surveys: Surveys, clock: Clock) -> None:
    wave = wave_of(surveys, 0)
    invite(surveys, wave, ["late@example.org"], expires_at=MONDAY + timedelta(hours=48))
    box = outbox(surveys, clock, {"email": Scripted()})
    clock.now = MONDAY + timedelta(hours=48)
    assert box.send_due() == Sent(dropped=1)
    wave_of(surveys, 2, name="w2")
    clock.now = CLOSES
    assert box.send_due() == Sent(dropped=2)


def test_a_message_is_looked_at_again_right_before_it_is_handed_over(surveys: Surveys, clock: Clock) -> None:
    wave = wave_of(surveys, 3)
    others = surveys.invitations(wave.number)[1:]

    def answer(_: Outgoing) -> None:
        for each in others:
            surveys.set_state(each.number, "answered")

    sender = Scripted(before=answer)
    assert outbox(surveys, clock, {"email": sender}).send_due() == Sent(sent=1, dropped=2)


def test_invitations_of_a_wave_that_is_not_open_yet_wait(surveys: Surveys, clock: Clock) -> None:
    wave = wave_of(surveys, 1)
    surveys.move(wave.number, "planned")
    box = outbox(surveys, clock, {"email": Scripted()})
    assert box.send_due() == Sent()
    surveys.move(wave.number, "open")
    clock.now += timedelta(minutes=10)
    assert box.send_due() == Sent(sent=1)
    assert surveys.messages(wave.number)[0].attempts == 1


def test_a_reminder_never_overtakes_its_invitation(surveys: Surveys, clock: Clock) -> None:
    wave, sender = wave_of(surveys, 1), Scripted("later")
    [invitation] = surveys.invitations(wave.number)
    surveys.plan(invitation.number, "reminder-1", MONDAY)
    box = outbox(surveys, clock, {"email": sender})
    box.send_due()
    sender.result = "sent"
    for _ in range(2):
        clock.now += timedelta(minutes=30)
        box.send_due()
    assert [each.message.kind for each in sender.given] == ["invitation", "invitation", "reminder-1"]


def test_nobody_is_written_to_outside_the_hours_that_they_may_be(surveys: Surveys, clock: Clock) -> None:
    wave, morning = wave_of(surveys, 2), MONDAY + timedelta(hours=15)

    def from_morning(_: object, moment: datetime) -> datetime:
        return max(moment, morning)

    box = outbox(surveys, clock, {"email": Scripted()}, may_write=from_morning)
    assert box.send_due() == Sent()
    assert {each.due_at for each in surveys.messages(wave.number)} == {morning}
    clock.now = morning
    assert box.send_due() == Sent(sent=2)


def test_what_was_refused_for_now_is_tried_again_ever_later_and_then_given_up(surveys: Surveys, clock: Clock) -> None:
    wave = wave_of(surveys, 1)
    box = outbox(surveys, clock, {"email": Scripted("later")})
    for wait in BACKOFF:
        assert box.send_due() == Sent(retried=1)
        assert surveys.messages(wave.number)[0].due_at == clock.now + wait
        clock.now += wait
    assert box.send_due() == Sent(failed=1)
    [message], [invitation] = surveys.messages(wave.number), surveys.invitations(wave.number)
    assert (message.state, invitation.state) == ("failed", "failed")
    assert "given up after 5 tries" in str(message.problem)


@pytest.mark.parametrize("result", ["bounced", "failed"])
def test_whom_nothing_reaches_is_listed_with_the_reason(result: Any, surveys: Surveys, clock: Clock) -> None:
    wave = wave_of(surveys, 1)
    outbox(surveys, clock, {"email": Scripted(result)}).send_due()
    [invitation] = surveys.invitations(wave.number, result)
    assert invitation.problem == "some problem"


def test_a_channel_that_rests_costs_no_try_is_told_and_goes_on_when_it_may(surveys: Surveys, clock: Clock) -> None:
    wave, sender = wave_of(surveys, 3, channel="slack"), Scripted("rest", timedelta(seconds=30))
    box = outbox(surveys, clock, {"slack": sender})
    assert box.send_due() == Sent(problems=("slack: some problem",))
    clock.now += timedelta(seconds=29)
    assert box.send_due() == Sent()
    assert len(sender.given) == 1
    clock.now += timedelta(seconds=1)
    sender.result = "sent"
    assert box.send_due() == Sent(sent=3)
    assert {each.attempts for each in surveys.messages(wave.number)} == {1}


def test_a_slow_channel_keeps_no_other_waiting(surveys: Surveys, clock: Clock) -> None:
    wave_of(surveys, 3)
    wave_of(surveys, 3, name="w2", channel="slack")
    slack_is_done = Event()
    slack = Scripted(before=lambda outgoing: slack_is_done.set() if outgoing.message.number == 6 else None)
    # the first mail is not taken before the last Slack message was
    mail = Scripted(before=lambda _: None if slack_is_done.wait(20) else pytest.fail("Slack had to wait for mail"))
    assert outbox(surveys, clock, {"email": mail, "slack": slack}).send_due() == Sent(sent=6)


def test_a_channel_without_a_sender_leaves_its_messages_and_says_what_to_set(surveys: Surveys, clock: Clock) -> None:
    wave = wave_of(surveys, 2)
    [problem] = outbox(surveys, clock, dict(senders(SurveySettings()))).send_due().problems
    assert "surveys.mail.host" in problem
    assert states(surveys, wave.number) == ["waiting"] * 2


def test_settings_tell_which_channels_reach_people() -> None:
    hook, bot = Chat(webhook={"env": "X"}), Chat(token={"env": "X"})
    assert "surveys.slack.token" in reaching(SurveySettings(slack=hook))["slack"]
    assert "cannot reach a person" in reaching(SurveySettings(teams=hook))["teams"]
    told = reaching(SurveySettings(slack=bot, mail=mail_settings(25)))
    assert (told["slack"], told["email"], told["links"]) == ("", "", "")


def test_a_wave_whose_wording_is_missing_is_told_and_keeps_no_other_waiting(surveys: Surveys, clock: Clock) -> None:
    wave_of(surveys, 1)
    good = outbox(surveys, clock, {})
    second = wave_of(surveys, 1, name="w2")

    def wording(invitation: Any, wave: Any, kind: str) -> Any:
        if wave.name == "w1":
            raise UsageError("There is no instrument 'gone'.")
        return good.invite_of(invitation, wave, kind)

    box = outbox(surveys, clock, {"email": Scripted()})
    box.invite_of = wording
    assert box.send_due() == Sent(sent=1, problems=("wave w1: There is no instrument 'gone'.",))
    assert states(surveys, second.number) == ["sent"]


def test_a_message_whose_end_nobody_saw_is_listed_as_unsure_not_repeated_and_may_be_reminded(
    surveys: Surveys, clock: Clock
) -> None:
    wave, sender = wave_of(surveys, 1), Scripted("unsure")
    [invitation] = surveys.invitations(wave.number)
    box = outbox(surveys, clock, {"email": sender})
    assert box.send_due() == Sent()
    clock.now += timedelta(minutes=11)
    sender.result = "sent"
    assert box.send_due() == Sent(unsure=1)
    assert states(surveys, wave.number) == ["unsure"]
    surveys.plan(invitation.number, "reminder-1", clock.now)
    assert box.send_due() == Sent(sent=1)
    assert [each.message.kind for each in sender.given] == ["invitation", "reminder-1"]


def test_a_defect_while_handing_over_repeats_nothing(surveys: Surveys, clock: Clock) -> None:
    def fail(_: Outgoing) -> None:
        raise ZeroDivisionError

    wave = wave_of(surveys, 2)
    box = outbox(surveys, clock, {"email": Scripted(before=fail)})
    with pytest.raises(ZeroDivisionError):
        box.send_due()
    assert states(surveys, wave.number) == ["sending", "waiting"]
    sender = Scripted()
    assert outbox(surveys, clock, {"email": sender}).send_due() == Sent(sent=1)


def test_an_outbox_that_ends_takes_up_nothing_more(surveys: Surveys, clock: Clock) -> None:
    wave = wave_of(surveys, 3)
    box = outbox(surveys, clock, {})
    box.senders = {"email": Scripted(before=lambda _: box.end())}
    assert box.send_due() == Sent(sent=1)
    assert states(surveys, wave.number) == ["sent", "waiting", "waiting"]


def test_a_pass_within_a_pass_does_nothing(surveys: Surveys, clock: Clock) -> None:
    wave_of(surveys, 2)
    box, inner = outbox(surveys, clock, {}), []
    box.senders = {"email": Scripted(before=lambda _: inner.append(box.send_due()))}
    assert box.send_due() == Sent(sent=2)
    assert inner == [Sent(), Sent()]


def test_through_a_real_mail_server_some_bounce_some_wait_and_the_rest_arrive(surveys: Surveys, clock: Clock) -> None:
    wave = wave_of(surveys, 6)
    refuse = {"p1@example.org": "550 5.1.1 nobody", "p2@example.org": "451 4.7.1 later"}
    with sink(Sink(refuse=refuse)) as kept:
        box = outbox(surveys, clock, {"email": Mailer(mail_settings(kept.port))})
        assert box.send_due() == Sent(sent=4, bounced=1, retried=1)
        del kept.refuse["p2@example.org"]
        clock.now += timedelta(minutes=1)
        assert box.send_due() == Sent(sent=1)
    assert sorted(kept.recipients) == [f"p{number}@example.org" for number in (0, 2, 3, 4, 5)]
    assert [each.address for each in surveys.invitations(wave.number, "bounced")] == ["p1@example.org"]


def test_a_note_tells_of_the_wave_in_force(surveys: Surveys) -> None:
    note = note_of(SurveySettings(mail=mail_settings(25)), wave_of(surveys, 0), "reminder-1")
    assert (note.minutes, note.until, note.place, note.kind) == (2, CLOSES, "example.org", "reminder-1")
