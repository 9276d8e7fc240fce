from dataclasses import replace

from dashboards.health_sources import SourceHealth
from dashboards.remarks import Said, said_by, sizes, together
from tribometer.store import Remark
from written_keeper import SOURCE

DO = "Give the token Deployments: read"


def part(number: int, *remarks: Remark) -> SourceHealth:
    return replace(SOURCE, name=f"github:acme/r{number}", family="github:acme", remarks=remarks)


def refused(number: int) -> Remark:
    return Remark(f"deployments cannot be read: /repos/acme/r{number}/deployments is forbidden", DO)


def test_what_hundreds_of_parts_say_alike_is_one_line_with_their_number_and_the_first_three() -> None:
    parts = [part(number, refused(number)) for number in range(98)] + [part(98), part(99)]
    [(what, do)] = together(said_by(parts), sizes(parts))
    assert what == (
        "github:acme: in 98 of 100 parts (acme/r0, acme/r1, acme/r2 and 95 more), for example: "
        "deployments cannot be read: /repos/acme/r0/deployments is forbidden"
    )
    assert do == DO


def test_other_words_are_another_line_and_one_part_alone_is_named_in_full() -> None:
    one = replace(SOURCE, remarks=(Remark("there is no tag", "Tag releases"),))
    other = Remark("runs cannot be read: it is off", "Switch it on")
    parts = [part(0, refused(0), other), part(1, refused(1)), one, replace(one, name="git:acme/b")]
    assert [what for what, _ in together(said_by(parts), sizes(parts))] == [
        f"github:acme: in 2 of 2 parts (acme/r0, acme/r1), for example: {refused(0).what}",
        "github:acme/r0: runs cannot be read: it is off",
        "git:acme/shop, git:acme/b: there is no tag",
    ]


def test_the_same_words_are_no_example_and_a_part_that_left_says_nothing() -> None:
    same = Remark("its file names nobody", "Name a team")
    left = replace(SOURCE, name="github:acme/gone", family="github:acme", left=True, remarks=(same,))
    parts = [part(0, same), part(1, same), left]
    assert together(said_by(parts), sizes(parts)) == [
        ("github:acme: in 2 of 2 parts (acme/r0, acme/r1): its file names nobody", "Name a team")
    ]


def test_parts_of_two_families_are_two_lines() -> None:
    said = [Said(f"{kind}:acme/{name}", f"{kind}:acme", "it is off", "Switch it on") for kind in "ab" for name in "xy"]
    found = [what for what, _ in together(said, {})]
    assert found == [f"{kind}:acme: in 2 of 2 parts (acme/x, acme/y): it is off" for kind in "ab"]
