"""What the doctor's facts mean: each finding says what is the matter and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tribometer.privacy import KEY_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BROKEN, NOTE = "broken", "note"
FOLDER_MODE, KEY_MODE = "0700", "0600"


def _finding(level: str, what: str, fix: str) -> dict[str, str]:
    return {"level": level, "what": what, "do": fix}


def findings(facts: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield what is broken or deserves a note, each with what to do."""
    yield from _configuration_findings(facts["configuration"])
    yield from _folder_findings(facts["data_folder"])
    for source in facts["sources"]:
        if source["last_error"]:
            yield _finding(
                BROKEN, f"{source['name']}: {source['last_error']}", "Put that right, then: tribometer collect"
            )
    for key in facts["coverage"]:
        if key["problem"]:
            fix = "See which events are out of the ordinary: tribometer explain with --rows, for one service at a time"
            yield _finding(BROKEN, f"{key['metric']} cannot be computed: {key['problem']}", fix)
        if key["status"] == "low_coverage":
            what = f"{key['metric']} is hidden: too little of {key['coverage']['of']}"
            yield _finding(NOTE, what, f"See which units: tribometer explain {key['metric']} --rows")
    if facts["rejected"]["count"]:
        what = f"{facts['rejected']['count']} events could not land and are kept"
        yield _finding(NOTE, what, "Correct what the reasons say, or after an update: tribometer import --resend")
    for found in facts["unmapped_environments"]:
        what = f"environment {found['environment']!r} has no tier: its {found['deployments']} deployments do not count"
        yield _finding(NOTE, what, f"If it is production, put under [environments]: {found['line']}")


def _configuration_findings(configuration: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    if configuration["problem"]:
        yield _finding(BROKEN, configuration["problem"], "Put that right, then: tribometer collect")
    for secret in configuration["secrets"]:
        if secret["problem"]:
            yield _finding(BROKEN, f"{secret['key']} has no value", secret["problem"])
    if not configuration["sources"]:
        what = "no sources are configured and this is not inside a git clone"
        yield _finding(NOTE, what, "Write [[sources]] into tribometer.toml, or run this inside a clone.")


def _folder_findings(folder: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    path = folder["path"]
    if not folder["exists"]:
        yield _finding(NOTE, f"{path} does not exist: nothing was collected yet", "Run: tribometer up")
    elif folder["mode"] != FOLDER_MODE:
        yield _finding(BROKEN, f"{path} has mode {folder['mode']}, others may look in", f"Run: chmod 700 {path}")
    if folder["key_file_mode"] not in {None, KEY_MODE}:
        what = f"{KEY_FILE} has mode {folder['key_file_mode']}, others may read it"
        yield _finding(BROKEN, what, f"Run: chmod 600 {path}/{KEY_FILE}")
