"""What the survey commands do, as operations of an instance; nothing that is returned tells who answered, or what."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surveys.instrument import named
from surveys.preview import preview as previewed
from tribometer.errors import UsageError
from tribometer.privacy.published import n_band, response_band
from tribometer.service.address import Address
from tribometer.service.asked import instant
from tribometer.service.delivery import LinkRow, write_links
from tribometer.service.surveys import waves
from tribometer.service.surveys.advancing import LOCAL, Advancing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tribometer.service.instance import Instance
    from tribometer.service.operations import Tell
    from tribometer.store.records.survey_records import Invitation, Message, Wave

LEAST_INVITED = 5
NOBODY = "Nobody is in the address book: set surveys.people, or give --people FILE. `survey import` needs none."


def listed(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """List instruments and waves; waves that were imported or closed long ago are among them."""
    del arguments, tell
    instruments = instance.survey_numbers.instruments()
    return {
        "instruments": [
            {"slug": each.slug, "title": each.title["en"], "items": len(each.items), "minutes": each.minutes,
             "languages": list(each.languages), "after": each.trigger}
            for each in instruments.values()
        ],
        "waves": waves.every(instance),
    }  # fmt: skip


def opened(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Open a wave, at once or at its time; people are invited in their working hours while the service runs."""
    instrument = named(arguments["instrument"], instance.survey_numbers.instruments())
    if instrument.trigger is not None:
        raise UsageError(
            f"{instrument.slug} is asked after events, not in a wave for everybody: name it in surveys.events."
        )
    now = instance.clock()
    start, end = arguments.get("start"), arguments.get("end")
    opens_at = max(instant(start, "--from"), now) if start else now
    name = arguments.get("wave") or f"{instrument.slug} {opens_at:%Y-%m-%d}"
    people = waves.book(instance, _path(arguments.get("people")))
    if not people:
        tell({"hint": NOBODY})
    wave = waves.plan(
        instance,
        instrument,
        name,
        tuple(arguments.get("channels") or ("email",)),
        opens_at=opens_at,
        closes_at=instant(end, "--to") if end else None,
        listed=people,
    )
    if opens_at <= now:
        waves.begin(instance, wave)
    instance.audit("survey.open", name, instrument=instrument.slug)
    return waves.described(instance, instance.records.surveys.wave(name))


def closed(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Close a wave for good: its results can be told from then on, and its answers lead to nobody any more."""
    del tell
    wave = instance.records.surveys.wave(arguments["wave"])
    waves.finish(instance, wave)
    instance.audit("survey.close", wave.name)
    return waves.described(instance, instance.records.surveys.wave(wave.name))


def invited(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Invite people to a wave that is open already; who is invited stays so."""
    del tell
    wave = _open(instance, arguments["wave"])
    count = waves.invite(instance, wave, waves.book(instance, _path(arguments.get("people"))))
    instance.audit("survey.invite", wave.name, people=count)
    return {"wave": wave.name, "invited": count}


def status(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Tell how a wave stands: bands of people and of the response, messages by state, and what could not be sent."""
    del tell
    surveys = instance.records.surveys
    wave = surveys.wave(arguments["wave"])
    counts = surveys.counts(wave.number)
    answered = instance.store.answers.answered(wave.name) if wave.state == "open" else {}
    teams = []
    for team in sorted({each.team for each in counts}):
        asked = sum(each.invited for each in counts if each.team == team)
        if asked >= LEAST_INVITED:
            band = response_band(answered.get(team, 0), asked) if wave.state == "open" else None
            teams.append({"team": team, "invited": n_band(asked), "response": band})
    messages = surveys.messages(wave.number)
    return {
        **waves.described(instance, wave),
        "teams": teams,
        "messages": dict(Counter(each.state for each in messages)),
        "trouble": list(_trouble(surveys.invitations(wave.number), messages)),
    }


def _trouble(invitations: Iterable[Invitation], messages: Iterable[Message]) -> Iterator[dict[str, Any]]:
    """Whom nothing reached, and whom perhaps nothing did; their address while the wave is open, to correct it."""
    unsure = {each.invitation: each.problem for each in messages if each.state == "unsure"}
    for each in invitations:
        told = {"person": each.person, "address": each.address, "channel": each.channel}
        if each.state in {"bounced", "failed"}:
            yield {**told, "state": each.state, "problem": each.problem}
        elif each.number in unsure:
            yield {**told, "state": "unsure", "problem": unsure[each.number]}


def revoked(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Take an invitation back: its link is dead from now on."""
    del tell
    wave = instance.records.surveys.wave(arguments["wave"])
    address = arguments["address"].strip().casefold()
    found = [
        each for each in instance.records.surveys.invitations(wave.number) if (each.address or "").casefold() == address
    ]
    if not found:
        raise UsageError(f"Nobody with this address is invited to {wave.name!r}, or the wave is closed.")
    for each in found:
        instance.records.surveys.revoke(each.number)
    instance.audit("survey.revoke", wave.name)
    return {"wave": wave.name, "revoked": len(found)}


def promised(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Note what is promised to those who answered; the page What we heard shows it."""
    del tell
    instance.records.surveys.promise(arguments["wave"], arguments["action"])
    instance.audit("survey.promise", arguments["wave"])
    return waves.described(instance, instance.records.surveys.wave(arguments["wave"]))


def links(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Write the personal links of those who are reached by none of the other channels, as CSV."""
    del tell
    wave = _open(instance, arguments["wave"])
    serving = Address.read(instance.settings.data)
    link_of = Advancing(instance, serving.url if serving else LOCAL).link_of
    found = [
        each for each in instance.records.surveys.invitations(wave.number, "waiting", "sent") if each.channel == "links"
    ]
    write_links(
        Path(arguments["to"]), [LinkRow(each.address or "", each.team, each.opens_at, link_of(each)) for each in found]
    )
    instance.audit("survey.links", wave.name, people=len(found))
    return {"wave": wave.name, "links": len(found), "file": arguments["to"]}


def preview(instance: Instance, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Return a survey as a respondent sees it, as text."""
    del tell
    instrument = named(arguments["instrument"], instance.survey_numbers.instruments())
    language = arguments.get("language") or "en"
    if language not in instrument.languages:
        raise UsageError(f"{instrument.slug} is not there in {language!r}; choose {', '.join(instrument.languages)}.")
    return {"instrument": instrument.slug, "language": language, "text": previewed(instrument, language)}


def _open(instance: Instance, name: str) -> Wave:
    wave = instance.records.surveys.wave(name)
    if wave.state != "open":
        raise UsageError(f"The wave {name!r} is {wave.state}: only people of an open one are invited.")
    return wave


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
