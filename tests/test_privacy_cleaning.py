"""Free text, URLs and names of branches lose secrets and people, and nothing else."""

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_samples import FULL, full_object
from tribometer.errors import EventRejected
from tribometer.events import EVENT_TYPES, parse_event
from tribometer.privacy import Pseudonyms
from tribometer.privacy.cleaning import clean_address, clean_name, clean_text, is_clean
from tribometer.privacy.masking import MASK

PEOPLE = Pseudonyms(b"k" * 32)
RANDOM = string.ascii_letters + string.digits
LONG = st.text(RANDOM, min_size=36, max_size=60)
USERS = st.text(RANDOM + "-._~!$&()*+,;=%", min_size=4, max_size=20)
SECRETS = st.one_of(
    st.builds(str.__add__, st.sampled_from(["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "npm_"]), LONG),
    st.text(string.ascii_uppercase + string.digits, min_size=16, max_size=16).map("AKIA".__add__),
    st.builds("eyJ{}.eyJ{}.{}".format, LONG, LONG, LONG),
    LONG.map("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----".format),
)
ASSIGNED = st.builds(
    "{}{}{}".format,
    st.sampled_from(["token", "private_token", "CLIENT_SECRET", "password", "api_key", '"password"', "Authorization"]),
    st.sampled_from(["=", ": ", " = ", ': "']),
    LONG,
)
PLACES = st.sampled_from(["{}", "Use {} here", "({}),", "a {}\nb", "'{}'", 'x="{}"', "{}."])
TEXTS = st.text() | st.builds(
    "".join,
    st.lists(
        st.sampled_from([
            "://", "https://", "@", "?", "#", "#/", "/", "a", "ann", ":", "=", "token", "secret:", "Bearer ", "ghp_",
            " ", "'", '"', ".", "\n", "# ", "git@", "-----BEGIN PRIVATE KEY-----", "eyJ", "abcdef123456", "-patch-1",
            "users/", "hotfix/", "revert-1-", "&", "$", "(", ")", "***", "0123456789abcdefghijABCDEFGHIJ", "_", "%",
        ]),
        max_size=12,
    ),
)  # fmt: skip
CLEANINGS: list[Callable[[str], str]] = [
    clean_text,
    clean_address,
    clean_name,
    PEOPLE.key_branch,
    PEOPLE.key_title,
    lambda text: PEOPLE.key_text(text, "gitlab:a"),
]


def core(secret: str) -> str:
    """Return the part of a secret that is secret whatever stands before it."""
    return max(secret.replace(".", "\n").replace(" ", "\n").splitlines(), key=len)[-16:].strip('"')


@given(SECRETS | ASSIGNED, PLACES, st.sampled_from(CLEANINGS))
def test_no_secret_survives(secret: str, place: str, clean: Callable[[str], str]) -> None:
    assert core(secret) not in clean(place.format(secret))


@given(USERS, USERS, PLACES, st.sampled_from(["https", "postgres", "git+ssh", "redis"]))
def test_no_user_of_a_url_survives(user: str, password: str, place: str, scheme: str) -> None:
    url = f"{scheme}://xx{user}:{password}xx@host.example.org/path"
    for clean in CLEANINGS:
        cleaned = clean(place.format(url))
        assert f"xx{user}" not in cleaned
        assert f"{password}xx" not in cleaned
        assert "host.example.org/path" in cleaned


@given(LONG, st.sampled_from(["token", "X-Amz-Signature", "code", "anything"]), st.sampled_from("?#"), PLACES)
def test_no_query_and_no_fragment_of_a_url_survives(value: str, name: str, mark: str, place: str) -> None:
    url = f"https://example.org/builds/7{mark}{name}={value}&x=1"
    assert value not in clean_text(place.format(url))
    assert clean_address(url) == "https://example.org/builds/7"


@given(LONG, st.sampled_from(["token", "private_token", "X-Amz-Signature", "X-Amz-Security-Token", "sig", "password"]))
def test_of_the_query_of_a_name_only_secrets_go(value: str, name: str) -> None:
    assert clean_name(f"https://x.org/a?build=7&{name}={value}&b=c") == f"https://x.org/a?build=7&{name}={MASK}&b=c"


@given(TEXTS, st.sampled_from(CLEANINGS))
def test_cleaning_twice_is_cleaning_once(text: str, clean: Callable[[str], str]) -> None:
    assert clean(clean(text)) == clean(text)


@given(TEXTS)
def test_what_looks_clean_at_a_glance_is_clean(text: str) -> None:
    if is_clean([text]):
        assert clean_text(text) == clean_name(text) == text


@given(TEXTS)
def test_a_text_is_stored_alike_whether_it_was_recorded_before_or_not(text: str) -> None:
    recorded = clean_name(text)
    assert clean_name(recorded) == clean_name(text)
    assert clean_text(recorded) == clean_text(clean_name(recorded))


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@given(secret=SECRETS)
def test_no_text_of_any_event_keeps_a_secret(event_type: str, secret: str) -> None:
    sample = full_object(event_type)
    carrying = sorted(
        name for name, value in FULL[event_type].items() if isinstance(value, str) and not value[:4].isdigit()
    )
    for name in [*carrying, "id", "source", "note"]:
        try:
            event = parse_event({**sample, name: f"x {secret}", "extra": {"deep": [{"a": f"y {secret}"}]}})
        except EventRejected:
            continue  # a field of few values
        assert core(secret) not in PEOPLE.key_event(event).model_dump_json()


@pytest.mark.parametrize(
    "text",
    [
        "Fix #12: bump v1.2.3 to v1.3.0 (#34)",
        "Reverts #12",
        "std::map<Token, int>& tokens = parse(token); // token = next(i1);",
        "for (auto key : keys) { token = tokens[i12]; }",
        "Bump @types/node from 18.0.1 to 20.0.0",
        "npm i @acme/core@1.2.3 react@latest actions/checkout@v4",
        "permissions:\n  id-token: write\n  contents: read\nsteps:\n  - uses: actions/checkout@v4\n",
        "password: ${{ secrets.DB_PASSWORD }}\ntoken: $CI_JOB_TOKEN",
        "@Library('shared@v2') _\n@NonCPS\ndef x() {}\n",
        "git clone git@github.com:acme/shop.git && git clone ssh://git@host.org/acme/shop",
        "see https://example.org/a/b.html, and (https://example.org).",
        "https://example.org:8080/acme/@scope/pkg@1.2.3",
        "Bearer authentication and basic authentication for token refresh",
        "registry.example.org/pay@sha256:" + "ab12" * 16,
        "bump jsonwebtoken: 8.5.1",
        "Use `@Override` and @Test()",
        "https://ci.example.org/#/builders/3/builds/14",
        "docker login -u $USER -p $PASSWORD https://$USER:$PORT/x",
        "a@b",
        "sk_live is no token: say so",
    ],
)
def test_ordinary_text_stands(text: str) -> None:
    assert PEOPLE.key_text(text, "github:acme/shop") == text
    assert clean_name(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("password=hunter2", "password=***"),
        ("GITHUB_TOKEN: abcd1234efgh", "GITHUB_TOKEN: ***"),
        ('{"client_secret": "abcd1234"}', '{"client_secret": "***"}'),
        ("curl -H 'Authorization: Bearer abc.DEF-123456' x", "curl -H 'Authorization: Bearer ***' x"),
        ("https://ann:pa/ss@x.org/a?b=c", "https://x.org/a"),
        ("https://a@b@x.org?y", "https://x.org"),
        ("[log](https://x.org/a?sig=1)", "[log](https://x.org/a)"),
        ("url: 'https://x.org/a?b=c'", "url: 'https://x.org/a'"),
        ("https://hooks.slack.com/services/T0/B0/abc", "https://hooks.slack.com/***"),
        ("ssh://ann@x.org/a ssh://git:pw@x.org/a", "ssh://x.org/a ssh://x.org/a"),
        ("-----BEGIN PRIVATE KEY-----\nabc", "***"),
    ],
)
def test_secrets_in_text_are_masked_and_what_is_around_them_stands(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@pytest.mark.parametrize(
    ("address", "cleaned"),
    [
        ("https://u:p@x.org/a?token=b c'd\"#e", "https://x.org/a"),
        ("git@x.org:acme/shop.git", "git@x.org:acme/shop.git"),
        ("ssh://git@x.org/acme/shop", "ssh://git@x.org/acme/shop"),
        ("u:p@x.org/a?b", "x.org/a"),
        ("/builds/7?token=x", "/builds/7"),
        ("https://x.org/#/alert/show/ab-1?token=x", "https://x.org/#/alert/show/ab-1"),
        ("https://x.org/a#access_token=abc", "https://x.org/a"),
    ],
)
def test_an_address_is_cut_to_what_opens_the_page(address: str, cleaned: str) -> None:
    assert clean_address(address) == cleaned


def test_mentions_are_keyed_as_the_logins_of_the_source_s_forge() -> None:
    assert PEOPLE.key_text("ping @Dave.", "gitlab:acme/shop") == f"ping @{PEOPLE.of('gitlab:dave')}."
    assert PEOPLE.key_text("@dave: see", "github:acme/shop") == f"@{PEOPLE.of('dave')}: see"
    assert PEOPLE.key_text("(@dave)", "forgejo:acme/shop") == f"(@{PEOPLE.of('gitea:dave')})"


def test_in_a_file_mentions_stand_in_comments() -> None:
    file = "run: x @ann\n# ask @ann\nsay: hi # or @ann\nurl: https://x.org/@ann\n"
    keyed = f"@{PEOPLE.of('ann')}"
    assert PEOPLE.key_text(file) == (f"run: x @ann\n# ask {keyed}\nsay: hi # or {keyed}\nurl: https://x.org/@ann\n")


TITLES = [
    ("run", "workflow"), ("run", "run"), ("job", "name"), ("job", "runner"), ("deployment", "environment"),
    ("deployment", "group"), ("observation", "environment"), ("page", "rotation"), ("shift", "rotation"),
    ("slo", "name"),
]  # fmt: skip


@pytest.mark.parametrize(("event_type", "field"), TITLES)
@pytest.mark.parametrize("source", ["github:acme/shop", "gitlab:acme/shop", "jenkins"])
def test_a_title_mentions_nobody_whatever_its_source(event_type: str, field: str, source: str) -> None:
    event = parse_event(full_object(event_type, source=source, **{field: "12: @Ann, ann@x.org"}))
    keyed = f"12: @{PEOPLE.of('ann')}, {PEOPLE.of('ann@x.org')}"
    assert getattr(PEOPLE.key_event(event), field) == keyed
    assert PEOPLE.key_object(event_type, {field: ["@Ann", 7, {"deep": "@Ann"}]})[field] == [
        f"@{PEOPLE.of('ann')}", 7, {"deep": f"@{PEOPLE.of('ann')}"}
    ]  # fmt: skip


@pytest.mark.parametrize("event_type", ["pipeline_definition", "template_release"])
def test_steps_mention_nobody(event_type: str) -> None:
    event = parse_event(full_object(event_type, steps=["build", "ask @ann", "actions/checkout@v4"]))
    keyed = ["build", f"ask @{PEOPLE.of('ann')}", "actions/checkout@v4"]
    assert PEOPLE.key_event(event).model_dump()["steps"] == keyed


def test_keys_stand_although_they_look_like_mentions() -> None:
    named = {"id": "@ann", "service": "@shop", "run": {"id": "@ann"}, "artifact": "@acme/pay@1.2"}
    event = parse_event(full_object("deployment", **named))
    assert PEOPLE.key_event(event) == event


def test_unknown_fields_and_trailers_mention_nobody() -> None:
    keyed = f"@{PEOPLE.of('ann')}"
    event = parse_event(full_object("commit", note=["ask @ann"], trailers={"cc": ["@ann"], "by": ["A <ann@x.org>"]}))
    told = PEOPLE.key_event(event).model_dump()
    assert told["note"] == [f"ask {keyed}"]
    assert told["trailers"] == {"cc": [keyed], "by": [PEOPLE.of("ann@x.org")]}
    assert PEOPLE.redact('{"a": "ask @ann"') == f'{{"a": "ask {keyed}"'


@pytest.mark.parametrize(
    ("branch", "keyed"),
    [
        ("ann/fix-it", "{}/fix-it"),
        ("Ann/fix/it", "{}/fix/it"),
        ("@ann/fix", "{}/fix"),
        ("users/ann/fix", "users/{}/fix"),
        ("user/ann", "user/{}"),
        ("gh/ann/12/head", "gh/{}/12/head"),
        ("ann-patch-1", "{}-patch-1"),
        ("refs/heads/ann/fix", "refs/heads/{}/fix"),
        ("origin/ann/fix", "origin/{}/fix"),
        ("revert-12-ann/fix", "revert-12-{}/fix"),
    ],
)
def test_a_login_in_the_name_of_a_branch_is_keyed(branch: str, keyed: str) -> None:
    assert PEOPLE.key_branch(branch) == keyed.format(PEOPLE.of("ann"))


@pytest.mark.parametrize(
    "branch",
    [
        "main", "fix-it", "feature/x", "Feature/x", "release/1.2", "release-1.2/x", "hotfix/x", "hotfix-pay/x",
        "v1.2/x",
        "2026/x", "SHOP-12/x", "SHOP-12-cart/x", "dependabot/npm_and_yarn/x-1.2", "renovate/x", "refs/pull/12/merge",
        "revert-12-main", "revert-12-feature/x", "gh-readonly-queue/main/pr-1", "12/merge", "/x", "x/",
    ],
)  # fmt: skip
def test_a_branch_that_names_nobody_stands(branch: str) -> None:
    assert PEOPLE.key_branch(branch) == (branch if branch != "x/" else f"{PEOPLE.of('x')}/")


def test_a_branch_stays_the_hotfix_that_the_settings_say_it_is() -> None:
    people = Pseudonyms(b"k" * 32, hotfix=["^urgent/", "crash", "label:urgent"])
    assert people.key_branch("urgent/x") == "urgent/x"
    assert people.key_branch("ann/crash") == f"{people.of('ann')}/crash"
    assert people.key_branch("label:urgent/x") == f"{people.of('label:urgent')}/x"


def test_every_event_that_names_a_branch_names_it_alike() -> None:
    named = [
        ("run", "branch", "circleci:acme/shop"), ("change", "head", "gitlab:acme/shop"), ("change", "base", "test"),
        ("repository", "default_branch", "github:acme/shop"),
    ]  # fmt: skip
    found = set()
    for event_type, field, source in named:
        event = parse_event(full_object(event_type, source=source, **{field: "ann/main"}))
        found.add(PEOPLE.key_event(event).model_dump()[field])
    assert found == {f"{PEOPLE.of('ann')}/main"}


@pytest.mark.parametrize("event_type", ["run", "deployment", "incident", "repository"])
def test_the_url_of_an_event_has_no_user_and_no_query(event_type: str) -> None:
    event = parse_event(full_object(event_type, url="https://oauth2:pw@x.org/a?private_token=1#b"))
    assert PEOPLE.key_event(event).model_dump()["url"] == "https://x.org/a"


def test_an_event_without_secrets_is_the_same_object() -> None:
    event = parse_event(full_object("run"))
    assert PEOPLE.key_event(event) is event


@pytest.mark.parametrize(
    "unit", ["://a:", "https://a@", "token=", "eyJa-", "@a", "# @a\n", "ghp_", "a.b+://", "?#", "'"]
)
def test_cleaning_long_texts_ends(unit: str) -> None:
    text = unit * (2**18 // len(unit))
    for clean in CLEANINGS:
        assert clean(text)
