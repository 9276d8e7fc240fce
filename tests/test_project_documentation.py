"""The reference pages say what the program is, and the program says enough to be put on a page."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import pytest
import typer
from fastapi import FastAPI, Query
from pydantic import BaseModel

from collectors.http.server import ServerSettings
from metrics import CATALOGUE
from metrics.edge_rules import EDGE_RULES
from metrics.wording import RULES
from tribometer.errors import TribometerError
from tribometer.events import EVENT_TYPES
from tribometer.service.documentation import Undocumented, write
from tribometer.service.documentation.commands_page import commands
from tribometer.service.documentation.facts_page import names
from tribometer.service.documentation.markdown import anchor, plain, said, table
from tribometer.service.documentation.routes_page import operations
from tribometer.service.documentation.settings_page import described
from tribometer.service.documentation.shapes import default, kind
from tribometer.service.documentation.sources_page import laid_out, section

ROOT = Path(__file__).parents[1]
MEND = "python -m tribometer.service.documentation docs"
PAGES = ("metrics.md", "facts.md", "friction.md", "events.md", "settings.md", "sources.md", "commands.md", "routes.md")
GUIDES = ("connect.md", "add-a-source.md", "surveys.md")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Return the pages as they come out of the program now, by the name of the file."""
    folder = tmp_path_factory.mktemp("made") / "docs"
    write(folder)
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def places(path: Path) -> set[str]:
    """Return what a link to a Markdown file may name in it."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {anchor(heading) for heading in headings} | set(re.findall(r'<a id="([^"]+)">', text))


def dead_links(path: Path) -> Iterator[str]:
    """Yield the links of a Markdown file within this repository that lead nowhere."""
    for file, place in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        target = path.parent / file if file else path
        if not target.exists() or (place and place not in places(target)):
            yield f"{file}#{place}"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_in_docs_is_what_the_program_makes_now(made: Mapping[str, str], name: str) -> None:
    stored = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert stored == made[name], f"docs/{name} has drifted from the program. Mend it with: {MEND}"


def test_every_page_that_is_made_is_compared_and_linked_from_the_readme(made: Mapping[str, str]) -> None:
    readme = (ROOT / "README.md").read_text()
    assert set(made) == set(PAGES)
    assert [name for name in (*PAGES, *GUIDES) if f"(docs/{name})" not in readme] == []


def test_just_docs_runs_the_command_that_mends_a_page() -> None:
    recipe = re.search(r"^docs:\n    (.+)$", (ROOT / "justfile").read_text(), re.MULTILINE)
    assert recipe
    assert recipe[1] == "{{bin}}" + MEND


@pytest.mark.parametrize("path", ["README.md", *(f"docs/{name}" for name in (*PAGES, *GUIDES))])
def test_every_link_within_the_repository_leads_somewhere(path: str) -> None:
    assert list(dead_links(ROOT / path)) == []


def test_a_link_to_a_heading_that_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One thing\n\n[a](#one-thing) [b](#two) [c](other.md) [d](page.md#one-thing)\n")
    assert list(dead_links(page)) == ["#two", "other.md#"]


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_metric_is_told_with_formula_caveats_and_what_it_must_not_be_compared_with(
    made: Mapping[str, str], name: str
) -> None:
    metric = CATALOGUE[name]
    [section] = [part for part in made["metrics.md"].split("\n## ") if part.startswith(f"{metric.title}\n")]
    told = (metric.question, metric.formula, metric.source, *metric.caveats, *metric.not_comparable)
    assert [words for words in told if words not in section] == []
    assert metric.statistic is None or metric.sql.strip() in section


def test_every_rule_that_a_metric_names_is_told_in_full() -> None:
    named = {rule for metric in CATALOGUE.values() for rule in metric.rules}
    assert named - EDGE_RULES.keys() == set()
    assert {rule for rule in RULES if re.fullmatch(r"E\d+", rule)} - EDGE_RULES.keys() == set()


def test_every_fact_stands_with_its_sql(made: Mapping[str, str]) -> None:
    folder = ROOT / "metrics" / "facts"
    assert names() == sorted(path.stem for path in folder.glob("*.sql"))
    assert [name for name in names() if (folder / f"{name}.sql").read_text().strip() not in made["facts.md"]] == []


def test_every_event_type_stands_with_each_of_its_fields(made: Mapping[str, str]) -> None:
    sections = dict(part.split("\n", 1) for part in made["events.md"].split("\n## ")[1:])
    shared = set(re.findall(r"^\| `(\w+)`", sections["Fields of every event"], re.MULTILINE))
    for name, model in EVENT_TYPES.items():
        own = {field.alias or key for key, field in model.model_fields.items()}
        assert own <= shared | set(re.findall(r"^\| `(\w+)`", sections[name], re.MULTILINE)), name


def test_a_field_that_names_a_person_or_another_event_says_so(made: Mapping[str, str]) -> None:
    assert "| `author` | person |" in made["events.md"]
    assert "| `deployment` | id of a `deployment`, or {`source`, `id`} |" in made["events.md"]


def test_every_exit_code_of_an_error_is_explained(made: Mapping[str, str]) -> None:
    _, codes = made["commands.md"].split("## Exit codes")
    found = {TribometerError.exit_code}
    below = [TribometerError]
    while below:
        children = below.pop().__subclasses__()
        found |= {child.exit_code for child in children}
        below += children
    assert found <= {int(code) for code in re.findall(r"^\| (\d+) \|", codes, re.MULTILINE)}


class Described(BaseModel):
    """A table of settings."""

    folder: str = "."
    """Where things lie."""


class Undescribed(Described):
    """One more, with a key that says nothing."""

    depth: int = 1


def test_a_setting_is_described_by_the_text_below_it() -> None:
    assert described(Described) == {"folder": "Where things lie."}


def test_a_setting_without_a_text_cannot_be_put_on_a_page() -> None:
    with pytest.raises(Undocumented, match=r"Undescribed\.depth has no words.*give it a docstring"):
        described(Undescribed)


def run(deep: Annotated[bool, typer.Option("--deep")] = False) -> None:  # noqa: FBT002 - as typer has it
    """Do it."""


def stop() -> None:
    pass


@pytest.mark.parametrize(("command", "named"), [(run, "`deep` of `tool run`"), (stop, "the command `tool stop`")])
def test_a_command_or_an_option_without_help_cannot_be_put_on_a_page(command: Any, named: str) -> None:
    app = typer.Typer(add_completion=False)
    app.callback()(lambda: None)
    app.command()(command)
    with pytest.raises(Undocumented, match=re.escape(named)):
        list(commands(app, "tool"))


def documented(depth: Annotated[int, Query(description="how deep")] = 1) -> None:
    """Look."""


def wordless_parameter(depth: int = 1) -> None:
    """Look."""


def wordless_route() -> None:
    pass


def test_a_route_is_told_with_its_parameters() -> None:
    app = FastAPI()
    app.get("/look")(documented)
    [(name, body)] = operations(app.openapi(), "/api")
    assert name == "GET /api/look"
    assert body.startswith("Look.")
    assert "| `depth` | query | how deep |" in body


@pytest.mark.parametrize(
    ("route", "named"), [(wordless_route, "GET /api/look"), (wordless_parameter, "`depth` of GET /api/look")]
)
def test_a_route_or_a_parameter_without_words_cannot_be_put_on_a_page(route: Any, named: str) -> None:
    app = FastAPI()
    app.get("/look")(route)
    with pytest.raises(Undocumented, match=re.escape(f"{named} has no words")):
        list(operations(app.openapi(), "/api"))


def test_words_of_blanks_are_no_words() -> None:
    with pytest.raises(Undocumented, match="this has no words"):
        said(" \n", "this")


def test_a_docstring_becomes_one_line_a_paragraph() -> None:
    assert plain("One ``thing``\n    goes on.\n\n    Another.") == "One `thing` goes on.\n\nAnother."


def test_a_bar_within_a_table_is_no_end_of_a_cell() -> None:
    assert table(("way",), [["a|b"]]).splitlines()[-1] == r"| a\|b |"


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"type": "string"}, "text"),
        ({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}, "time"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 365}, "number > 0, ≤ 365"),
        ({"type": "integer", "minimum": 0, "maximum": 2**63 - 1}, "whole number ≥ 0"),
        ({"enum": ["yes", "no"]}, "`yes` or `no`"),
        ({"type": "array", "items": {"type": "object"}}, "list of tables"),
        ({"$ref": "#/$defs/Pair"}, "{`left`, `right`}"),
    ],
)
def test_a_shape_is_told_in_words(shape: dict[str, Any], words: str) -> None:
    assert kind(shape, {"Pair": {"properties": {"left": {}, "right": {}}}}) == words


@pytest.mark.parametrize(
    ("value", "words"), [(7.0, "`7`"), (0.5, "`0.5`"), (False, "`false`"), (None, "—"), ([], "—"), (["a"], '`["a"]`')]
)
def test_a_default_is_told_as_it_is_written_in_the_file(value: object, words: str) -> None:
    assert default({"default": value}) == words


def test_a_collectors_words_are_laid_out_with_their_lists_and_literal_blocks() -> None:
    told = laid_out("A file.\n\nColumns::\n\n    id,``x``\n    1,2\n\nand\nmore:\n\n- ``one``\n  thing\n- two")
    assert told == "A file.\n\nColumns:\n\n```\nid,``x``\n1,2\n```\n\nand more:\n\n- `one`\n  thing\n- two"


def test_a_collector_that_does_not_say_what_its_credential_must_allow_cannot_be_put_on_a_page() -> None:
    module = ModuleType("collectors.mute", "Mute: nothing.")
    module.SETTINGS = ServerSettings  # type: ignore[attr-defined] # as the module of a collector has it
    with pytest.raises(Undocumented, match=r"collectors\.mute\.PERMISSIONS has no words"):
        section("mute", module)
