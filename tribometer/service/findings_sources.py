"""What the doctor finds about sources and their credentials; nothing is said twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboards import remarks
from dashboards.health import AWAY, BROKEN, NOTE, UNTRIED, WAITING, Finding
from dashboards.health_words import interval, mending, named
from metrics.wording import duration_text
from tribometer.store import LIMITED, UNREACHABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dashboards.health_sources import CredentialHealth, SourceHealth

    Credentials = Sequence[CredentialHealth] | None

COLLECT = "Put that right, then: tribometer collect"
INTERRUPTED, FAILED = "interrupted", "failed"


def of_sources(sources: Sequence[SourceHealth], credentials: Credentials, *, running: bool) -> Iterator[Finding]:
    """Yield what is the matter with each source, then what several say of themselves.

    Parts of a source say nothing of errors and age: a collection of the whole remarks which could not be read. What
    trying a credential told is not told again, and what nobody collects any more is no matter at all.
    """
    whole = [each for each in sources if each.family is None and not each.unconfigured]
    if first := [each.name for each in whole if each.collecting and each.last_success_at is None]:
        do = "See how far it is on the Data health page; until its end, numbers lack what it has not read yet"
        yield Finding(WAITING, f"{named(first)}: the first collection is under way", do, "sources")
    told = _failed_trials(sources, credentials)
    for source in whole:
        if source.name not in told:
            yield from _source(source, running=running)
    said = remarks.together(remarks.said_by(sources), remarks.sizes(sources))
    yield from (Finding(NOTE, what, do, "sources") for what, do in said)


def of_credentials(sources: Sequence[SourceHealth], credentials: Credentials) -> Iterator[Finding]:
    """Yield what a credential was tried for in vain, or which of them nobody has tried yet."""
    yield from _untried(sources, credentials)
    for tried in _failed_trials(sources, credentials).values():
        yield _failed_trial(tried)
    for tried in credentials or ():
        for each in tried.permissions:
            if not each.granted:
                yield Finding(NOTE, f"{tried.source}: no permission for {each.what}", each.fix, "credentials")


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


def _source(source: SourceHealth, *, running: bool) -> Iterator[Finding]:
    run = source.last_run
    if source.last_error and source.passing:
        yield from _mending(source)
    elif source.last_error:
        yield Finding(BROKEN, f"{source.name}: {_unnamed(source.name, source.last_error)}", COLLECT, "sources")
    elif run and run.status == FAILED and not source.collecting and source.every_seconds is not None:
        yield Finding(BROKEN, f"{source.name}: its last collection failed: {run.error}", COLLECT, "sources")
    elif run and run.status == INTERRUPTED and not source.collecting:
        fix = "Nothing is lost, the next one goes on where it stopped; now: tribometer collect"
        yield Finding(NOTE, f"{source.name}: its last collection was cut off", fix, "sources")
    elif not source.collecting:
        yield from _age(source, running=running)


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


def _age(source: SourceHealth, *, running: bool) -> Iterator[Finding]:
    """Only what is collected on a schedule can be late."""
    fix = "Look into the log in the data folder, or now: tribometer collect"
    fix = fix if running else "Start tribometer up, which collects on schedule, or now: tribometer collect"
    if source.stale and source.age_seconds is not None and source.every_seconds is not None:
        due = interval(source.every_seconds)
        what = f"{source.name}: nothing new was collected for {duration_text(source.age_seconds)}, it is due {due}"
        yield Finding(NOTE, what, fix, "sources")
    elif source.last_success_at is None and source.every_seconds is not None:
        yield Finding(NOTE, f"{source.name}: it was never collected", fix, "sources")
