import json
from datetime import timedelta
from pathlib import Path

import pytest

from tribometer.errors import ConfigurationError
from tribometer.settings import (
    PREFIX,
    Catalog,
    Digest,
    Drift,
    Friction,
    GoldenPath,
    Machines,
    Records,
    Secret,
    Settings,
    SurveySettings,
    config_file,
    load,
)

BY_VARIABLE = {
    "data": ("TRIBOMETER_DATA", "/srv/tribometer", Path("/srv/tribometer")),
    "sources": ("TRIBOMETER_SOURCES", '[{"kind": "git", "path": "/srv/a"}]', ({"kind": "git", "path": "/srv/a"},)),
    "environments": ("TRIBOMETER_ENVIRONMENTS__PRODUCTION", '["eu-*"]', {"production": ("eu-*",)}),
    "records": ("TRIBOMETER_RECORDS__URL", "postgresql://db/records", Records(url="postgresql://db/records")),
    "catalog": ("TRIBOMETER_CATALOG__FILE", "catalog.csv", Catalog(file=Path("catalog.csv"))),
    "hooks": ("TRIBOMETER_HOOKS__GITHUB__SECRET", '{"env": "GITHUB_SECRET"}', None),
    "patterns": ("TRIBOMETER_PATTERNS__HOTFIX", '["^fix/"]', None),
    "ci": ("TRIBOMETER_CI__COST_PER_MINUTE", '{"default": 0.008}', Machines(cost_per_minute={"default": 0.008})),
    "golden_path": ("TRIBOMETER_GOLDEN_PATH__TEMPLATES", '["service-*"]', GoldenPath(templates=("service-*",))),
    "digest": ("TRIBOMETER_DIGEST__HOUR", "7", Digest(hour=7)),
    "friction": ("TRIBOMETER_FRICTION__LOADED_RATE", "80", Friction(loaded_rate=80)),
    "drift": ("TRIBOMETER_DRIFT__RELEASES", "3", Drift(releases=3)),
    "deviations": (
        "TRIBOMETER_DEVIATIONS",
        '[{"service": "api", "step": "sign", "owner": "team-a", "until": "2026-06-30", "why": "no keys yet"}]',
        None,
    ),
    "surveys": ("TRIBOMETER_SURVEYS__KEEP_DAYS", "365", SurveySettings(keep_days=365)),
    "timezone": ("TRIBOMETER_TIMEZONE", "Europe/Berlin", "Europe/Berlin"),
    "failure_window_days": ("TRIBOMETER_FAILURE_WINDOW_DAYS", "3", 3.0),
    "memory": ("TRIBOMETER_MEMORY", "2gb", "2GB"),
    "allow_open_access_without_sign_in": ("TRIBOMETER_ALLOW_OPEN_ACCESS_WITHOUT_SIGN_IN", "true", True),
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder and no variable of ours."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    monkeypatch.delenv("TRIBOMETER_CONFIG", raising=False)
    return tmp_path


def written(text: str, name: str = "tribometer.toml") -> Path:
    file = Path(name)
    file.write_text(text, encoding="utf-8")
    return file


def refused(text: str) -> ConfigurationError:
    written(text)
    with pytest.raises(ConfigurationError) as caught:
        load()
    return caught.value


def test_every_setting_is_in_the_table_of_variables() -> None:
    assert set(BY_VARIABLE) == set(Settings.model_fields)


@pytest.mark.parametrize("name", BY_VARIABLE)
def test_every_setting_comes_by_environment_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variable, text, expected = BY_VARIABLE[name]
    default = getattr(load(), name)
    monkeypatch.setenv(variable, text)
    value = getattr(load(), name)
    assert value != default
    assert expected is None or value == expected


def test_a_nested_list_comes_by_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIBOMETER_PATTERNS__HOTFIX", '["^fix/", "label:urgent"]')
    assert load().rules.hotfix == ("^fix/", "label:urgent")


def test_without_file_and_variables_the_defaults_hold() -> None:
    settings = load()
    assert settings.file is None
    assert settings.data == Path(".tribometer")
    assert settings.rules.failure_window == timedelta(days=7)
    assert settings.rules.tier("Live-EU") == "production"


def test_a_variable_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    written('timezone = "Europe/Paris"\n[environments]\nproduction = ["a"]\nstaging = ["b"]\n')
    monkeypatch.setenv("TRIBOMETER_TIMEZONE", "Asia/Tokyo")
    monkeypatch.setenv("TRIBOMETER_ENVIRONMENTS__PRODUCTION", '["c"]')
    settings = load()
    assert settings.timezone == "Asia/Tokyo"
    assert settings.environments == {"production": ("c",), "staging": ("b",)}


def test_the_argument_wins_over_the_variable_and_that_over_the_working_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    here = written("")
    assert config_file() == here
    monkeypatch.setenv("TRIBOMETER_CONFIG", "by-variable.toml")
    assert config_file() == Path("by-variable.toml")
    assert config_file(Path("by-argument.toml")) == Path("by-argument.toml")


def test_patterns_of_one_tier_leave_the_built_in_ones_of_the_others() -> None:
    written('[environments]\nproduction = ["eu-*"]\n')
    rules = load().rules
    assert rules.tier("eu-1") == "production"
    assert rules.tier("live") is None
    assert rules.tier("preprod") == "staging"


@pytest.mark.parametrize(
    ("text", "key", "fix"),
    [
        ('timezon = "UTC"', "timezon", "Did you mean timezone?"),
        ('[catalog]\nfiles = "a"', "catalog.files", "Did you mean file?"),
        ('[hooks.github]\nsecret = {env = "A"}\nsecrets = 1', "hooks.github.secrets", "Did you mean secret?"),
        ('[hooks.githb]\nsecret = {env = "A"}', "hooks.githb", "Correct the value"),
        ("[hooks.github]", "hooks.github.secret", "Correct the value"),
        ('[hooks.github]\nsecret = "s3cret"', "hooks.github.secret", 'Write secret = {env = "NAME"} or secret = {file'),
        ('[hooks.github]\nsecret = {evn = "A"}', "hooks.github.secret", "`env` is meant, not `evn`"),
        ('[hooks.github]\nsecret = [{env = "A", file = "B"}]', "hooks.github.secret", "stands in one place"),
        ('[records]\nurl = {flie = "A"}', "records.url", "`file` is meant, not `flie`"),
        ('[patterns]\nhotfixes = ["a"]', "patterns.hotfixes", "Did you mean hotfix?"),
        ('[environments]\nproduction = "prod"', "environments.production", "list"),
        ("failure_window_days = 0", "failure_window_days", "greater than 0"),
        ('[patterns]\nhotfix = ["("]', "patterns.hotfix[0]", "not a regular expression"),
        ('memory = "lots"', "memory", "from 256MB up, like 2GB"),
        ('memory = "100MB"', "memory", "from 256MB up, like 2GB"),
        ('timezone = "Europe/Berln"', "timezone", "Europe/Berlin"),
    ],
)
def test_a_wrong_setting_names_the_key_the_file_and_the_fix(text: str, key: str, fix: str) -> None:
    error = refused(text)
    assert error.key == key
    assert error.origin == "tribometer.toml"
    assert fix in str(error)
    assert error.exit_code == 2


def test_broken_toml_is_named_by_file_line_and_column() -> None:
    message = str(refused('timezone = "UTC"\nsources = [\n  oops\n'))
    assert "tribometer.toml" in message
    assert "line 3, column" in message


def test_a_file_that_is_not_utf8_says_so() -> None:
    Path("tribometer.toml").write_bytes(b'timezone = "\xff"')
    with pytest.raises(ConfigurationError, match="UTF-8"):
        load()


def test_a_configuration_file_that_is_not_there_says_how_to_give_one() -> None:
    with pytest.raises(ConfigurationError, match="--config"):
        load(Path("missing.toml"))


@pytest.mark.parametrize(
    ("variable", "text", "fix"),
    [
        ("TRIBOMETER_TIMEZNE", "UTC", "Did you mean TRIBOMETER_TIMEZONE?"),
        ("TRIBOMETER_PATTERNS__HOTFIX", "^fix", "JSON"),
        ("TRIBOMETER_SOURCES", "[[", "JSON"),
        ("TRIBOMETER_ENVIRONMENTS__PRODUCTION", "prod", "list"),
        ("TRIBOMETER_TIMEZONE", "Nowhere", "IANA"),
    ],
)
def test_a_wrong_variable_is_named_with_its_fix(
    variable: str, text: str, fix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(ConfigurationError) as caught:
        load()
    assert variable in str(caught.value)
    assert fix in str(caught.value)


def test_what_kubernetes_puts_into_every_pod_is_no_unknown_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRIBOMETER_SERVICE_HOST", "TRIBOMETER_PORT_8501_TCP_ADDR", "TRIBOMETER_PORT"):
        monkeypatch.setenv(name, "tcp://10.0.0.1:8501")
    assert load().timezone == "UTC"


def test_a_secret_is_read_from_where_it_stands_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "hunter2")
    written('[[sources]]\nkind = "github"\ntoken = {env = "A_TOKEN"}\n')
    settings = load()
    token = settings.sources[0]["token"]
    assert token.reveal() == "hunter2"
    assert "hunter2" not in repr(settings) + json.dumps(settings.model_dump(mode="json"))


def test_a_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\n")
    assert Secret(file=tmp_path / "token").reveal() == "hunter2"


@pytest.mark.parametrize("secret", [Secret(env="NOBODY_SETS_THIS"), Secret(file=Path("missing"))])
def test_a_missing_secret_names_its_key_and_its_place(secret: Secret) -> None:
    with pytest.raises(ConfigurationError) as caught:
        secret.reveal("sources[0].token")
    assert "sources[0].token" in str(caught.value)
    assert str(secret.env or secret.file) in str(caught.value)


def test_the_url_of_the_records_may_stand_in_a_variable_that_looks_like_a_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRIBOMETER_RECORDS_URL", "postgresql://ann:s3cret@db/records")
    written('[records]\nurl = {env = "TRIBOMETER_RECORDS_URL"}')
    settings = load()
    assert settings.records.database_url() == "postgresql://ann:s3cret@db/records"
    assert "s3cret" not in repr(settings)


def test_a_variable_that_no_secret_names_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIBOMETER_RECORDS_URL", "postgresql://ann:s3cret@db/records")
    error = refused("[records]\nkeep_runs_days = 3")
    assert error.key == "TRIBOMETER_RECORDS_URL"
    assert "s3cret" not in str(error)


def test_the_place_of_a_secret_comes_by_variable_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIBOMETER_RECORDS__URL", '{"file": "/run/secrets/records"}')
    assert load().records.url == Secret(file=Path("/run/secrets/records"))


@pytest.mark.parametrize(
    "url",
    [
        '"postgresql://ann:s3cret@db/records"',
        '"postgresql://ann:s3/cret@db/records"',
        '"postgresql://db/records?user=ann&password=s3cret"',
        '{env = "A", file = "s3cret"}',
        '["s3cret"]',
    ],
)
def test_a_password_in_the_file_is_refused_without_repeating_it(url: str) -> None:
    error = refused(f"[records]\nurl = {url}")
    assert error.key == "records.url"
    assert '{env = "NAME"}' in str(error)
    assert "s3" not in str(error)


@pytest.mark.parametrize("url", ["postgresql://ann@db:5432/records", "sqlite:////srv/records.sqlite"])
def test_a_url_without_a_password_may_stand_in_the_file(url: str) -> None:
    written(f'[records]\nurl = "{url}"')
    assert load().records.database_url() == url


def test_without_a_url_the_records_lie_in_the_data_folder_and_runs_stay_90_days() -> None:
    assert load().records.database_url() is None
    assert load().records.keep_runs_days == 90


def test_a_misspelt_key_of_a_table_is_compared_with_the_keys_of_that_table() -> None:
    assert "Did you mean keep_runs_days?" in str(refused("[records]\nkeep_run_days = 3"))


@pytest.mark.parametrize(
    ("text", "key", "fix"),
    [
        ('kind = "git"\nreleases = "("', "sources[1]", "releases"),
        ('path = "."', "sources[1]", "kind"),
        ('kind = "x"\ntoken = {env = 1}', "sources[1].token.env", "string"),
    ],
)
def test_a_wrong_table_of_sources_costs_only_itself(text: str, key: str, fix: str) -> None:
    Path("tribometer.toml").write_text(f'[[sources]]\nkind = "git"\npath = "."\n[[sources]]\n{text}\n')
    settings = load()
    assert settings.sources[0] == {"kind": "git", "path": "."}
    assert [(place, error.key) for place, error in settings.refused.items()] == [(1, key)]
    assert fix in str(settings.refused[1])
