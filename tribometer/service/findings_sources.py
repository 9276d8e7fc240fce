"""What the doctor finds about sources and their credentials; nothing is said twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collectors.failures import COULD_NOT
from dashboards import remarks
from dashboards.health import AWAY, BROKEN, NOTE, UNTRIED, WAITING, Finding
from dashboards.health_sources import COLLECTING
from dashboards.health_words import interval, mending, named
from dashboards.remarks import COLLECT
from metrics.wording import duration_text
from tribometer.store import LIMITED, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dashboards.health_sources import CredentialHealth, SourceHealth

    Credentials = Sequence[CredentialHealth] | None

INTERRUPTED, FAILED = "interrupted", "failed"
IN_BACKTICKS = re.compile(r"`([^`]+)`")


def of_sources(sources: Sequence[SourceHealth], credentials: Credentials, *, running: bool) -> Iterator[Finding]:
    """Yield what is the matter with each source, then what several say of themselves.

    Parts of a source say nothing of age, and of errors together. What trying a credential told is not told again, nor
    what is wrong with a table, and what nobody collects any more is no matter at all.
    """
    whole = [each for each in sources if each.family is None and not each.unconfigured]
    if first := [each.name for each in whole if each.collecting and each.last_success_at is None]:
        do = "See how far it is on the Data health page; until its end, numbers lack what it has not read yet"
        yield Finding(WAITING, f"{named(first)}: the first collection is under way", do, "sources")
    told = _failed_trials(sources, credentials)
    quiet = [each for each in whole if each.name not in told and each.unusable is None]
    for source in quiet:
        yield from _source(source)
        yield from _unread(source, sources)
    yield from _interrupted([each for each in quiet if _was_cut_off(each)])
    yield from _late([each for each in quiet if _is_quiet(each)], running=running)
    said = [each for each in remarks.said_by(sources) if COULD_NOT not in each.what]
    yield from (Finding(NOTE, what, do, "sources") for what, do in remarks.together(said, remarks.sizes(sources)))


def of_credentials(sources: Sequence[SourceHealth], credentials: Credentials) -> Iterator[Finding]:
    """Yield what a credential was tried for in vain, or which of them nobody has tried yet."""
    yield from _untried(sources, credentials)
    first = {each.name for each in sources if each.last_success_at is None}
    for tried in credentials or ():
        if tried.passing == COLLECTING and tried.source not in first:
            what, do = f"{tried.source}: it is being collected", _unnamed(tried.source, str(tried.problem))
            yield Finding(WAITING, what, do, "credentials")
    for tried in _failed_trials(sources, credentials).values():
        yield _failed_trial(tried)
    for tried in credentials or ():
        remarked = _rights_remarked_on(tried.source, sources)
        for each in tried.permissions:
            if not (each.granted or remarked.intersection(IN_BACKTICKS.findall(each.fix)[:1])):
                yield Finding(NOTE, f"{tried.source}: no permission for {each.what}", each.fix, "credentials")


def _rights_remarked_on(name: str, sources: Sequence[SourceHealth]) -> frozenset[str]:
    """The rights that a source or its parts say are missing, with what cannot be read for want of them."""
    own = [each for each in sources if name in {each.name, each.family}]
    found = [each.do for each in remarks.said_by(own) if "cannot be read" in each.what]
    return frozenset(right for do in found for right in IN_BACKTICKS.findall(do))


def _untried(sources: Sequence[SourceHealth], credentials: Credentials) -> Iterator[Finding]:
    """What was collected once has shown that its credential is good for something."""
    new = [each for each in sources if each.has_server and each.family is None and each.last_success_at is None]
    if credentials is None and (names := [each.name for each in new if not each.last_error]):
        do = "Check credentials on the Data health page, or run: tribometer doctor"
        yield Finding(NOTE, f"{named(names)}: credentials have not been tried yet", do, UNTRIED)


def _failed_trials(sources: Sequence[SourceHealth], credentials: Credentials) -> Mapping[str, CredentialHealth]:
    """Trials that got no answer, by source, unless the source itself told the same, or has answered since."""
    known = {each.name: each for each in sources}
    found = {}
    for tried in credentials or ():
        source = known.get(tried.source)
        if tried.passing == COLLECTING:
            continue
        if tried.problem and not (source and (_is_outdated(tried, source) or _tells_the_same(tried, source))):
            found[tried.source] = tried
    return found


def _is_outdated(tried: CredentialHealth, source: SourceHealth) -> bool:
    return bool(tried.tried_at and source.last_success_at and source.last_success_at > tried.tried_at)


def _tells_the_same(tried: CredentialHealth, source: SourceHealth) -> bool:
    return tried.passing is not None and tried.passing == source.passing


def _failed_trial(tried: CredentialHealth) -> Finding:
    problem = _unnamed(tried.source, str(tried.problem))
    if tried.passing == LIMITED:
        return Finding(WAITING, f"{tried.source}: waiting for the quota", problem, "credentials")
    if tried.passing == UNREACHABLE:
        return Finding(AWAY, f"{tried.source}: no answer", problem, "credentials")
    return Finding(BROKEN, f"{tried.source}: {problem}", COLLECT, "credentials")


def _unnamed(name: str, error: str) -> str:
    """Most errors of a source begin with its name."""
    return error.removeprefix(f"{name}: ")


def _source(source: SourceHealth) -> Iterator[Finding]:
    run = source.last_run
    if source.last_error and source.passing:
        yield from _mending(source)
    elif source.last_error:
        yield Finding(BROKEN, f"{source.name}: {_unnamed(source.name, source.last_error)}", COLLECT, "sources")
    elif _last_run_failed(source) and run:
        yield Finding(BROKEN, f"{source.name}: its last collection failed: {run.error}", COLLECT, "sources")


def _last_run_failed(source: SourceHealth) -> bool:
    run = source.last_run
    return bool(run and run.status == FAILED and not source.collecting and source.every_seconds is not None)


def _was_cut_off(source: SourceHealth) -> bool:
    run = source.last_run
    return bool(run and run.status == INTERRUPTED and not source.collecting and not source.last_error)


def _is_quiet(source: SourceHealth) -> bool:
    """Whether nothing else is to be said of it than its age."""
    return not (source.last_error or source.collecting or _last_run_failed(source) or _was_cut_off(source))


def _unread(source: SourceHealth, sources: Sequence[SourceHealth]) -> Iterator[Finding]:
    """Its parts that could not be read when they were tried last, those alike together."""
    parts = [each for each in sources if each.family == source.name and each.last_error and not each.left]
    if source.last_error:
        # of what stops all of them the source itself has told
        parts = [each for each in parts if each.passing != source.passing]
    for level, passing in ((BROKEN, None), (AWAY, UNREACHABLE), (WAITING, LIMITED)):
        said = [remarks.unread(each.name, source.name, each.last_error) for each in parts if each.passing == passing]
        for what, do in remarks.together(said, remarks.sizes(sources)):
            yield Finding(level, what, do, "sources")


def _mending(source: SourceHealth) -> Iterator[Finding]:
    """A failure that mends itself, unless that is being tried: then its collection tells."""
    if source.collecting:
        return
    planned = source.next_run_at
    again = f"at {planned:%H:%M} UTC" if planned else "by `tribometer up`, or now by `tribometer collect`"
    what = f"{source.name}: {mending(source)}"
    if source.passing == LIMITED:
        do = f"What was read is kept, and the rest is read {again}. More tokens share the work"
        yield Finding(WAITING, what, do, "sources")
    else:
        do = f"{_unnamed(source.name, str(source.last_error))}. It is tried again {again}"
        yield Finding(AWAY, what, do, "sources")


def _interrupted(cut_off: Sequence[SourceHealth]) -> Iterator[Finding]:
    if cut_off:
        fix = "Nothing is lost, the next one goes on where it stopped; now: tribometer collect"
        what = f"{named([each.name for each in cut_off])}: {_whose(cut_off)} last collection was cut off"
        yield Finding(NOTE, what, fix, "sources")


def _late(sources: Sequence[SourceHealth], *, running: bool) -> Iterator[Finding]:
    """Only what is collected on a schedule can be late; what to do about it is the same for all."""
    due = [each for each in sources if each.every_seconds is not None]
    never = [each for each in due if each.last_success_at is None]
    stale = [each for each in due if each.stale and each.age_seconds is not None]
    told = [_never_collected(never)] if never else []
    told += [_nothing_new(stale)] if stale else []
    fix = "Look into the log in the data folder, or now: tribometer collect"
    fix = fix if running else "Start tribometer up, which collects on schedule, or now: tribometer collect"
    if told:
        yield Finding(NOTE, "; ".join(told), fix, "sources")


def _never_collected(sources: Sequence[SourceHealth]) -> str:
    were = "it was" if len(sources) == 1 else "they were"
    return f"{named([each.name for each in sources])}: {were} never collected"


def _nothing_new(sources: Sequence[SourceHealth]) -> str:
    """The longest of many."""
    oldest = max(sources, key=lambda each: each.age_seconds or 0)
    of = "" if len(sources) == 1 else f" of {oldest.name}"
    age, due = duration_text(oldest.age_seconds or 0), interval(oldest.every_seconds)
    return f"{named([each.name for each in sources])}: nothing new{of} was collected for {age}, it is due {due}"


def _whose(sources: Sequence[SourceHealth]) -> str:
    return "its" if len(sources) == 1 else "their"
