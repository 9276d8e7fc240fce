"""Settings of surveys: whom they reach and how, and the promises that every wave is opened with."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tribometer.settings.secret import Secret

Channel = Literal["email", "slack", "teams", "links"]
LEAST_GROUP, LEAST_COMMENTS = 5, 10
HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def _public_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s?#]+", text):
        raise ValueError(f"{text!r} is no address that a browser can open, like https://tribometer.example.org")
    return text.rstrip("/")


def _hours(text: str) -> str:
    found = HOURS.fullmatch(text)
    if found is None or text[:5] >= text[6:]:
        raise ValueError(f"{text!r} are no hours of a day, like 09:00-17:00")
    return text


class Table(BaseModel):
    """Base of the tables below ``[surveys]``: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Mail(Table):
    """``[surveys.mail]``: the SMTP server that takes invitations."""

    host: str
    """Its name."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Its port."""
    sender: Annotated[str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+$")]
    """The address invitations come from; what cannot be delivered comes back to it."""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """``none`` sends unprotected: for a server on this machine."""
    user: str | None = None
    """Whom to sign in as; without it nobody signs in."""
    password: Secret | None = None
    """The secret of that user."""


class Chat(Table):
    """``[surveys.slack]`` and ``[surveys.teams]``: a bot's token writes to each person, a webhook to one channel.

    What a webhook posts holds no personal link: it tells that a survey is open, and that the links come by e-mail.
    """

    token: Secret | None = None
    """Slack only: a bot token with ``chat:write``, ``im:write``, and ``users:read.email`` to find people by e-mail."""
    webhook: Secret | None = None
    """The address of an incoming webhook; it is a secret, for whoever has it may post."""
    url: Annotated[str, AfterValidator(_public_url)] = "https://slack.com/api"
    """Slack's API; another one for tests and proxies."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.token is None) == (self.webhook is None):
            raise ValueError("give a token or a webhook, one of them")
        return self


class Recurring(Table):
    """``[[surveys.recurring]]``: a survey that opens by itself."""

    instrument: str
    """Which, like ``pulse``; without a version the newest."""
    starts: date
    """The first day it opens on."""
    every_weeks: Annotated[int, Field(ge=1, le=52)]
    """Weeks between two openings."""
    channels: tuple[Channel, ...] = ("email",)
    """How people are reached, the first that reaches somebody: email, slack, teams, links."""


class SurveySettings(Table):
    """``[surveys]``."""

    url: Annotated[str, AfterValidator(_public_url)] | None = None
    """Where people reach this service: links in invitations begin with it. Default: the address it listens on."""
    instruments: Path | None = None
    """A folder of instruments of your own, TOML files named by their slug."""
    people: Path | None = None
    """Whom to ask: a CSV file with the column ``address``, and ``slack``, ``team``, ``tenure``, ``language``,
    ``timezone``, ``country`` where the catalog does not tell or tells it otherwise."""
    minimum: Annotated[int, Field(ge=LEAST_GROUP)] = LEAST_GROUP
    """Results are told of so many respondents or more; a wave keeps what it was opened with."""
    comment_minimum: Annotated[int, Field(ge=LEAST_COMMENTS)] = LEAST_COMMENTS
    """Comments are shown of so many respondents or more."""
    keep_days: Annotated[int, Field(ge=30, le=3650)] = 730
    """Days after its end for which the answers of a wave are kept."""
    hours: Annotated[str, AfterValidator(_hours)] = "09:00-17:00"
    """When invitations are sent, on working days, by the clock of whoever is asked."""
    rest_days: Annotated[int, Field(ge=1, le=365)] = 14
    """Days between two invitations of one person, of whatever surveys."""
    contracted_hours: Annotated[float, Field(gt=0, le=168)] = 40.0
    """Working hours of a week, for the share of them that is lost."""
    events: tuple[str, ...] = ()
    """Instruments that are asked after events, like ``after_deploy``; none unless named."""
    one_in: Annotated[int, Field(ge=1)] = 10
    """Of so many events one is asked about."""
    event_channels: tuple[Channel, ...] = ("email",)
    """How whoever is asked after an event is reached."""
    recurring: tuple[Recurring, ...] = ()
    """Surveys that open by themselves."""
    mail: Mail | None = None
    """The server that takes e-mail; without it nothing goes out by ``email``."""
    slack: Chat | None = None
    """Without it nothing goes out by ``slack``."""
    teams: Chat | None = None
    """Without it nothing goes out by ``teams``."""

    @property
    def sending_hours(self) -> tuple[time, time]:
        """From when to when invitations are sent."""
        begin, _, end = self.hours.partition("-")
        return time.fromisoformat(begin), time.fromisoformat(end)
