"""Survey files of the contract and of five tools, CSV and XLSX: what is read of them, and what is told of the rest."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from surveys import cells
from surveys.header_maps import PLAIN, HeaderMap, preset, presets, read_map
from surveys.ingest import Reading, read
from surveys.instrument import Instrument, shipped
from surveys.rows import Row
from tribometer.errors import UsageError


def both(english: str, german: str) -> dict[str, str]:
    return {"en": english, "de": german}


JOURNEYS = [
    {"id": "review", "label": both("Code review", "Code-Review")},
    {"id": "deploy", "label": both("Deploy", "Ausrollen")},
    {"id": "docs", "label": both("Docs, finding answers", "Doku, Antworten finden")},
]
FOCUS, LOST = (
    both("I had time to focus.", "Ich hatte Zeit, mich zu konzentrieren."),
    both("Hours lost?", "Verlorene Stunden?"),
)
BLOCKER, PICKED = (
    both("What cost you most?", "Was hat am meisten gekostet?"),
    both("Pick two journeys.", "Zwei Wege wählen."),
)
FELT, WORTH = (
    both("How satisfied are you with each?", "Wie zufrieden jeweils?"),
    both("Percent worthwhile", "Prozent sinnvoll"),
)
WISH = both("One thing to change", "Eine Sache, die anders sein sollte")


def item(key: str, scale: str, text: Mapping[str, str], **fields: object) -> dict[str, object]:
    return {"id": key, "measures": "any", "scale": scale, "text": text, **fields}


SURVEY = Instrument.model_validate(
    {
        "slug": "sample_v1",
        "title": both("Sample", "Probe"),
        "about": both("Last week.", "Letzte Woche."),
        "minutes": 2,
        "languages": ["en", "de"],
        "items": [
            item("SA01", "agreement", FOCUS),
            item("SA02", "hours", LOST),
            item("SA03", "choice", BLOCKER, options=JOURNEYS, comment=True),
            item("SA04", "choices", PICKED, options=JOURNEYS, most=2),
            item("SA05", "satisfaction", FELT, rows=JOURNEYS),
            item("SA06", "percent", WORTH),
            item("SA07", "text", WISH),
        ],
    },
)


def table(*rows: Sequence[object], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def workbook(*rows: Sequence[object], also: Sequence[str] = ()) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    for name in also:
        book.create_sheet(name)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def taken(content: bytes, header_map: HeaderMap = PLAIN) -> Reading:
    return read(content, "answers", SURVEY, header_map)


def only(content: bytes, header_map: HeaderMap = PLAIN) -> Row:
    found = taken(content, header_map)
    assert found.bad == ()
    [row] = found.rows
    return row


def by_key(row: Row) -> dict[str, object]:
    return {key: value for key, value in row.answers.items() if value is not None}


HEADER = ("respondent", "team", "tenure", "submitted_at", "SA01", "SA02", "SA03", "SA03_comment")


def test_a_file_of_the_contract_has_a_row_per_respondent_and_a_column_per_item() -> None:
    row = only(table(HEADER, ("ann", "shop", "1-3 years", "2026-01-30T12:00:00+02:00", "4", "3-5", "review", "slow")))
    assert (row.respondent, row.team, row.tenure) == ("ann", "shop", "1-3 years")
    assert row.submitted_at == datetime(2026, 1, 30, 10, tzinfo=UTC)
    assert row.answers == {"SA01": 4.0, "SA02": 4.0, "SA03": "review"}
    assert row.comments == {"SA03": "slow"}


@pytest.mark.parametrize("blank", ["", " ", "n/a", "N/A"])
def test_blanks_and_not_applicable_are_no_answers_but_take_earlier_ones_away(blank: str) -> None:
    row = only(table(HEADER, ("ann", "shop", "", "", blank, "0", "deploy", blank)))
    assert row.answers == {"SA01": None, "SA02": 0.0, "SA03": "deploy"}
    assert row.comments == {"SA03": None}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_file_may_be_separated_and_encoded_as_spreadsheets_do(delimiter: str, encoding: str) -> None:
    text = table(("respondent", "team", FOCUS["de"]), ("ann", "Müll, Käse", "5"), delimiter=delimiter).decode()
    row = only(text.encode(encoding))
    assert (row.team, row.answers) == ("Müll, Käse", {"SA01": 5.0})


def test_latin_1_is_refused_with_the_line_and_what_to_do() -> None:
    content = "respondent,team,SA01\nann,shop,4\nbob,Käse,4\n".encode("latin-1")
    with pytest.raises(UsageError, match=r"line 3 is not UTF-8\. Save the file as CSV UTF-8"):
        taken(content)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("sa01", "SA01"),
        ("SA05:review", "SA05:review"),
        ("SA05 [Code review]", "SA05:review"),
        ("sa05_DEPLOY", "SA05:deploy"),
        ("  i had time to  FOCUS ", "SA01"),
        ("3. I had time to focus.*", "SA01"),
        ("SA01: I had time to focus.", "SA01"),
        (FOCUS["de"], "SA01"),
        ("<b>I had time</b> to&nbsp;focus.".replace("&nbsp;", "\xa0"), "SA01"),
        ("How satisfied are you with each? [Code review]", "SA05:review"),
        ("How satisfied are you with each?.Deploy", "SA05:deploy"),
        ("Wie zufrieden jeweils? - Ausrollen", "SA05:deploy"),
    ],
)
def test_a_column_is_recognised_by_an_item_id_or_the_question_in_any_language(header: str, key: str) -> None:
    assert only(table(("respondent", "team", header), ("ann", "shop", "4"))).answers == {key: 4.0}


@pytest.mark.parametrize("header", ["SA03_comment", "sa03 comment", "What cost you most? (comment)"])
def test_a_comment_stands_in_a_column_of_its_own(header: str) -> None:
    assert only(table(("respondent", "team", header), ("ann", "shop", "so slow"))).comments == {"SA03": "so slow"}


def test_free_text_is_a_comment_and_no_answer() -> None:
    row = only(table(("respondent", "SA01", "SA07"), ("ann", "4", "Fewer meetings")))
    assert (row.answers, row.comments) == ({"SA01": 4.0}, {"SA07": "Fewer meetings"})


def test_columns_that_nobody_knows_are_listed_and_left_out() -> None:
    found = taken(table(("respondent", "team", "SA01", "SA09", "Shoe size"), ("ann", "shop", "4", "5", "44")))
    assert found.unknown == ("SA09", "Shoe size")
    assert found.rows[0].answers == {"SA01": 4.0}


@pytest.mark.parametrize("twin", ["sa01", FOCUS["en"], "SA01"])
def test_two_columns_of_one_item_are_refused_with_their_names(twin: str) -> None:
    with pytest.raises(UsageError, match=r"The columns 'SA01' and .* both hold SA01"):
        taken(table(("respondent", "SA01", twin), ("ann", "4", "5")))


def test_a_file_without_any_item_is_refused() -> None:
    with pytest.raises(UsageError, match="the header names no item of sample_v1"):
        taken(table(("respondent", "team", "PU01"), ("ann", "shop", "4")))


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError, match="there is nothing in it"):
        taken(content)


def test_a_row_that_does_not_fit_is_told_with_line_and_reason_while_the_rest_lands() -> None:
    rows = [
        ("ann", "shop", "4", "0"),
        ("bob", "shop", "6", "lots"),
        ("cy", "shop", "2"),
        ("di", "shop", "1", "0", "", "x"),
    ]
    found = taken(table(("respondent", "team", "SA01", "SA02"), *rows, ("ed", "shop", "5", "<1", "", "")))
    assert [row.respondent for row in found.rows] == ["ann", "ed"]
    assert [(each.line, each.columns) for each in found.bad] == [(3, ("SA01", "SA02")), (4, ()), (5, ())]
    assert "SA01: '6' is no answer here: give 1 to 5" in found.bad[0].reason
    assert found.bad[1].reason == "it has 3 cells, the header 4"


def test_what_is_kept_of_a_row_that_does_not_fit_names_its_columns_and_never_what_they_say() -> None:
    [bad] = taken(table(("respondent", "team", "SA01", "SA07"), ("ann", "shop", "furious", "My boss"))).bad
    assert bad.kept == "a survey row in which SA01 cannot be read"
    assert not any(secret in repr(bad) for secret in ("ann", "furious", "boss"))


def test_a_row_does_not_show_who_said_what_when_it_is_printed() -> None:
    row = only(table(("respondent", "team", "SA01", "SA07"), ("ann", "shop", "5", "My boss")))
    assert not any(secret in repr(row) for secret in ("ann", "5.0", "boss"))


def test_a_quote_that_is_never_closed_costs_the_rows_behind_it_and_no_other() -> None:
    content = b'respondent,team,SA01\nann,shop,4\nbob,shop,"5\ncy,shop,3\n'
    found = taken(content)
    assert [row.respondent for row in found.rows] == ["ann"]
    assert [each.line for each in found.bad] == [3]


def test_a_line_break_inside_a_comment_counts_as_a_line() -> None:
    found = taken(
        table(
            HEADER, ("ann", "shop", "", "", "4", "0", "review", "one\ntwo"), ("bob", "shop", "", "", "9", "0", "", "")
        )
    )
    assert found.rows[0].comments == {"SA03": "one\ntwo"}
    assert found.bad[0].line == 4


@pytest.mark.parametrize("column", ["respondent", "team", "SA01", "SA03_comment"])
def test_a_huge_cell_is_told_by_its_size_alone(column: str) -> None:
    cell = "x" * 20_000
    header = ["respondent", "team", "SA01", "SA03_comment"]
    found = taken(table(header, [cell if name == column else "4" for name in header]))
    assert found.rows == ()
    assert found.bad[0].reason.startswith(f"{column}: 20,000 characters; at most ")


def test_the_later_row_of_a_respondent_counts_and_the_other_is_told() -> None:
    header = ("respondent", "team", "submitted_at", "SA01")
    later, earlier = ("ann", "shop", "2026-01-30T12:00:00Z", "5"), ("ann", "shop", "2026-01-29T12:00:00Z", "1")
    found = taken(table(header, later, earlier))
    assert [row.answers for row in found.rows] == [{"SA01": 5.0}]
    assert any("not counted: lines 3" in note for note in found.notes)


def test_without_times_the_later_line_of_a_respondent_counts() -> None:
    found = taken(table(("respondent", "team", "SA01"), ("ann", "shop", "5"), ("ann", "shop", "1")))
    assert [row.answers for row in found.rows] == [{"SA01": 1.0}]


def test_a_time_whose_day_and_month_are_anybodys_guess_is_not_guessed() -> None:
    header = ("respondent", "team", "submitted_at", "SA01")
    found = taken(table(header, ("ann", "shop", "1/2/2026 10:00", "5")))
    assert found.rows[0].submitted_at is None
    assert any("Rows whose time is not like 2026-01-31T12:00:00Z: 1." in note for note in found.notes)


def test_rows_without_a_respondent_are_known_by_their_content_and_equal_ones_stay_two() -> None:
    content = table(("team", "SA01"), ("shop", "4"), ("shop", "4"), ("shop", "2"))
    keys = [row.respondent for row in taken(content).rows]
    assert len(set(keys)) == 3
    assert keys == [row.respondent for row in taken(content).rows]
    assert any("Rows that name no respondent: 3." in note for note in taken(content).notes)


def test_a_file_without_teams_says_what_that_means() -> None:
    assert any(
        "results will be of everybody only" in note for note in taken(table(("respondent", "SA01"), ("a", "4"))).notes
    )


def test_a_workbook_is_read_with_its_numbers_dates_and_percentages() -> None:
    book = Workbook()
    book.active.append(["respondent", "team", "submitted_at", "SA01", "SA02", "SA06"])
    book.active.append([1234567, "shop", datetime(2026, 1, 30, 12), 4.0, datetime(2026, 5, 3), 0.6])  # noqa: DTZ001 - Excel has no zones
    book.active["F2"].number_format = "0%"
    file = io.BytesIO()
    book.save(file)
    row = only(file.getvalue())
    assert (row.respondent, row.submitted_at) == ("1234567", datetime(2026, 1, 30, 12, tzinfo=UTC))
    assert row.answers == {"SA01": 4.0, "SA02": 4.0, "SA06": 60.0}


def test_a_formula_is_told_and_not_taken_for_silence() -> None:
    found = taken(workbook(("respondent", "team", "SA01"), ("ann", "shop", "=1+3"), ("bob", "shop", 4)))
    assert [row.respondent for row in found.rows] == ["bob"]
    assert (found.bad[0].line, found.bad[0].reason) == (2, "SA01: a formula: put its value in its place")


def test_of_several_sheets_the_map_says_which() -> None:
    content = workbook(("respondent", "team", "SA01"), ("ann", "shop", 4), also=["Notes"])
    with pytest.raises(UsageError, match=r"say which sheet holds the answers.*'Sheet', 'Notes'"):
        taken(content)
    assert only(content, HeaderMap(sheet="Sheet")).answers == {"SA01": 4.0}


def test_a_damaged_workbook_is_refused_with_what_to_do() -> None:
    content = workbook(("respondent", "SA01"), ("ann", 4))
    for damaged in (
        content[:200],
        content[: len(content) // 2] + content[len(content) // 2 + 50 :],
        cells.XLSX + b"no",
    ):
        with pytest.raises(UsageError, match="cannot be read"):
            taken(damaged)
    with pytest.raises(UsageError, match="an old or protected Excel file"):
        taken(cells.XLS + b"\0" * 600)


def test_a_workbook_that_unpacks_beyond_measure_is_refused() -> None:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"xl/{number}.xml", b"\0" * (cells.UNPACKED_LIMIT // 4))
    with pytest.raises(UsageError, match="unpacks to more than 256 MB"):
        taken(file.getvalue())


def test_a_sheet_that_says_it_is_endless_is_read_as_far_as_it_goes() -> None:
    content = io.BytesIO(workbook(("respondent", "team", "SA01"), ("ann", "shop", 4)))
    changed = io.BytesIO()
    with ZipFile(content) as before, ZipFile(changed, "w") as after:
        for name in before.namelist():
            data = before.read(name).replace(b'ref="A1:C2"', b'ref="A1:XFD1048576"')
            after.writestr(name, data)
    assert b"XFD1048576" in ZipFile(changed).read("xl/worksheets/sheet1.xml")
    assert only(changed.getvalue()).answers == {"SA01": 4.0}


def test_a_file_of_too_many_rows_is_refused() -> None:
    with pytest.raises(UsageError, match="more than 100,000 rows"):
        taken(b"respondent,SA01\n" + b"a,4\n" * cells.ROW_LIMIT)


@pytest.mark.parametrize("slug", shipped())
def test_every_item_of_a_shipped_instrument_is_known_by_its_id_and_in_every_language(slug: str) -> None:
    survey = shipped()[slug]
    rows = [(item, row) for item in survey.items for row in item.rows or (None,)]
    headers = [[f"{item.id} [{row.id}]" if row else item.id for item, row in rows]]
    headers += [
        [f"{item.text[language]} [{row.label[language]}]" if row else item.text[language] for item, row in rows]
        for language in survey.languages
    ]
    for header in headers:
        [row] = read(table(["respondent", *header], ["ann", *[""] * len(header)]), "answers", survey).rows
        assert {*row.answers, *row.comments} == {key for item in survey.items for key in item.keys}


# header maps


def test_a_map_gives_columns_items_and_cells_answers() -> None:
    own = read_map(
        """
        respondent = "Badge"
        [columns]
        "Deep work?" = "SA01"
        "Unit" = "team"
        "Anything else?" = "SA03_comment"
        "SA02" = "ignore"
        [values]
        "Very much" = "Strongly agree"
        "Platform!" = "platform"
        """,
        "own.toml",
    )
    content = table(
        ("Badge", "Unit", "Deep work?", "Anything else?", "SA02"), ("7", "Platform!", "very much", "no", "?")
    )
    row = only(content, own)
    assert (row.respondent, row.team, row.answers, row.comments) == ("7", "platform", {"SA01": 5.0}, {"SA03": "no"})


def test_a_map_may_rename_one_of_several_choices_beside_one_that_holds_a_comma() -> None:
    own = read_map('[values]\n"PRs" = "Code review"\n', "own.toml")
    row = only(table(("respondent", "team", "SA04"), ("ann", "shop", "PRs, Docs, finding answers")), own)
    assert row.answers == {"SA04": ("review", "docs")}


def test_a_map_may_add_to_that_of_a_tool() -> None:
    own = read_map('like = "typeform"\nleave = "Weather"\n[columns]\n"Deep work?" = "SA01"\n', "own.toml")
    content = table(("#", "Deep work?", "Weather", "Network ID"), ("t1", "4", "rain", "9"))
    found = taken(content, own)
    assert found.unknown == ()
    assert found.rows[0].respondent == "t1"


def test_a_map_names_headers_that_the_file_does_not_have() -> None:
    own = read_map('[columns]\n"Deep work?" = "SA01"\n', "own.toml")
    found = taken(table(("respondent", "SA02"), ("ann", "0")), own)
    assert any("does not have: Deep work?" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("columns = 3", "own.toml: columns: "),
        ("colums = {}", "own.toml: colums: .*Known are like, columns, "),
        ("= 3", "own.toml: this is no TOML"),
        ('like = "monkey"', "There is no header map 'monkey'; there are formbricks, "),
    ],
)
def test_a_map_that_is_none_is_refused_with_place_and_key(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read_map(text, "own.toml")


def test_a_map_to_an_item_that_is_not_there_is_refused() -> None:
    own = read_map('[columns]\n"Deep work?" = "PU01"\n', "own.toml")
    with pytest.raises(
        UsageError, match=r"'Deep work\?' the item 'PU01', which sample_v1 does not have\. It has SA01, "
    ):
        taken(table(("Deep work?",), ("4",)), own)


def test_there_is_a_map_for_each_tool() -> None:
    assert sorted(presets()) == ["formbricks", "google-forms", "microsoft-forms", "qualtrics", "typeform"]


# what the tools export


def test_google_forms_writes_words_of_scales_and_grids_in_brackets() -> None:
    header = (
        "Timestamp", "Email Address", "Team", FOCUS["en"], LOST["en"], BLOCKER["en"], PICKED["en"],
        f"{FELT['en']} [Code review]", f"{FELT['en']} [Deploy]", WISH["en"],
    )  # fmt: skip
    cell = (
        "2026/01/30 14:05:33", "Ann@Example.org", "shop", "Strongly agree", "3-5", "Deploy",
        "Code review, Docs, finding answers", "Satisfied", "", "Faster checks",
    )  # fmt: skip
    found = taken(table(header, cell), preset("google-forms"))
    [row] = found.rows
    assert (row.respondent, row.team, found.unknown) == ("Ann@Example.org", "shop", ())
    assert row.submitted_at == datetime(2026, 1, 30, 14, 5, 33, tzinfo=UTC)
    assert by_key(row) == {
        "SA01": 5.0, "SA02": 4.0, "SA03": "deploy", "SA04": ("review", "docs"), "SA05:review": 4.0,
    }  # fmt: skip
    assert row.comments == {"SA07": "Faster checks"}


MICROSOFT = ("ID", "Start time", "Completion time", "Email", "Name", "Last modified time")
START, END = datetime(2026, 1, 30, 14), datetime(2026, 1, 30, 14, 5)  # noqa: DTZ001 - Excel has no zones


def test_microsoft_forms_writes_a_workbook_in_which_everybody_may_be_anonymous() -> None:
    header = (*MICROSOFT, "Team", FOCUS["en"] + "\xa0", PICKED["en"], "Code review", "Deploy")
    rows = [
        (1, START, END, "anonymous", None, None, "shop", "Agree", "Code review;Deploy;", "Satisfied", None),
        (2, START, END, "anonymous", None, None, "shop", "Disagree", None, "Neither", "Very satisfied"),
    ]
    survey = SURVEY.model_copy(update={"items": tuple(each for each in SURVEY.items if each.id != "SA03")})
    found = read(workbook(header, *rows), "answers", survey, preset("microsoft-forms"))
    assert [row.respondent for row in found.rows] == ["1", "2"]
    assert found.rows[0].answers["SA04"] == ("review", "deploy")
    # the same labels are choices of SA04 and rows of SA05: neither is guessed
    assert found.unknown == ("Code review", "Deploy")


def test_microsoft_forms_likert_statements_stand_alone_or_behind_their_question() -> None:
    survey = SURVEY.model_copy(update={"items": tuple(each for each in SURVEY.items if each.id in {"SA01", "SA05"})})
    header = (*MICROSOFT, FOCUS["en"], "Code review", f"{FELT['en']}.Deploy")
    rows = [(1, START, END, "ann@example.org", "Ann Example", None, "Agree", "Satisfied", "Very satisfied")]
    found = read(workbook(header, *rows), "answers", survey, preset("microsoft-forms"))
    [row] = found.rows
    assert (row.respondent, found.unknown) == ("ann@example.org", ())
    assert row.submitted_at == END.replace(tzinfo=UTC)
    assert row.answers == {"SA01": 4.0, "SA05:review": 4.0, "SA05:deploy": 5.0}


def test_typeform_writes_several_choices_into_a_column_each() -> None:
    survey = SURVEY.model_copy(update={"items": tuple(each for each in SURVEY.items if not each.rows)})
    header = (
        "#", FOCUS["en"], BLOCKER["en"], "Code review", "Deploy", "Docs, finding answers", "Other", "Response Type",
        "Start Date (UTC)", "Stage Date (UTC)", "Submit Date (UTC)", "Network ID", "Tags", "Ending",
    )  # fmt: skip
    cell = (
        "m3kqz0e9", "4", "Deploy", "Code review", "", "Docs, finding answers", "", "completed",
        "2026-01-30 14:00:00", "", "2026-01-30 14:05:00", "d3560842b2", "", "",
    )  # fmt: skip
    found = read(table(header, cell), "answers", survey, preset("typeform"))
    [row] = found.rows
    assert (row.respondent, found.unknown) == ("m3kqz0e9", ("Other",))
    assert by_key(row) == {"SA01": 4.0, "SA03": "deploy", "SA04": ("review", "docs")}


QUALTRICS = (
    ("StartDate", "Start Date", "startDate"), ("EndDate", "End Date", "endDate"), ("Status", "Response Type", "status"),
    ("IPAddress", "IP Address", "ipAddress"), ("Progress", "Progress", "progress"),
    ("Duration (in seconds)", "Duration (in seconds)", "duration"), ("Finished", "Finished", "finished"),
    ("RecordedDate", "Recorded Date", "recordedDate"), ("ResponseId", "Response ID", "_recordId"),
    ("RecipientLastName", "Recipient Last Name", "recipientLastName"),
    ("RecipientFirstName", "Recipient First Name", "recipientFirstName"),
    ("RecipientEmail", "Recipient Email", "recipientEmail"), ("Q1", FOCUS["en"], "QID1"),
    ("Q2_1", f"{FELT['en']} - Code review", "QID2_1"), ("Q2_2", f"{FELT['en']} - Deploy", "QID2_2"),
    ("SA02", "How old are you?", "QID3"), ("Q4", WISH["en"], "QID4_TEXT"), ("team", "team", "team"),
)  # fmt: skip


def qualtrics(*rows: Sequence[str]) -> bytes:
    names, texts, ids = zip(*QUALTRICS, strict=True)
    return b"\xef\xbb\xbf" + table(names, texts, [json.dumps({"ImportId": each}) for each in ids], *rows)


def qualtrics_row(status: str, key: str, address: str, *cells: str) -> Sequence[str]:
    times = "2026-01-30 14:00:00", "2026-01-30 14:05:00"
    return (*times, status, "192.0.2.1", "100", "300", "True", times[1], key, "", "", address, *cells)


def test_qualtrics_writes_three_header_rows_of_which_the_second_holds_the_questions() -> None:
    answered = ("Agree", "4", "-99", "41", "Faster checks", "shop")
    found = taken(
        qualtrics(
            qualtrics_row("IP Address", "R_1aB", "ann@example.org", *answered),
            qualtrics_row("Survey Preview", "R_2cD", "", *answered),
            qualtrics_row("IP Address", "R_3eF", "", "Never heard", "4", "5", "", "", "shop"),
        ),
        preset("qualtrics"),
    )
    [row] = found.rows
    assert (row.respondent, row.team) == ("ann@example.org", "shop")
    assert row.answers == {"SA01": 4.0, "SA05:review": 4.0, "SA05:deploy": None}
    assert row.comments == {"SA07": "Faster checks"}
    # a number of the tool's own that is an item's id by chance
    assert found.unknown == ("SA02",)
    assert "Rows left out as the header map says: 1." in found.notes
    assert [each.line for each in found.bad] == [6]


def test_formbricks_numbers_its_headlines_and_adds_the_ids_of_choices() -> None:
    header = (
        "No.", "Response ID", "Timestamp", "Finished", "Survey ID", "Formbricks ID (internal)", "User ID", "Tags",
        "source", "url", "userAgent - browser", "userAgent - os", f"1. {FOCUS['en']}", f"2. {PICKED['en']}",
        f"2. {PICKED['en']} - Option ID", f"3. {FELT['en']} - Deploy", "team",
    )  # fmt: skip
    cell = (
        "1", "cmr1", "2026-01-30 14:05:00", "Yes", "cms1", "", "", "", "", "https://example.org", "Firefox", "Linux",
        "Agree", "Code review; Deploy", "a1; a2", "Very satisfied", "shop",
    )  # fmt: skip
    found = taken(table(header, cell), preset("formbricks"))
    [row] = found.rows
    assert (row.respondent, row.team, found.unknown) == ("cmr1", "shop", ())
    assert by_key(row) == {"SA01": 4.0, "SA04": ("review", "deploy"), "SA05:deploy": 5.0}


@pytest.mark.parametrize("name", ["google-forms", "microsoft-forms", "typeform", "qualtrics", "formbricks"])
def test_a_tools_own_columns_are_never_taken_for_answers(name: str) -> None:
    own = [
        each for each in (*preset(name).leave, *preset(name).submitted_at, *preset(name).respondent) if "*" not in each
    ]
    header = dict.fromkeys([*own, "SA01"])
    found = taken(table(list(header), ["4"] * len(header)), preset(name))
    assert [row.answers for row in found.rows] == [{"SA01": 4.0}]
    assert found.unknown == ()


# whatever comes


@given(st.text(), st.sampled_from([PLAIN, *presets().values()]))
def test_any_text_is_read_or_refused_in_words(text: str, header_map: HeaderMap) -> None:
    try:
        found = taken(b"respondent,team,SA01,SA04\n" + text.encode("utf-8", "surrogatepass"), header_map)
    except UsageError as error:
        assert str(error).startswith("answers: ")  # noqa: PT017 - either outcome is one
    else:
        assert min([each.line for each in found.rows] + [each.line for each in found.bad], default=2) > 1


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    for start in (b"", cells.XLSX, b"\xff\xfe"):
        try:
            taken(start + content)
        except UsageError as error:
            assert str(error)  # noqa: PT017 - either outcome is one


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20) | st.sampled_from(
    ["4", "n/a", "Agree", '"']
)


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=20), st.sampled_from([",", ";", "\t"]))
def test_every_row_of_a_table_is_read_or_told(rows: list[tuple[str, ...]], delimiter: str) -> None:
    numbered = [(str(number), *row) for number, row in enumerate(rows)]
    found = taken(table(("respondent", "team", "SA01", "SA03_comment"), *numbered, delimiter=delimiter))
    assert len(found.bad) + len(found.rows) == len(rows)
    assert {row.respondent for row in found.rows} <= {row[0] for row in numbered}
