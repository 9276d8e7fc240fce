"""Settings: one TOML file, every key also by environment variable, secrets never.

``TRIBOMETER_PATTERNS__HOTFIX='["^fix/"]'`` is ``[patterns] hotfix = ["^fix/"]``: nested keys are joined with two
underscores and lists are JSON. Relative paths are relative to the working folder.
"""

from tribometer.settings.digest import Digest
from tribometer.settings.friction import Factors, Friction, FrictionKind
from tribometer.settings.golden import Deviation, Drift, GoldenPath
from tribometer.settings.loading import CONFIG_VARIABLE, DEFAULT_FILE, config_file, load
from tribometer.settings.machines import Machines
from tribometer.settings.model import PREFIX, Settings
from tribometer.settings.rules import BOTS, ENVIRONMENTS, HOTFIX, Rules
from tribometer.settings.secret import NO_PLACE, UNASKED, Secret, checked_places, written
from tribometer.settings.surveys import SurveySettings
from tribometer.settings.values import Catalog, Patterns, Records

__all__ = [
    "BOTS",
    "CONFIG_VARIABLE",
    "DEFAULT_FILE",
    "ENVIRONMENTS",
    "HOTFIX",
    "NO_PLACE",
    "PREFIX",
    "UNASKED",
    "Catalog",
    "Deviation",
    "Digest",
    "Drift",
    "Factors",
    "Friction",
    "FrictionKind",
    "GoldenPath",
    "Machines",
    "Patterns",
    "Records",
    "Rules",
    "Secret",
    "Settings",
    "SurveySettings",
    "checked_places",
    "config_file",
    "load",
    "written",
]
