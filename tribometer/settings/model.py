"""The settings as one model: every key with its type, its default and what it means."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, PrivateAttr
from pydantic_settings import BaseSettings, SettingsConfigDict

from tribometer.errors import ConfigurationError
from tribometer.settings.digest import Digest
from tribometer.settings.friction import Friction
from tribometer.settings.golden import Deviation, Drift, GoldenPath
from tribometer.settings.hooks import HookKind, HookSettings
from tribometer.settings.machines import Machines
from tribometer.settings.rules import ENVIRONMENTS, Rules
from tribometer.settings.surveys import SurveySettings
from tribometer.settings.values import Catalog, Patterns, Records, SourceTable, memory_amount, time_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_settings import PydanticBaseSettingsSource

PREFIX = "TRIBOMETER_"


class Settings(BaseSettings):
    """Everything that can be configured; made by `load`, which words the errors."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, hide_input_in_errors=True
    )

    data: Path = Path(".tribometer")
    """The data folder; created with mode 0700 by the first command that stores something."""
    sources: tuple[SourceTable, ...] = ()
    """What is collected; ``kind`` says by which collector."""
    environments: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Tier -> glob patterns of environment names; replaces the built-in patterns of that tier."""
    catalog: Catalog = Catalog()
    patterns: Patterns = Patterns()
    ci: Machines = Machines()
    golden_path: GoldenPath = GoldenPath()
    drift: Drift = Drift()
    deviations: tuple[Deviation, ...] = ()
    """Who may leave the golden path in what until when; what is over counts again, and is listed either way."""
    friction: Friction = Friction()
    records: Records = Records()
    surveys: SurveySettings = SurveySettings()
    digest: Digest = Digest()
    hooks: dict[HookKind, HookSettings] = Field(default_factory=dict)
    """Who may push: ``[hooks.github] secret = {env = "NAME"}``; any of a list of secrets vouches for a delivery.

    Kinds: github, gitlab, gitea, pagerduty, opsgenie, alertmanager, cdevents. Without its table a hook refuses.
    """
    timezone: Annotated[str, AfterValidator(time_zone)] = Rules.timezone
    """IANA name; the business clock of services whose team names none."""
    failure_window_days: Annotated[float, Field(gt=0, le=365)] = Rules.failure_window / timedelta(days=1)
    """Days after a deployment in which a failure still counts as its own (D3)."""
    memory: Annotated[str, AfterValidator(memory_amount)] | None = None
    """What queries may hold in memory before they spill to disk, like ``2GB``; default: an eighth of the machine's
    memory, from 512 MB to 4 GB."""
    allow_open_access_without_sign_in: bool = False
    """Let ``up`` bind an address other machines can reach although nobody has to sign in."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file; the file's content comes by argument."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    _file: Path | None = PrivateAttr(default=None)
    _refused: dict[int, ConfigurationError] = PrivateAttr(default_factory=dict)

    @property
    def file(self) -> Path | None:
        """The file that was read; None when there was none."""
        return self._file

    @property
    def refused(self) -> Mapping[int, ConfigurationError]:
        """What is wrong with tables of ``sources``, by their place in it: of those only the kind was kept."""
        return self._refused

    def hook(self, kind: str) -> HookSettings | None:
        """The settings of one kind of webhook; None: it is off."""
        return next((settings for each, settings in self.hooks.items() if each == kind), None)

    @property
    def rules(self) -> Rules:
        """What the store and the metrics need to know."""
        return Rules(
            environments={**ENVIRONMENTS, **self.environments},
            hotfix=self.patterns.hotfix,
            failure_window=timedelta(days=self.failure_window_days),
            timezone=self.timezone,
            bots=self.patterns.bots,
            generated=self.patterns.generated,
            ci=self.ci,
            golden_path=self.golden_path,
            drift=self.drift,
            deviations=self.deviations,
            friction=self.friction,
        )
