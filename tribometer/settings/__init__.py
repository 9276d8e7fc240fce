"""Settings: one TOML file, every key also by environment variable, secrets never.

``TRIBOMETER_PATTERNS__HOTFIX='["^fix/"]'`` is ``[patterns] hotfix = ["^fix/"]``: nested keys are joined with two
underscores and lists are JSON. Relative paths are relative to the working folder.
"""

from tribometer.settings.loading import CONFIG_VARIABLE, DEFAULT_FILE, config_file, load
from tribometer.settings.model import PREFIX, Settings
from tribometer.settings.rules import BOTS, ENVIRONMENTS, Rules
from tribometer.settings.values import Catalog, Patterns, Records, Secret

__all__ = [
    "BOTS",
    "CONFIG_VARIABLE",
    "DEFAULT_FILE",
    "ENVIRONMENTS",
    "PREFIX",
    "Catalog",
    "Patterns",
    "Records",
    "Rules",
    "Secret",
    "Settings",
    "config_file",
    "load",
]
