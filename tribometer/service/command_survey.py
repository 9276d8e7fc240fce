"""``tribometer survey``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tribometer.service.command import AsJson, performed
from tribometer.service.terminal import say, write, write_json, write_table, write_words

if TYPE_CHECKING:
    from collections.abc import Mapping

Instrument = Annotated[str, typer.Argument(help="A survey, like pulse or pulse_v1; without a version the newest.")]
Wave = Annotated[str, typer.Argument(help="The name of a wave.")]
SHOWN = 10


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    survey = typer.Typer(
        help="Surveys: ask, import what was asked elsewhere, and read what is told of groups, never of people.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    survey.command("list")(list_all)
    survey.command("open")(open_wave)
    survey.command()(close)
    survey.command()(invite)
    survey.command("import")(import_file)
    survey.command()(results)
    survey.command()(status)
    survey.command()(preview)
    survey.command()(revoke)
    survey.command()(promise)
    survey.command()(links)
    app.add_typer(survey, name="survey")


def list_all(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the surveys that can be asked, and all waves."""
    told = performed(context, "survey_list", {}, reading=True)
    if as_json:
        write_json(told)
        return
    rows = [(each["slug"], each["title"], str(each["items"]), each["after"] or "wave") for each in told["instruments"]]
    write_table(("instrument", "title", "items", "asked"), rows, right=("items",))
    write("")
    if not told["waves"]:
        say("No wave yet: tribometer survey open pulse, or tribometer survey import pulse FILE --wave NAME.")
        return
    waves = [
        (each["wave"], each["instrument"], each["state"], (each["closed_at"] or each["closes_at"])[:10])
        for each in told["waves"]
    ]
    write_table(("wave", "instrument", "state", "closes"), waves)


def open_wave(  # noqa: PLR0913, PLR0917 - one option each
    context: typer.Context,
    instrument: Instrument,
    wave: Annotated[str | None, typer.Option("--wave", help="Its name; default: the instrument and the day.")] = None,
    channel: Annotated[list[str] | None, typer.Option("--channel", help="email, slack, teams or links.")] = None,
    people: Annotated[Path | None, typer.Option("--people", help="An address book, CSV with `address`.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="When it opens; default: now.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="When it closes; default: as the instrument says.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Open a wave: freeze its promises and invite people, who hear of it in their working hours."""
    arguments = {
        "instrument": instrument, "wave": wave, "channels": channel, "people": _place(people), "start": start,
        "end": end,
    }  # fmt: skip
    told = performed(context, "survey_open", arguments, reading=False)
    _say(
        told,
        as_json,
        f"{told['wave']} is {told['state']} until {told['closes_at'][:16]}: {told['invited'] or 0} invited.",
    )


def close(context: typer.Context, wave: Wave, *, as_json: AsJson = False) -> None:
    """Close a wave for good. Its results are told from then on; its answers lead to nobody any more."""
    told = performed(context, "survey_close", {"wave": wave}, reading=False)
    _say(told, as_json, f"{wave} is closed: tribometer survey results {wave!r}")


def invite(
    context: typer.Context,
    wave: Wave,
    people: Annotated[
        Path | None, typer.Option("--people", help="An address book; default: that of the settings.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Invite people to an open wave who are not invited yet."""
    told = performed(context, "survey_invite", {"wave": wave, "people": _place(people)}, reading=False)
    _say(told, as_json, f"{told['invited']} more are invited to {wave}.")


def import_file(  # noqa: PLR0913 - as above
    context: typer.Context,
    instrument: Instrument,
    file: Annotated[str, typer.Argument(help="CSV or XLSX, a row a respondent; - reads standard input.")],
    wave: Annotated[str, typer.Option("--wave", help="The wave they belong to; a new one is made.")],
    header_map: Annotated[
        str | None,
        typer.Option("--map", help="A TOML file, or google-forms, microsoft-forms, typeform, qualtrics, formbricks."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Import answers that were given elsewhere; importing a file again changes nothing."""
    from tribometer.service.surveys.importing import map_argument  # noqa: PLC0415 - not for --help

    arguments = {"instrument": instrument, "files": [file], "wave": wave, "map": map_argument(header_map)}
    told = performed(context, "survey_import", arguments, reading=False)
    if as_json:
        write_json(told)
    else:
        write(", ".join(f"{told[name]:,} {name}" for name in ("new", "updated", "unchanged", "rejected")))
        for each in told["rejections"][:SHOWN]:
            write_words(f"line {each['line']}: {each['reason']}")
        for error in told["errors"]:
            say(error)
    if told["errors"]:
        raise typer.Exit(2)
    if told["rejected"]:
        raise typer.Exit(3)


def results(
    context: typer.Context,
    wave: Wave,
    by: Annotated[str | None, typer.Option("--by", help="team or tenure.")] = None,
    item: Annotated[str | None, typer.Option("--item", help="One item, like PU01.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print what a closed wave tells: of groups that are large enough, rounded."""
    told = performed(context, "survey_results", {"wave": wave, "by": by, "item": item}, reading=True)
    if as_json:
        write_json(told)
        return
    from tribometer.service.surveys.results_text import write_results  # noqa: PLC0415 - JSON needs none of it

    write_results(told)


def status(context: typer.Context, wave: Wave, *, as_json: AsJson = False) -> None:
    """Print how a wave stands: response in bands, messages, and whom nothing reaches. Never who answered."""
    told = performed(context, "survey_status", {"wave": wave}, reading=True)
    if as_json:
        write_json(told)
        return
    write(f"{told['wave']} ({told['instrument']}) is {told['state']}, until {told['closes_at'][:16]}")
    write("messages: " + (", ".join(f"{n:,} {state}" for state, n in sorted(told["messages"].items())) or "none"))
    if told["teams"]:
        rows = [(each["team"] or "no team", each["invited"], each["response"] or "") for each in told["teams"]]
        write_table(("team", "invited", "response %"), rows)
    for each in told["trouble"]:
        reached = "perhaps not reached" if each["state"] == "unsure" else "not reached"
        write_words(f"{reached} by {each['channel']}: {each['address'] or each['person']}: {each['problem']}")


def preview(
    context: typer.Context,
    instrument: Instrument,
    language: Annotated[str, typer.Option("--language", help="Like en or de.")] = "en",
    *,
    as_json: AsJson = False,
) -> None:
    """Print a survey as respondents see it."""
    told = performed(context, "survey_preview", {"instrument": instrument, "language": language}, reading=True)
    if as_json:
        write_json(told)
    else:
        write(told["text"])


def revoke(
    context: typer.Context,
    wave: Wave,
    address: Annotated[str, typer.Argument(help="The address that was invited.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Take an invitation back: its link is dead."""
    told = performed(context, "survey_revoke", {"wave": wave, "address": address}, reading=False)
    _say(told, as_json, "The invitation is taken back.")


def promise(
    context: typer.Context,
    wave: Wave,
    action: Annotated[str, typer.Argument(help="What will be done, in one sentence.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Note the action that is promised to those who answered."""
    told = performed(context, "survey_promise", {"wave": wave, "action": action}, reading=False)
    _say(told, as_json, f"Noted for {wave}.")


def links(
    context: typer.Context,
    wave: Wave,
    to: Annotated[Path, typer.Option("--to", help="The CSV file to write, readable for you alone.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write the personal links of a wave with the channel `links`."""
    told = performed(context, "survey_links", {"wave": wave, "to": _place(to)}, reading=True)
    _say(told, as_json, f"{told['links']} links are in {to}. Whoever has one can answer with it.")


def _place(file: Path | None) -> str | None:
    """Where a file is, for a service that runs in another folder."""
    return None if file is None else str(file.expanduser().absolute())


def _say(told: Mapping[str, Any], as_json: bool, words: str) -> None:  # noqa: FBT001 - as the option has it
    if as_json:
        write_json(told)
    else:
        say(words)
