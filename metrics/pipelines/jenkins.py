"""Jenkinsfiles, as far as text can tell: stages by their braces, steps by their words, libraries as references.

A Jenkinsfile is a program. Nothing is executed: what a loop or a variable would make is not known, and a step within
`script` is read where it stands. Declarative pipelines are read fully, scripted ones stage by stage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metrics.pipelines.steps import Place, Reference, reference, step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from metrics.pipelines.files import Files
    from metrics.pipelines.steps import Step

TEXT = r"'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\""
COMMENT_OR_TEXT = re.compile(rf"({TEXT})|//[^\n]*|/\*.*?\*/", re.DOTALL)
TOKEN = re.compile(rf"{TEXT}|[A-Za-z_]\w*|[{{}}()\[\],;\n]|[^\s]", re.DOTALL)
LIBRARY = re.compile(r"@Library\s*\(([^)]*)\)|\blibrary\s*\(?\s*(?:identifier\s*:\s*)?(['\"][^'\"\n]+['\"])")
QUOTED = re.compile(r"['\"]([^'\"\n]+)['\"]")
WORD = re.compile(r"[A-Za-z_]\w*")
QUOTES = frozenset({"'", '"'})
BEGINNERS = frozenset({"\n", ";", "{", "}"})
"""Behind these a statement begins."""
OPENING, CLOSING = frozenset({"(", "[", "{"}), frozenset({")", "]", "}"})
BETWEEN = frozenset({"(", ")", "\n", ","})
SHELLS = frozenset({"sh", "bat", "powershell", "pwsh"})
STRUCTURE_WORDS = """
pipeline agent stages stage steps script parallel post environment options parameters triggers tools when input node def
if else for while try catch finally switch case return always success failure unstable changed cleanup aborted fixed
regression unsuccessful matrix axes axis excludes any none import new in env params withEnv withCredentials timeout
retry dir timestamps ansiColor lock container docker label image expression branch not allOf anyOf library true false
null println
"""
STRUCTURE = frozenset(STRUCTURE_WORDS.split())
"""Words that are no step of their own: what stands in their braces is."""
MOST_CHARACTERS = 1_000_000
BUILT_IN_WORDS = """
echo checkout junit archiveArtifacts stash unstash build git cleanWs deleteDir error readFile writeFile sleep mail
emailext slackSend publishHTML milestone waitUntil unstable recordIssues readJSON readYaml writeJSON fileExists
properties
"""
BUILT_IN = frozenset(BUILT_IN_WORDS.split())
"""What Jenkins and common plugins know by themselves; with a library, another word is a function of it."""


def fits(path: str) -> bool:
    """Whether a file is a Jenkinsfile by its name."""
    name = path.rpartition("/")[2]
    return name.startswith("Jenkinsfile") or name.endswith(".jenkinsfile")


def steps(path: str, files: Files) -> Iterator[Step]:
    """Yield the steps of every stage; a call of a shared library's function is a reference."""
    text = COMMENT_OR_TEXT.sub(lambda found: found[1] or " ", files.text(path)[:MOST_CHARACTERS])
    libraries = list(_libraries(text))
    found = [_made(path, call, libraries) for call in _calls(_tokens(text))]
    yield from found
    if not any(each.reference for each in found):
        yield from (step(Place(path, "library"), {}, reference=each) for each in libraries)


def _made(path: str, call: Call, libraries: Sequence[Reference]) -> Step:
    place = Place(path, call.stages[-1] if call.stages else "pipeline", call.stages)
    if call.word in SHELLS:
        quoted = (_unquoted(each) for each in call.given if each[:1] in QUOTES)
        return step(place, {"shell": call.word}, command=next(quoted, " ".join(call.given)))
    given = {"given": [_unquoted(each) for each in call.given]}
    if call.word in BUILT_IN or not libraries:
        return step(place, {"call": call.word, **given}, names=(call.word,))
    taken = Reference(f"{libraries[0].target}/{call.word}", libraries[0].pin)
    return step(place, given, names=(call.word,), reference=taken)


def _libraries(text: str) -> Iterator[Reference]:
    for listed, one in LIBRARY.findall(text):
        yield from (reference(each) for each in QUOTED.findall(listed or one))


def _tokens(text: str) -> list[str]:
    return TOKEN.findall(LIBRARY.sub(" ", text))


def _unquoted(text: str) -> str:
    """What stands between quotes, any other text as it is."""
    for mark in ("'''", '"""', "'", '"'):
        if text.startswith(mark) and text.endswith(mark) and len(text) >= 2 * len(mark):
            return text[len(mark) : -len(mark)]
    return text


@dataclass(frozen=True)
class Call:
    """A call that begins a statement: the stages around it, its word, and what it is given."""

    stages: tuple[str, ...]
    word: str
    given: tuple[str, ...]


def _calls(tokens: list[str]) -> Iterator[Call]:
    """Every call that begins a statement."""
    braces: list[str] = []
    coming, begins, at = "", True, 0
    while at < len(tokens):
        each = tokens[at]
        is_call = begins and _is_call(tokens, at)
        is_stage = begins and each == "stage"
        begins = each in BEGINNERS
        at += 1
        if each == "{":
            braces.append(coming)
            coming = ""
        elif each == "}":
            del braces[-1:]
        elif is_stage:
            at, given = _given(tokens, at)
            coming = _unquoted(given[0]) if given else ""
        elif is_call:
            at, given = _given(tokens, at)
            yield Call(tuple(name for name in braces if name), each, tuple(given))


def _is_call(tokens: list[str], at: int) -> bool:
    """Whether a word is called: something is given to it, or a block."""
    word, after = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else "\n"
    if word in STRUCTURE or not WORD.fullmatch(word):
        return False
    return after[:1] in {"(", "{", "[", *QUOTES} or WORD.fullmatch(after) is not None


def _given(tokens: list[str], at: int) -> tuple[int, list[str]]:
    """What stands behind a word up to the end of its line or the begin of its block; and where that is."""
    given: list[str] = []
    depth = 0
    while at < len(tokens):
        each = tokens[at]
        if depth == 0 and each in BEGINNERS:
            break
        depth += (each in OPENING) - (each in CLOSING)
        if depth < 0:
            break
        if each not in BETWEEN:
            given.append(each)
        at += 1
    return at, given
