import hashlib
import json

import pytest

from surveys import keys, scales
from surveys.form_words import LANGUAGES
from surveys.instrument import Instrument, shipped

DESIGN = {
    "pulse_v1": {
        "PU01": "Most working days I got at least one long stretch to concentrate.",
        "PU02": "Automated checks answered soon enough that I stayed on the task.",
        "PU03": "When a check went red, I expected the cause to be a real problem in the change.",
        "PU04": "Reviews came back before they held up my work.",
        "PU05": "Getting a finished change to users was simple.",
        "PU06": "Tools or procedures got in the way of my work.",
        "PU07": "I knew which work mattered most and why.",
        "PU08": "My workload was one I could keep up for months.",
        "PU09": "Hours last week spent waiting, re-running, chasing access or working around tooling.",
        "PU10": "The step that cost you most last week.",
    },
    "quarterly_v1": {
        "Q01": "I can try out a change on my machine or in a sandbox quickly.",
        "Q02": "The wait for build and test results fits the way I work.",
        "Q03": "Our automated checks fail only when something is wrong.",
        "Q04": "Review turnaround lets me keep moving.",
        "Q05": "Releasing is routine and calm.",
        "Q06": "I often wait for someone's permission before a safe change can go out.",
        "Q07": "I can understand the code I must change without undue effort.",
        "Q08": "I find trustworthy written answers when I need them.",
        "Q09": "When production misbehaves I can find out why.",
        "Q10": "Unplanned requests break up my day too often.",
        "Q11": "Goals stay stable long enough to finish what we start.",
        "Q12": "I can get environments, data and access without waiting on others.",
        "Q13": "The platform lets me complete my tasks without asking another team.",
        "Q14": "When a platform task fails, I am told what happened and what to do.",
        "Q15": "I have to leave the standard path to get my work done.",
        "Q16": "The platform team acts on what we report.",
        "Q17": "Being on call disturbs my life more than is fair.",
        "Q18": "I can raise bad news without it being held against me.",
        "Q19": "I am confident a change I ship will not break users.",
        "Q20": "Overall I can do my work effectively here.",
        "Q21": "Percent of the last three months spent on work that felt worthwhile.",
        "Q22": "Hours in a typical week lost to each.",
        "Q23": "Pick the three journeys that most affect your work.",
        "Q24": "Satisfaction with each journey.",
        "Q25": ("Likelihood of recommending this place to a developer friend, and the one thing you would change."),
    },
    "after_deploy_v1": {
        "TD1": "How easy was this deployment?",
        "TD2": "I was confident it would go well.",
        "TD3": "Minutes of your own attention it took.",
        "TD4": "What slowed it, if anything?",
    },
    "red_check_v1": {
        "TC1": "Was the failure caused by your change?",
        "TC2": "The message told me what to do next.",
        "TC3": "What did you do first?",
        "TC4": "I lost my train of thought because of it.",
    },
    "onboarding_v1": {
        "TO7a": "My machine, access and accounts were ready when I needed them.",
        "TO7b": "I have made or could make a small change by following the written steps.",
        "TO7c": "Days I was blocked this week.",
        "TO30a": "I know where to ask and get answers quickly.",
        "TO30b": "I understand how a change travels to production here.",
        "TO30c": "What held you back most?",
        "TO90a": "I can deliver a typical change without help.",
        "TO90b": "Onboarding took longer than it needed to.",
        "TO90c": "The one thing to fix for the next joiner.",
    },
    "provisioning_v1": {
        "TP1": "The request was easy to make.",
        "TP2": "It arrived when I needed it.",
        "TP3": "I could use it without further fixing.",
        "TP4": "Did you work around the wait?",
    },
}
REVERSED = {"PU06", "Q06", "Q10", "Q15", "Q17", "TC4", "TO90b", "DC6"}
NOT_AGREEMENT = {
    "PU09": "hours", "PU10": "choice", "Q21": "percent", "Q22": "hours", "Q23": "choices", "Q24": "satisfaction",
    "Q25": "score", "TD1": "ease", "TD3": "minutes", "TD4": "choice", "TC1": "yes_no", "TC3": "choice", "TO7c": "days",
    "TO30c": "choice", "TO90c": "text", "TP4": "choice", "DC1": "choice", "DC2": "choice", "DC3": "percent",
    "DC4": "choice", "DC5": "percent", "DC6": "frequency", "DC7": "percent",
}  # fmt: skip
JOURNEYS = (
    "builds", "flaky_checks", "review", "approval", "deploy", "environments", "information", "incidents", "meetings",
)  # fmt: skip
FINGERPRINTS = {
    "after_deploy_v1": "b4c3ae628384466a",
    "dora_core_v1": "4c967ec6f3600f64",
    "onboarding_v1": "85b93010c9f8d07e",
    "provisioning_v1": "3a62c55f03274c80",
    "pulse_v1": "9260fcac03d590af",
    "quarterly_v1": "9e229858fa628640",
    "red_check_v1": "ba1378c8c4d190ac",
}


def fingerprint(instrument: Instrument) -> str:
    """What a respondent reads and can answer; when it is asked may change without a new series."""
    seen = [
        [item.id, item.scale, item.text, item.reverse, item.most, *([each.id, each.label] for each in item.options),
         *([each.id, each.label] for each in item.rows)]
        for item in instrument.items
    ]  # fmt: skip
    return hashlib.sha256(json.dumps([instrument.about, seen], sort_keys=True).encode()).hexdigest()[:16]


def test_the_seven_instruments_are_shipped() -> None:
    assert set(shipped()) == {*DESIGN, "dora_core_v1"}
    assert all(slug == instrument.slug for slug, instrument in shipped().items())


@pytest.mark.parametrize("slug", DESIGN)
def test_an_instrument_asks_the_items_of_its_design_word_for_word(slug: str) -> None:
    assert {item.id: item.text["en"] for item in shipped()[slug].items} == DESIGN[slug]


def test_the_set_of_dora_says_whose_questions_it_asks_and_is_the_only_one_that_does() -> None:
    assert [item.id for item in shipped()["dora_core_v1"].items] == ["DC1", "DC2", "DC3", "DC4", "DC5", "DC6", "DC7"]
    assert {slug for slug, each in shipped().items() if each.attribution} == {"dora_core_v1"}
    attribution = shipped()["dora_core_v1"].attribution or ""
    assert "DORA (dora.dev)" in attribution
    assert "openly licensed (CC)" in attribution


def test_the_categories_of_dora_stand_from_the_worst_to_the_best_as_quick_check_counts_them() -> None:
    dora = {item.id: [option.id for option in item.options] for item in shipped()["dora_core_v1"].items}
    assert dora["DC2"] == dora["DC4"]
    assert [len(dora[each]) for each in ("DC1", "DC2")] == [6, 6]
    assert (dora["DC1"][0], dora["DC1"][-1]) == ("under_half_yearly", "on_demand")
    assert (dora["DC2"][0], dora["DC2"][-1]) == ("over_six_months", "under_an_hour")


@pytest.mark.parametrize("slug", sorted(shipped()))
def test_an_instrument_is_complete_in_both_languages(slug: str) -> None:
    instrument = shipped()[slug]
    assert instrument.languages == ("en", "de")
    texts = [instrument.title, instrument.about]
    for item in instrument.items:
        texts += [item.text, *(each.label for each in (*item.options, *item.rows))]
    assert all(set(text) == {"en", "de"} and all(text.values()) for text in texts)
    assert [item.id for item in instrument.items if item.text["en"] == item.text["de"]] == []


def test_items_have_the_scales_and_the_reversals_of_their_design() -> None:
    items = [item for instrument in shipped().values() for item in instrument.items]
    assert {item.id for item in items if item.reverse} == REVERSED
    assert {item.id: item.scale for item in items if item.scale != "agreement"} == NOT_AGREEMENT


def test_the_index_is_made_of_the_first_twelve_items_of_the_quarter() -> None:
    drivers = [item.id for instrument in shipped().values() for item in instrument.items if item.driver]
    assert drivers == [f"Q{number:02}" for number in range(1, 13)]


def test_a_journey_has_one_name_wherever_it_is_asked_about() -> None:
    quarterly, pulse = shipped()["quarterly_v1"], shipped()["pulse_v1"]
    lists = [[each.id for each in (*item.options, *item.rows)] for item in quarterly.items[21:24]]
    assert lists == [list(JOURNEYS)] * 3
    top = pulse.items[9]
    assert [each.id for each in top.options] == ["local_setup", *JOURNEYS[:-1], "nothing"]
    about = {item.journey for each in shipped().values() for item in each.items if item.journey}
    assert about <= {"local_setup", *JOURNEYS}
    assert set(JOURNEYS) >= keys.INFRASTRUCTURE


def test_three_journeys_may_be_picked_and_comments_are_for_what_cost_most_and_what_should_change() -> None:
    items = [item for instrument in shipped().values() for item in instrument.items]
    assert {item.id: item.most for item in items if item.scale == "choices"} == {"Q23": 3}
    assert [item.id for item in items if item.comment] == ["PU10", "Q25"]


def test_pulses_rotate_quarters_ask_everybody_and_events_stay_open_for_a_quarter() -> None:
    found = {slug: (each.cohorts, each.cohort_days, each.open_days, each.trigger) for slug, each in shipped().items()}
    assert found == {
        "pulse_v1": (3, 14, 10, None),
        "quarterly_v1": (1, 14, 14, None),
        "dora_core_v1": (1, 14, 14, None),
        "after_deploy_v1": (1, 14, 92, "deployment"),
        "red_check_v1": (1, 14, 92, "check"),
        "onboarding_v1": (1, 14, 92, "joined"),
        "provisioning_v1": (1, 14, 92, "request"),
    }


@pytest.mark.parametrize("day", [7, 30, 90])
def test_who_began_is_asked_only_what_belongs_to_the_day(day: int) -> None:
    onboarding = shipped()["onboarding_v1"]
    asked = [item.id for item in onboarding.asked(f"day-{day}")]
    assert asked == [f"TO{day}a", f"TO{day}b", f"TO{day}c"]
    assert onboarding.asked(None) == ()


@pytest.mark.parametrize("slug", sorted(FINGERPRINTS))
def test_the_wording_of_a_version_stays_as_it_was_published(slug: str) -> None:
    """A new wording begins a new series: it needs a new version, and this one stays as it is."""
    assert fingerprint(shipped()[slug]) == FINGERPRINTS[slug]


def test_the_wording_of_every_instrument_is_held() -> None:
    assert set(FINGERPRINTS) == set(shipped())


def test_every_label_of_every_instrument_is_read_as_its_choice_in_every_language() -> None:
    for instrument in shipped().values():
        for item in instrument.items:
            for language in instrument.languages if item.choices else ():
                for name, label in item.choices.items():
                    assert item.read(label[language]) == ((name,) if item.scale == "choices" else name)


def test_scales_are_translated_to_the_languages_of_the_form() -> None:
    assert all(set(names) == set(LANGUAGES) for names in (*scales.WORDS.values(), *scales.YES_NO.values()))
