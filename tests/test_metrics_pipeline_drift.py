"""Pipeline drift (G6): the score, its components, every named difference, and what cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import isclose
from random import Random
from typing import Any

import pytest

import factories as make
import plain_drift
from factories import Event, day
from metric_answers import NOW, landed
from metrics import Query, compute, unit_rows
from metrics.pipeline_drift import diversity
from plain_drift import Ways
from tribometer.settings import Deviation, Drift, GoldenPath, Rules

FOUR_WEEKS = {"start": day(0), "end": day(28)}
RULES = Rules()
SHA = "11bd71901bbe5b1630ceea73d27597364c9af683"
GOLDEN = "acme/platform/.github/workflows/deploy.yml"
DEPLOYED = [make.deployment("d", "api", day(1), path="golden")]


def answer(events: Sequence[Event], rules: Rules = RULES, **options: Any) -> dict[str, Any]:
    with landed(events, rules=rules) as reader:
        result = compute(reader, Query("pipeline_drift", **{**FOUR_WEEKS, "now": NOW, **options}), rules)
    return {**result.to_dict(), "hint": result.hint}


def rows(events: Sequence[Event], rules: Rules = RULES, **options: Any) -> list[dict[str, Any]]:
    with landed(events, rules=rules) as reader:
        return list(unit_rows(reader, Query("pipeline_drift", **{**FOUR_WEEKS, "now": NOW, **options}), rules))


def evidence(events: Sequence[Event], rules: Rules = RULES, **options: Any) -> dict[str, Any]:
    [row] = rows(events, rules, **options)
    found: dict[str, Any] = row["evidence"]
    return found


def release(number: int, *steps: str, template: str = "svc", at: float = -100) -> Event:
    told = {"template": template, "release": f"v{number}", "released_at": day(at + number), "steps": list(steps)}
    return make.event("template_release", f"{template}@v{number}", **told)


def pipeline(name: str = "api", at: float = -3, path: str = ".github/workflows/ci.yml", /, **fields: Any) -> Event:
    return make.event(
        "pipeline_definition", f"{name}/{path}@{at}", repository=name, path=path, observed_at=day(at), **fields
    )


def workflow(*steps: str) -> str:
    return "jobs:\n  ci:\n    steps:\n" + "".join(f"    - {each}\n" for each in steps)


def test_the_acceptance_vector_of_drift_is_33_and_a_half() -> None:
    """T15: r = 0.6, three releases behind, s = 0.3, b = 0.1."""
    required = [f"acme/step{n}" for n in range(10)]
    mine = pipeline(
        uses=[f"acme/step{n}@{SHA}" for n in range(6)], steps=["step6"], template="svc", template_release="v1"
    )
    # a bare name stands for nothing that is taken from elsewhere: the golden path asks for it by the name
    required[6] = "step6"
    deployments = [
        make.deployment(f"d{n}", "api", day(n + 1), path="manual" if n == 0 else "golden") for n in range(10)
    ]

    result = answer([*(release(n, *required) for n in range(1, 5)), mine, make.service("api"), *deployments])

    components = [result[name] for name in ("by_reference", "version_lag", "step_distance", "bypassed")]
    assert components == pytest.approx([0.6, 0.5, 0.3, 0.1])
    assert (result["status"], result["unit"]) == ("ok", "points")
    assert result["value"] == pytest.approx(33.5)
    assert [part["value"] for part in result["parts"]] == pytest.approx([14, 10, 7.5, 2])


def test_the_acceptance_vector_of_diversity_is_four_pipelines_as_diverse_as_three_and_a_third() -> None:
    """T16: variants with shares of 50, 25, 12.5 and 12.5 %."""
    found = diversity([*"aaaabbcd"])

    assert (found["distinct_pipelines"], round(found["effective_pipelines"], 2)) == (4, 3.36)


def test_an_organisation_is_told_by_the_median_of_its_services_and_by_how_different_they_are() -> None:
    texts = {"a": "run: make", "b": "run: make", "c": "run: ship"}
    events = [release(1, "make")]
    for name, step in texts.items():
        events += [make.service(name), pipeline(name, content=workflow(step), template="svc", template_release="v1")]
        events += [make.deployment(f"d-{name}", name, day(1), path="golden")]

    result = answer(events)

    assert (result["services"]["ok"], result["distinct_pipelines"]) == (3, 2)
    assert result["effective_pipelines"] == pytest.approx(1.8899, abs=1e-4)
    assert result["value"] == pytest.approx(35)
    assert result["reuse"] == {"copy and paste": 2, "nothing shared": 1}


def test_every_difference_is_named() -> None:
    text = workflow(
        "uses: actions/checkout@v4", f"uses: acme/lint@{SHA}", "{name: Unit tests, run: pytest}", "run: other"
    )
    releases = [release(n, "checkout", "lint", "unit-tests", "sign") for n in (1, 2, 3)]
    other = pipeline("api", -3, ".github/workflows/more.yml", content=workflow("{name: Unit tests, run: tox}"))
    mine = pipeline(content=text, template="svc", template_release="v1")

    found = evidence([*releases, mine, other, make.service("api"), *DEPLOYED])

    assert found["differences"] == [
        "2 releases behind: v1, newest v3",
        "2 variants: unit-tests",
        "copied instead of referenced: unit-tests",
        "extra step: other",
        "missing step: sign",
        "unpinned action: actions/checkout@v4 (tag)",
    ]
    assert (found["referenced"], found["required"], found["reuse"]) == (2, 4, "shared steps")
    assert (found["common_weight"], found["whole_weight"]) == (3.0, 5.0)


def test_the_golden_workflow_supplies_the_steps_of_the_release_it_is_pinned_to() -> None:
    rules = Rules(golden_path=GoldenPath(templates=("svc",), workflows=(f"{GOLDEN}@*",)))
    text = f"jobs: {{ship: {{uses: {GOLDEN}@v1}}}}"
    events = [release(1, "build", "test"), release(2, "build", "test", "sign"), make.service("api"), *DEPLOYED]

    found = evidence([*events, pipeline(content=text)], rules)

    assert found["differences"] == [
        "1 release behind: v1, newest v2", "missing step: sign", f"unpinned action: {GOLDEN}@v1 (tag)",
    ]  # fmt: skip
    assert (found["by_reference"], found["step_distance"]) == pytest.approx((2 / 3, 1 / 3))
    assert found["reuse"] == "extended template"


@pytest.mark.parametrize(
    ("pin", "behind", "reuse"),
    [
        ("v1", 2, "pinned template"),
        ("v3", 0, "managed inheritance"),
        ("main", 0, "managed inheritance"),
        (f"{SHA} # v2", 1, "pinned template"),
        (SHA, None, "nothing shared"),
        ("v9", None, "nothing shared"),
    ],
)
def test_a_pin_tells_the_release_or_that_nobody_knows_it(pin: str, behind: int | None, reuse: str) -> None:
    rules = Rules(golden_path=GoldenPath(workflows=(f"{GOLDEN}@*",)))
    text = f"jobs:\n  ship:\n    uses: {GOLDEN}@{pin}\n"

    [row] = rows(
        [*(release(n, "build") for n in (1, 2, 3)), pipeline(content=text), make.service("api"), *DEPLOYED], rules
    )

    assert (row["evidence"]["releases_behind"], row["evidence"]["reuse"]) == (behind, reuse)
    assert row["rule"] == (None if behind is not None else "unknown_release")


def test_a_pipeline_that_names_no_release_is_behind_all_of_them_and_six_count_in_full() -> None:
    events = [*(release(n, "make") for n in range(1, 9)), pipeline(content=workflow("run: make")), make.service("api")]

    found = evidence([*events, *DEPLOYED])

    assert (found["releases_behind"], found["version_lag"]) == (8, 1.0)


def deviation(step: str, until: date) -> Rules:
    return Rules(deviations=(Deviation(service="api", step=step, owner="team-a", until=until, why="a reason"),))


@pytest.mark.parametrize("step", ["sign", "other"])
def test_an_approved_deviation_leaves_the_distance_until_it_expires(step: str) -> None:
    content = workflow("run: make", "run: other")
    events = [release(1, "make", "sign"), pipeline(content=content), make.service("api"), *DEPLOYED]
    last_day, before = date(2026, 2, 1), date(2026, 1, 31)

    approved, expired = (evidence(events, deviation(step, until)) for until in (last_day, before))

    assert (approved["step_distance"], expired["step_distance"]) == pytest.approx((1 / 2, 2 / 3))
    assert approved["deviations"] == [f"approved: {step}, team-a until 2026-02-01: a reason"]
    assert expired["deviations"] == [f"expired: {step}, team-a until 2026-01-31: a reason"]
    named = [each for each in expired["differences"] if each not in approved["differences"]]
    assert named == [f"missing step: {step}" if step == "sign" else f"extra step: {step}"]
    assert approved["by_reference"] == expired["by_reference"]


def test_weights_of_components_and_steps_are_settings() -> None:
    drift = Drift(reference=0, version=0, steps=1, bypass=0, step_weights={"sign*": 3})
    events = [release(1, "make", "sign"), pipeline(content=workflow("run: make")), make.service("api"), *DEPLOYED]

    assert answer(events, Rules(drift=drift))["value"] == pytest.approx(75)


def test_a_file_that_is_ignored_has_no_steps() -> None:
    rules = Rules(drift=Drift(ignore=("*/stale.yml",)))
    stale = pipeline("api", -3, ".github/workflows/stale.yml", content=workflow("run: other"))
    events = [release(1, "make"), stale, pipeline(content=workflow("run: make")), make.service("api"), *DEPLOYED]

    assert (evidence(events)["extra_steps"], evidence(events, rules)["extra_steps"]) == (1, 0)


@pytest.mark.parametrize(
    ("events", "word"),
    [([release(1, "make")], "pipeline_definition"), ([pipeline(content=workflow("run: make"))], "template_release")],
)
def test_what_no_source_tells_is_not_observable_and_the_hint_names_what_would_tell(
    events: list[Event], word: str
) -> None:
    result = answer([*events, make.service("api"), *DEPLOYED])

    assert (result["status"], result["value"]) == ("not_observable", None)
    assert word in result["hint"]


@pytest.mark.parametrize(
    ("deployments", "rule"),
    [([], "no_deployments"), ([make.deployment("d", "api", day(1))], "unknown_path")],
)
def test_without_a_deployment_that_tells_its_path_there_is_no_score_but_the_rest_stands(
    deployments: list[Event], rule: str
) -> None:
    events = [release(1, "make"), pipeline(content=workflow("run: make")), make.service("api"), *deployments]

    result = answer(events)

    assert (result["status"], result["value"], result["exclusions"]) == ("no_data", None, {rule: 1})
    assert evidence(events)["differences"] == [
        "1 release behind: tied to none, newest v1",
        "copied instead of referenced: make",
    ]


def test_a_service_of_no_golden_template_among_several_has_no_yardstick() -> None:
    events = [release(1, "make"), release(1, "ship", template="other"), pipeline(content=workflow("run: make"))]

    assert answer([*events, make.service("api"), *DEPLOYED])["exclusions"] == {"no_golden_path": 1}
    assert answer([*events, make.service("api", template="svc"), *DEPLOYED])["missing_steps"] == 0


def test_a_series_tells_each_period_as_it_stood_at_its_end() -> None:
    first, second = pipeline(content=workflow("run: other")), pipeline("api", 8, content=workflow("run: make"))
    deployments = [make.deployment(f"d{n}", "api", day(n), path="golden") for n in (1, 8, 15)]
    events = [release(1, "make"), first, second, make.service("api"), *deployments]

    result = answer(events, by="week")

    told = [(each["status"], each["value"] and round(each["value"], 2)) for each in result["series"]]
    assert told == [("ok", 63.33), ("ok", 38.33), ("ok", 38.33), ("no_data", None)]
    assert (result["value"], result["n"]) == (answer(events)["value"], 1)


def test_an_unreadable_file_is_named_and_does_not_hide_the_others() -> None:
    broken = pipeline("api", -3, ".gitlab-ci.yml", content="a: [")
    events = [release(1, "make"), broken, pipeline(content=workflow("run: make")), make.service("api"), *DEPLOYED]

    found = evidence(events)

    assert found["missing_steps"] == 0
    assert any(each.startswith("unreadable: .gitlab-ci.yml: it is no YAML") for each in found["differences"])


def test_weights_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        Drift(reference=0.5)


STEPS = ("make", "lint", "sign", "unit tests", "scan", "publish")
TAKEN = ("acme/lint", "acme/scan", "acme/other", GOLDEN)
PINS = ("v1", "v2", "v3", "main", SHA)


def organisation(random: Random) -> list[Event]:
    """Services with definitions, releases of one or two templates, and deployments."""
    templates = ["svc", "classic"][: random.randint(1, 2)]
    events = []
    for template in templates:
        for number in range(1, random.randint(2, 4)):
            required = [*random.sample(STEPS, random.randint(1, 4)), *random.sample(TAKEN[:2], random.randint(0, 2))]
            events.append(release(number, *required, template=template, at=random.choice([-100, 5])))
    for name in ("api", "web", "job"):
        known = random.choice([*templates, None])
        events.append(make.service(name, template=random.choice([known, None])))
        for number in range(random.randint(0, 3)):
            uses = [f"{each}@{random.choice(PINS)}" for each in random.sample(TAKEN, random.randint(0, 3))]
            told = {
                "steps": random.sample(STEPS, random.randint(0, 4)),
                "uses": uses,
                "template": known,
                "template_release": random.choice(["v1", "v2", None]) if known else None,
            }
            events.append(pipeline(name, random.uniform(-5, 27), f".github/workflows/{number % 2}.yml", **told))
        for number in range(random.randint(0, 4)):
            path = random.choice(["golden", "other", "manual", None])
            events.append(
                make.deployment(f"{name}{number}", name, day(random.uniform(-2, 27)), path=path, sha=f"{number}")
            )
    return events


def differing(expected: Mapping[str, plain_drift.Drift], found: Sequence[Mapping[str, Any]]) -> list[str]:
    told = []
    for row in found:
        mine, named = expected[row["service"]], row["evidence"]["differences"] or []
        shown = [row["evidence"][each] for each in ("by_reference", "version_lag", "step_distance", "bypassed")]
        pairs = [*zip(mine.components, shown, strict=True), (mine.value if row["counted"] else None, row["value"])]
        told += [f"{row['service']}: {a} is {b}" for a, b in pairs if (a is None) != (b is None)]
        told += [
            f"{row['service']}: {a} is {b}" for a, b in pairs if a is not None and b is not None and not isclose(a, b)
        ]
        if mine.reason != row["rule"]:
            told.append(f"{row['service']}: {mine.reason} is {row['rule']}")
        missing = {each.removeprefix("missing step: ") for each in named if each.startswith("missing step: ")}
        extra = {each.removeprefix("extra step: ") for each in named if each.startswith("extra step: ")}
        if not (missing <= mine.missing and extra <= mine.extra):
            told.append(f"{row['service']}: {missing} and {extra}")
    return told


@pytest.mark.parametrize("seed", range(12))
def test_the_score_is_what_plain_python_says(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - nothing here is secret
    events = organisation(random)
    ways = Ways(
        workflows=random.choice([(), (f"{GOLDEN}@*",)]),
        step_weights=random.choice([{}, {"s*": 3.0}]),
        templates=random.choice([(), ("s*",)]),
        deviations=(("api", random.choice(STEPS), random.choice([date(2026, 2, 1), date(2026, 1, 31)])),),
    )
    rules = Rules(
        golden_path=GoldenPath(templates=ways.templates, workflows=ways.workflows),
        drift=Drift(step_weights=dict(ways.step_weights)),
        deviations=tuple(
            Deviation(service=who, step=step, owner="a", until=until, why="b") for who, step, until in ways.deviations
        ),
    )

    expected = plain_drift.compute(events, day(0), day(28), ways)
    found = rows(events, rules)

    assert sorted(row["service"] for row in found) == sorted(expected)
    assert differing(expected, found) == []
