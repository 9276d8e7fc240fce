"""Names of branches without the people in them: ``ann/fix-it``, ``users/ann/fix-it``, ``ann-patch-1``.

Who somebody is cannot be asked here: a run names a branch before anybody of its repository is known, and names of
branches are compared. So the rule looks at the name alone, and takes a first part that is no usual word for a login.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = frozenset({
    "main", "master", "trunk", "mainline", "develop", "development", "dev", "test", "testing", "tests", "stage",
    "staging", "prod", "production", "preview", "qa", "uat", "env", "environment", "environments", "demo",
    "sandbox", "stable", "lts", "next", "canary", "alpha", "beta", "rc", "edge", "nightly", "release", "releases",
    "rel", "version", "versions", "maintenance", "maint", "support", "hotfix", "hotfixes", "fix", "fixes", "bugfix",
    "bugfixes", "bug", "bugs", "patch", "patches", "security", "feature", "features", "feat", "enhancement",
    "enhancements", "improvement", "improvements", "improve", "change", "changes", "update", "updates", "upgrade",
    "upgrades", "add", "remove", "implement", "chore", "chores", "task", "tasks", "story", "stories", "epic",
    "issue", "issues", "ticket", "tickets", "topic", "topics", "wip", "draft", "experiment", "experimental", "exp",
    "spike", "poc", "prototype", "tmp", "temp", "doc", "docs", "documentation", "style", "refactor", "refactoring",
    "perf", "performance", "ci", "cd", "build", "deps", "dependency", "dependencies", "revert", "reverts",
    "backport", "backports", "cherry-pick", "port", "merge", "merges", "mr", "pr", "pull", "pulls",
    "merge-requests", "merge_requests", "requests", "queue", "merge-queue", "gh-readonly-queue", "mq", "gh-pages",
    "i18n", "l10n", "translation", "translations", "locale", "ui", "ux", "design", "api", "web", "app", "backend",
    "frontend", "mobile", "ios", "android", "infra", "infrastructure", "ops", "platform", "config", "cleanup",
    "lint", "refs", "heads", "remotes", "tags", "origin", "upstream", "head", "dependabot", "renovate", "snyk",
    "greenkeeper", "pyup", "imgbot", "mergify", "bors", "allcontributors", "crowdin", "weblate", "pre-commit-ci",
    "sourcery", "deepsource", "github-actions", "actions", "bot", "bots", "auto", "automated", "automation",
    "autofix", "sentry",
})  # fmt: skip
"""What stands before the first slash of branches and names nobody: kinds of work, places, robots."""
PLACE = re.compile(r"(?:refs/heads/|refs/remotes/[^/]+/|origin/|upstream/)?(?:revert-\d+-)*")
OF_SOMEBODY = re.compile(r"((?:users?|people|persons?|personal|home|gh|u)/)([^/]+)(?=/|\Z)", re.IGNORECASE)
"""Folders whose every part is somebody's; ghstack writes ``gh/ann/1/head``."""
OF_THE_WEB = re.compile(r"([^/]+)-patch-\d+(?:-\d+)*")
"""As GitHub and GitLab call a branch that somebody's edit in the browser makes."""
NUMBER = re.compile(r"#?v?\d[\dx._-]*|[A-Z][A-Z0-9_]*-\d+(?:[-_].*)?", re.ASCII)
"""Versions, years, and keys of issues as ``SHOP-12``."""
NUMBERED = re.compile(r"[-_.]?v?\d[\dx._-]*\Z", re.ASCII)
LONGEST, LONGEST_PART = 4096, 255


def keyed_branch(name: str, keyed: Callable[[str], str]) -> str:
    """The name with a login in it under its pseudonym; ``keyed`` gives that of a login."""
    place = PLACE.match(name)
    start = place.end() if place else 0
    rest = name[start:]
    if somebody := OF_SOMEBODY.match(rest):
        found = somebody.span(2)
    elif web := OF_THE_WEB.fullmatch(rest):
        found = web.span(1)
    else:
        first, slash, _ = rest.partition("/")
        found = (0, len(first)) if slash and not _is_usual(first) else (0, 0)
    login = rest[found[0] : found[1]]
    if not login.strip("@ "):
        return name
    return (name[:start] + rest[: found[0]] + keyed(login.strip("@ ")) + rest[found[1] :])[:LONGEST]


def _is_usual(part: str) -> bool:
    """Whether a first part names a kind of work, a version or an issue."""
    return len(part) <= LONGEST_PART and (
        NUMBER.fullmatch(part) is not None or NUMBERED.sub("", part.casefold()) in WORDS
    )
