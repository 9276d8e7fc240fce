import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.health import (
    AWAY,
    BROKEN,
    NOTE,
    UNTRIED,
    WAITING,
    Finding,
    MappedEnvironment,
    NothingLanded,
    UnmappedEnvironment,
)
from dashboards.health_sources import Run
from dashboards.health_words import ago, coverage_row, interval, literal, origin_row, prose, run_words, size, state
from dashboards.unread import Unread
from page_reader import NOW, WrittenReader
from written_keeper import EMPTY, SOUND, WrittenKeeper, report, with_rejected

BLUE = UnmappedEnvironment("blue", 1200, 2, 'production = ["production", "blue"]')
SECTIONS = [
    "Sources",
    "Rejected events",
    "Environments",
    "Coverage",
    "What counts as a deployment",
    "Where it lies and what runs",
]


def page(keeper: WrittenKeeper, *, demo: bool = False, unread: tuple[Unread, ...] = ()) -> AppTest:
    def script(reader, keeper):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - it is run as a script, without imports
        from dashboards.views import data_health  # noqa: PLC0415 - as above

        data_health.render(reader, keeper)

    given = {"reader": WrittenReader(demo=demo, unread_known=unread), "keeper": keeper}
    shown = AppTest.from_function(script, kwargs=given, default_timeout=30).run()
    assert not shown.exception
    return shown


def told(shown: AppTest) -> str:
    drawn = [*shown.markdown, *shown.caption, *shown.info, *shown.success, *shown.error]
    return "\n".join(each.value for each in drawn)


def tables(shown: AppTest) -> str:
    return "\n".join(each.value.to_string() for each in [*shown.table, *shown.dataframe])


@pytest.mark.parametrize("found", [SOUND, EMPTY], ids=["sound", "empty"])
def test_every_section_is_there_and_none_is_blank(found: object) -> None:
    shown = page(WrittenKeeper(found))  # type: ignore[arg-type]
    assert [each.value for each in shown.header] == SECTIONS
    assert "Nothing to do" in shown.success[0].value
    if found is EMPTY:
        assert "No source yet" in told(shown)
        assert "No production deployment is known yet" in told(shown)
        assert "Every metric can be told" in told(shown)
    else:
        assert "git:acme/shop" in tables(shown).replace("\\", "")


def test_findings_come_first_what_is_broken_before_what_is_a_note_each_with_what_to_do() -> None:
    findings = (Finding(NOTE, "a *note*", "look", "sources"), Finding(BROKEN, "it fails", "mend it", "records"))
    shown = page(WrittenKeeper(report(findings=findings)))
    assert shown.header[0].value == "What to do: 1 broken, 1 worth a look"
    broken, note = [each.value for each in shown.markdown if each.value.startswith(":")]
    assert "it fails  \nmend it" in broken
    assert r"a \*note\*" in note


def test_what_mends_itself_is_not_called_broken_and_comes_between() -> None:
    levels = {NOTE: "a note", WAITING: "it waits", AWAY: "it is away", BROKEN: "it fails"}
    findings = tuple(Finding(level, what, "look", "sources") for level, what in levels.items())
    shown = page(WrittenKeeper(report(findings=findings)))
    assert shown.header[0].value == (
        "What to do: 1 broken, 1 out of reach, 1 under way or waiting, 1 worth a look"
    )  # fmt: skip
    drawn = [each.value for each in shown.markdown if each.value.startswith(":")]
    assert [next(what for what in levels.values() if what in each) for each in drawn] == [*levels.values()][::-1]


def test_where_everything_mends_itself_there_is_nothing_to_do_but_wait() -> None:
    first = Finding(WAITING, "git:a: the first collection is under way", "See how far it is", "sources")
    shown = page(WrittenKeeper(report(findings=(first,))))
    assert shown.header[0].value == "Nothing to do but wait: 1 under way or waiting"
    assert not [each for each in shown.success if "in order" in each.value]


def test_credentials_that_were_not_tried_can_be_tried_where_that_is_said() -> None:
    untried = Finding(NOTE, "github:acme: credentials have not been tried yet", "Check credentials", UNTRIED)
    keeper = WrittenKeeper(report(findings=(untried,)))
    page(keeper).button(key="try").click().run()
    assert keeper.asked == [("check_credentials",)]


def test_every_row_of_a_table_is_a_card_on_a_phone_with_the_names_of_its_columns() -> None:
    shown = page(WrittenKeeper())
    styles = [each.proto.body for each in shown.get("html") if "max-width: 640px" in each.proto.body]
    assert [re.findall(r"content: \"([^\"]+): \"", style) for style in styles] == [
        ["State", "Last success", "Collected", "Next", "Last collection"],
        ["Number", "Covered", "Needed", "Of", "To raise it"],
        ["Counted from", "Deployments", "Put aside"],
    ]


def test_what_has_nothing_to_say_has_no_name_in_a_card_and_no_column_where_no_row_has() -> None:
    [found] = SOUND.coverage
    silent = replace(found, do=None)
    styles = [each.proto.body for each in page(WrittenKeeper(report(coverage=(found, silent)))).get("html")]
    [style] = [each for each in styles if "To raise it" in each]
    assert ".st-key-coverage tbody tr:nth-child(2) td:nth-child(6) { display: none; }" in style
    assert "tr:nth-child(1)" not in style
    shown = page(WrittenKeeper(report(coverage=(silent, silent))))
    assert not [each for each in shown.get("html") if "To raise it" in each.proto.body]


def test_before_a_source_of_deployments_was_read_once_nobody_is_told_to_tag_or_to_send() -> None:
    going = Unread("github:acme", frozenset({"deployment"}), collecting=True)
    shown = told(page(WrittenKeeper(EMPTY), unread=(going,)))
    assert r"but the first collection of github\:acme is under way" in shown
    assert "version tag" not in shown
    other = replace(going, name="pagerduty", reads=frozenset({"incident"}))
    assert "version tag" in told(page(WrittenKeeper(EMPTY), unread=(other,)))


def test_code_in_a_finding_is_drawn_as_code_and_the_rest_as_it_is() -> None:
    assert prose("set `releases` of *acme*") == r"set `releases` of \*acme\*"
    shown = page(WrittenKeeper(report(findings=(Finding(NOTE, "a", "Run `tribometer up` *now*", "sources"),))))
    assert any(r"Run `tribometer up` \*now\*" in each.value for each in shown.markdown)


def test_every_reason_for_a_rejection_is_told_in_full_with_its_number_of_events() -> None:
    long = "service: " + "this reason is longer than a phone is wide, " * 5
    shown = page(WrittenKeeper(with_rejected(long, "no id", long)))
    [reasons] = [each.value for each in shown.table if "Reason" in each.value]
    assert [cell.replace("\\", "") for cell in reasons["Reason"]] == [" ".join(long.split()), "no id"]
    assert list(reasons["Events"]) == ["2", "1"]


def test_a_finding_does_not_send_its_reader_to_the_page_they_are_on() -> None:
    do = "Map it on the Data health page; or if it is production, put under [environments]: x"
    shown = page(WrittenKeeper(report(findings=(Finding(NOTE, "no tier", do, "environments"),))))
    [note] = [each.value for each in shown.markdown if each.value.startswith(":")]
    assert "Map it below; or if it is production" in note


def test_a_click_maps_an_environment_and_says_what_came_of_it() -> None:
    keeper = WrittenKeeper(report(unmapped_environments=(BLUE,)))
    shown = page(keeper)
    assert "**blue** holds back 1,200 deployments of 2 services" in told(shown)
    assert any(BLUE.line in each.value for each in shown.code)
    shown.button(key="map test blue").click().run()
    assert keeper.asked == [("map_environment", "blue", "test")]
    assert shown.success[0].value == "done: map_environment"
    assert not [each for each in shown.run().success if "done" in each.value]


def test_what_was_mapped_can_be_taken_back_and_says_when_the_settings_overrule_it() -> None:
    given = MappedEnvironment("blue", "production", "test", 'production = ["blue"]')
    keeper = WrittenKeeper(report(mapped_environments=(given,)))
    shown = page(keeper)
    assert "**blue** is production, but the settings say test, which counts" in told(shown)
    shown.button(key="unmap blue").click().run()
    assert keeper.asked == [("map_environment", "blue", None)]


def test_many_unmapped_environments_are_a_case_for_a_pattern() -> None:
    many = tuple(replace(BLUE, environment=f"pr-{number}") for number in range(33))
    shown = page(WrittenKeeper(report(unmapped_environments=many)))
    assert "And 13 more" in told(shown)
    assert len([each for each in shown.button if each.key and each.key.startswith("map production")]) == 20


def test_all_rejected_events_are_sent_again_together_or_those_of_one_reason() -> None:
    keeper = WrittenKeeper(with_rejected("no id", "no time", "no id"))
    shown = page(keeper)
    assert shown.button(key="resend").label == "Send 3 events again"
    assert "content 2" in tables(shown)
    shown.button(key="resend").click().run()
    shown.selectbox(key="reason").set_value("no time").run()
    assert "content 1" not in tables(shown)
    shown.button(key="resend").click().run()
    assert keeper.asked == [("resend", None), ("resend", [2])]


def test_rejected_events_are_dropped_only_behind_a_confirmation() -> None:
    keeper = WrittenKeeper(with_rejected("no id"))
    shown = page(keeper)
    assert "gone for good" in told(shown)
    assert shown.button(key="discard").label == "Drop 1 event for good"
    shown.button(key="discard").click().run()
    assert keeper.asked == [("discard", None)]


def test_a_source_is_collected_by_a_click() -> None:
    keeper = WrittenKeeper()
    page(keeper).button(key="collect").click().run()
    assert keeper.asked == [("collect", "git:acme/shop")]


def test_an_action_that_fails_says_why() -> None:
    keeper = WrittenKeeper(fails="there is no such source. Name another.")
    shown = page(keeper).button(key="collect").click().run()
    assert shown.error[0].value == "there is no such source. Name another."


def test_events_sent_again_of_which_none_landed_are_told_in_a_warning() -> None:
    keeper = WrittenKeeper(with_rejected("no id"), fails=NothingLanded("1 were rejected again"))
    shown = page(keeper).button(key="resend").click().run()
    assert [each.value for each in shown.warning] == ["1 were rejected again"]
    assert not [each for each in shown.success if "again" in each.value]
    assert not shown.error


def test_who_may_not_act_sees_everything_and_is_told_why() -> None:
    found = replace(with_rejected("no id"), unmapped_environments=(BLUE,))
    keeper = WrittenKeeper(found, forbidden="Nobody is signed in.")
    shown = page(keeper)
    assert "change nothing. Nobody is signed in." in shown.info[0].value
    acting = [each for each in shown.button if each.key != "again"]
    assert len(acting) == 6
    assert all(each.disabled for each in acting)


def test_who_may_no_longer_act_does_not_however_old_the_page_is() -> None:
    keeper = WrittenKeeper(with_rejected("no id"))
    shown = page(keeper)
    keeper.forbidden = "Nobody is signed in."
    shown.button(key="resend").click().run()
    assert keeper.asked == []


def test_a_demo_says_so_on_this_page_too() -> None:
    assert "Demo" in page(WrittenKeeper(), demo=True).warning[0].value


def test_text_of_the_data_stays_as_it_is_in_markdown() -> None:
    assert literal("a*b `c` :red[x] $y$\n<z>") == r"a\*b \`c\` \:red\[x\] \$y\$ \<z\>"


def test_the_state_of_a_source_is_told_in_a_word() -> None:
    [source] = SOUND.sources
    failed = Run("failed", NOW, 2.0, {}, "gone")
    assert state(source) == "fresh"
    assert state(replace(source, stale=True)) == "stale"
    assert state(replace(source, collecting=True, last_error="x")) == "collecting now"
    assert state(replace(source, last_error="x")) == "failed"
    assert state(replace(source, last_run=failed)) == "failed"
    assert state(replace(source, last_success_at=None)) == "never collected"
    assert state(replace(source, every_seconds=None)) == "heard of"


def test_times_counts_and_sizes_are_words() -> None:
    assert (ago(None), ago(0.2), ago(7200.0)) == ("never", "just now", "2 h 0 min ago")
    assert (interval(900.0), interval(2 * 86_400.0)) == ("every 15 min", "every 2 days")
    assert (interval(86_400.0), interval(3_600.0), interval(6 * 3_600.0)) == (
        "every day",
        "every hour",
        "every 6 hours",
    )
    assert "sent or imported" in interval(None)
    assert (size(None), size(2**20), size(3 * 2**30)) == ("none yet", "1.0 MiB", "3.0 GiB")
    counts = {"new": 1200, "updated": 0, "rejected": 2}
    assert run_words(Run("succeeded", NOW, 3.0, counts, None)) == "succeeded in 3 s: 1,200 new, 2 rejected"
    assert run_words(Run("succeeded", NOW, 3.0, {}, None)) == "succeeded in 3 s: nothing new"
    assert run_words(Run("interrupted", NOW, None, {}, None)) == "interrupted"


def test_a_coverage_says_what_it_counts_what_is_needed_and_what_would_raise_it() -> None:
    [found] = SOUND.coverage
    row = coverage_row(found)
    assert (row["Covered"], row["Needed"], row["Of"], row["To raise it"]) == ("90 %", "80 %", "all", "Do")
    none = coverage_row(replace(found, coverage=None, do=None))
    assert (none["Covered"], none["Needed"], none["To raise it"]) == ("—", "—", "")
    assert "hidden" in coverage_row(replace(found, status="low_coverage"))["Number"]


def test_an_origin_says_why_tags_were_put_aside() -> None:
    [origin] = SOUND.origins
    assert origin_row(origin)["Put aside"] == "3 release tags: explicit ones landed"
    assert origin_row(replace(origin, aside=0))["Put aside"] == ""
