"""Pipeline files as steps: every tool, what is local, what changes nothing, and what a hostile file may do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.pipelines import Reference, Step, read
from metrics.pipelines.documents import MOST_NODES, UnreadableError, documents, mapping

WORKFLOW = ".github/workflows/ci.yml"
SHA = "11bd71901bbe5b1630ceea73d27597364c9af683"
PATHS = (WORKFLOW, ".gitlab-ci.yml", ".circleci/config.yml", ".buildkite/pipeline.yml", "Jenkinsfile")
TEXTS = st.text(st.sampled_from("jobs: stepunl-&*a<[]{}'\"\n #|>!@./x0"), max_size=200)
WORDS = st.sampled_from(["jobs", "steps", "uses", "run", "name", "script", "extends", "include", "orbs", "a", "./a"])
VALUES = st.recursive(
    st.one_of(WORDS, st.integers(0, 3), st.none(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=20,
)


def labels(path: str, text: str, **others: str) -> list[str]:
    return [each.label for each in read({path: text, **others}).steps]


def references(path: str, text: str) -> list[Reference]:
    return [each.reference for each in read({path: text}).steps if each.reference]


def only(path: str, text: str) -> Step:
    [found] = read({path: text}).steps
    return found


def job(*steps: str) -> str:
    return "jobs:\n  ci:\n    steps:\n" + "".join(f"    - {each}\n" for each in steps)


def test_a_workflow_has_the_steps_of_its_jobs() -> None:
    text = job("uses: actions/checkout@v4", "{name: Lint, run: 'ruff   check .'}")

    assert labels(WORKFLOW, text) == ["actions/checkout", "ruff check ."]


def test_a_step_is_found_by_its_own_words_its_jobs_and_its_pipelines() -> None:
    step = only(WORKFLOW, "name: Delivery\n" + job("{name: Unit tests, run: pytest}"))

    assert step.keys == {"unit-tests": 1, "pytest": 1, "ci": 2, "delivery": 3}


@pytest.mark.parametrize(
    ("pin", "pinned"),
    [(SHA, "sha"), ("v4", "tag"), ("v4.1.0-rc.1", "tag"), ("main", "branch"), ("feature/x", "branch")],
)
def test_a_pin_is_a_sha_a_tag_or_a_branch(pin: str, pinned: str) -> None:
    [found] = references(WORKFLOW, job(f"uses: acme/lint@{pin}"))

    assert (found.target, found.pin, found.pinned) == ("acme/lint", pin, pinned)


def test_the_comment_behind_a_sha_tells_its_version() -> None:
    [found] = references(WORKFLOW, job(f"uses: acme/lint@{SHA} # v4.2.2"))

    assert (found.pinned, found.noted) == ("sha", "v4.2.2")


def test_versions_are_kept_apart_from_what_a_step_does() -> None:
    one, other = (only(WORKFLOW, job(f"uses: acme/lint@{pin}")) for pin in ("v1", "v2"))

    assert (one.digest, one.reference) != (other.digest, other.reference)
    assert one.digest == other.digest


def test_a_local_workflow_stands_where_it_is_called_and_only_there() -> None:
    reusable = "on: {workflow_call: {}}\njobs: {unit: {steps: [{run: pytest}]}}"

    found = labels(WORKFLOW, "jobs: {t: {uses: ./.github/workflows/re.yml}}", **{".github/workflows/re.yml": reusable})

    assert found == ["pytest"]
    assert labels(".github/workflows/re.yml", reusable) == ["pytest"]


def test_a_composite_action_of_the_repository_is_resolved_and_an_absent_one_is_no_reference() -> None:
    action = "runs: {using: composite, steps: [{run: pip install .}, {uses: acme/x@v1}]}"

    found = labels(WORKFLOW, job("uses: ./.github/actions/setup"), **{".github/actions/setup/action.yml": action})

    assert found == ["pip install .", "acme/x"]
    assert references(WORKFLOW, job("uses: ./.github/actions/setup")) == []


def test_workflows_that_call_each_other_come_to_an_end() -> None:
    one = "jobs: {a: {uses: ./.github/workflows/b.yml}}"
    other = "jobs: {b: {uses: ./.github/workflows/a.yml}}"

    found = read({".github/workflows/a.yml": one, ".github/workflows/b.yml": other})

    assert [each.place.job for each in found.steps] == ["a/b/a/b/a", "b/a/b/a/b"]


def test_gitlab_resolves_includes_extends_anchors_and_references() -> None:
    text = """
include: [{local: /ci/lint.yml}, {project: acme/ci, ref: v2, file: deploy.yml}, {component: gitlab.com/acme/scan@1.2.0}]
.base: {before_script: [make prepare]}
.common: &common {tags: [linux]}
test: {<<: *common, extends: .base, stage: test, script: [make test, !reference [.base, before_script]]}
"""
    found = read({".gitlab-ci.yml": text, "ci/lint.yml": "lint: {script: ruff check}"})

    assert [each.label for each in found.steps] == [
        "acme/ci/deploy.yml", "gitlab.com/acme/scan", "ruff check", "make prepare", "make test", "make prepare",
    ]  # fmt: skip
    assert [each.reference.pin for each in found.steps if each.reference] == ["v2", "1.2.0"]


def test_gitlab_jobs_that_extend_each_other_come_to_an_end() -> None:
    assert labels(".gitlab-ci.yml", "a: {extends: b, script: x}\nb: {extends: a}") == ["x", "x"]


def test_circleci_resolves_commands_and_pins_an_orb_by_its_full_version_only() -> None:
    text = """
orbs: {node: circleci/node@5.1.0, aws: circleci/aws@5}
commands: {prepare: {steps: [{run: make prepare}]}}
jobs: {b: {steps: [checkout, prepare, node/install, aws/setup, {run: {name: T, command: make}}]}, unused: {steps: [no]}}
workflows: {m: {jobs: [b, node/test, {hold: {type: approval}}]}}
"""
    assert labels(".circleci/config.yml", text) == [
        "checkout", "make prepare", "circleci/node/install", "circleci/aws/setup", "make", "circleci/node/test",
    ]  # fmt: skip
    assert [each.pinned for each in references(".circleci/config.yml", text)] == ["fixed", "tag", "fixed"]


def test_buildkite_has_commands_plugins_groups_and_triggers() -> None:
    text = """
steps:
- {label: Test, command: make test, plugins: [{docker#v5.1.0: {image: x}}]}
- wait
- {group: ship, steps: [{commands: [one, two]}]}
- {trigger: deploy}
"""
    assert labels(".buildkite/pipeline.yml", text) == ["docker", "make test", "one", "two", "deploy"]


DECLARATIVE = """
@Library('acme-shared@v3') _
pipeline {
  agent any
  stages {
    stage('Build') { steps { sh 'make build' // not: sh 'other'
      junit 'r.xml'
      deployIt(env: 'prod') } }
    stage("Test") { parallel { stage('Unit') { steps { sh(script: "make test", returnStdout: true) } } } }
  }
}
"""


def test_a_declarative_jenkinsfile_has_its_stages_and_takes_its_library_by_reference() -> None:
    found = read({"Jenkinsfile": DECLARATIVE}).steps

    assert [(each.place.stages, each.label) for each in found] == [
        (("Build",), "make build"),
        (("Build",), "junit"),
        (("Build",), "acme-shared/deployIt"),
        (("Test", "Unit"), "make test"),
    ]
    assert [each.reference.pin for each in found if each.reference] == ["v3"]


def test_a_scripted_jenkinsfile_is_read_stage_by_stage() -> None:
    text = "node('linux') {\n stage('Test') {\n  if (x) { sh '''\n   make   test\n''' }\n }\n}"

    assert labels("Jenkinsfile", text) == ["make test"]


def test_a_library_that_is_only_loaded_is_a_reference_still() -> None:
    assert labels("Jenkinsfile", "library 'acme@main'\nnode { sh 'x' }") == ["x", "acme"]


def test_names_comments_blanks_and_the_order_of_keys_change_nothing() -> None:
    one = "name: A\non: push\njobs:\n  a:\n    steps:\n    - name: T\n      env: {B: 1, C: 2}\n      run: make   test\n"
    other = "# said\njobs: {a: {steps: [{run: 'make test', env: {C: 2, B: 1}}]}}\nname: B\n'on': push"

    assert read({WORKFLOW: one}).digest == read({WORKFLOW: other}).digest


@pytest.mark.parametrize("change", ["{run: make tests}", "{run: make test, if: always()}", "{uses: acme/test@v1}"])
def test_another_command_condition_or_action_is_another_pipeline(change: str) -> None:
    assert read({WORKFLOW: job("{run: make test}")}).digest != read({WORKFLOW: job(change)}).digest


def test_every_scalar_stays_the_text_that_was_written() -> None:
    assert mapping("on: yes\npython: 3.10\nat: 2026-99-99") == {"on": "yes", "python": "3.10", "at": "2026-99-99"}


def test_an_alias_bomb_is_refused_and_the_other_files_are_read() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    found = read({WORKFLOW: "\n".join(lines), ".gitlab-ci.yml": "a: {script: x}"})

    assert found.problems == {WORKFLOW: f"it has more than {MOST_NODES:,} parts with its aliases written out"}
    assert [each.label for each in found.steps] == ["x"]


@pytest.mark.parametrize("text", ["a: &a [*a]", "[" * 5000, "a: [", "x" * 1_000_001, "*none", "\x00", "!!python/x [}"])
def test_a_hostile_text_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(UnreadableError, match=r"it |alias"):
        list(documents(text))


def test_no_tag_makes_an_object() -> None:
    assert mapping("a: !!python/object/apply:os.system [echo]") == {"a": ["echo"]}


@settings(max_examples=200)
@given(st.sampled_from(PATHS), TEXTS)
def test_any_text_is_read_without_an_error_and_twice_the_same(path: str, text: str) -> None:
    assert read({path: text}) == read({path: text})


def shuffled(value: Any) -> Any:
    """The same value with the keys of every mapping the other way round."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(list(value))}
    return [shuffled(each) for each in value] if isinstance(value, list) else value


@settings(max_examples=200)
@given(st.sampled_from(PATHS[:4]), st.dictionaries(WORDS, VALUES, max_size=5))
def test_any_document_means_the_same_whatever_the_order_of_its_keys(path: str, document: dict[str, Any]) -> None:
    one, other = (read({path: json.dumps(each)}) for each in (document, shuffled(document)))

    assert one.digest == other.digest
    assert sorted(each.digest for each in one.steps) == sorted(each.digest for each in other.steps)


@given(st.lists(st.sampled_from(["make test", "ruff check", "echo 1"]), min_size=1, max_size=5), st.integers(0, 3))
def test_comments_and_blanks_between_steps_change_nothing(commands: list[str], blanks: int) -> None:
    plain = job(*(f"run: {each}" for each in commands))
    commented = plain.replace("    - ", "    # said\n" + "\n" * blanks + "    -   ")

    assert read({WORKFLOW: plain}).steps == read({WORKFLOW: commented}).steps
