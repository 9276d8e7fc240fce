"""The GraphQL questions that GitHub is asked; each is valid against the schema that GitHub publishes.

What a question costs in points is, by GitHub's rule, the number of connections it opens, each taken as full, by a
hundred ("Rate limits and query limits for the GraphQL API"). A page of 100 pull requests opens 100 each of commits,
reviews, labels and timeline, and one of parents for every commit. With 100 commits for each pull request that would
be 104 points of the 5,000 an hour, with 25 it is 29; the few that have more are followed singly.

Apps are asked for by another name than people (``bot``), because REST writes ``[bot]`` behind theirs.
"""

from __future__ import annotations

ACTOR = """
fragment Who on Actor {
  __typename
  ... on User { login }
  ... on Mannequin { login }
  ... on Organization { login }
  ... on EnterpriseUserAccount { login }
  ... on Bot { bot: login }
}
"""
COMMIT = """
fragment Written on Commit {
  oid
  message
  authoredDate
  committedDate
  tree { oid }
  parents(first: 10) { nodes { oid } }
  author { email user { login } }
}
"""
TIMELINE = """
fragment Happened on PullRequestTimelineItems {
  __typename
  ... on ReviewRequestedEvent {
    id
    createdAt
    requestedReviewer {
      __typename
      ... on User { login }
      ... on Mannequin { login }
      ... on Bot { bot: login }
      ... on Team { slug }
    }
  }
  ... on ReadyForReviewEvent { createdAt }
  ... on ConvertToDraftEvent { createdAt }
  ... on HeadRefForcePushedEvent { createdAt beforeCommit { oid } afterCommit { oid } }
}
"""
TIMELINE_TYPES = "[REVIEW_REQUESTED_EVENT, READY_FOR_REVIEW_EVENT, CONVERT_TO_DRAFT_EVENT, HEAD_REF_FORCE_PUSHED_EVENT]"
REVIEW = """
fragment Reviewed on PullRequestReview {
  fullDatabaseId
  state
  submittedAt
  updatedAt
  author { ...Who }
}
"""
PULL_REQUEST_CONNECTIONS = {
    "commits": (25, "commits(first: {first}{after}) {{ {page} nodes {{ commit {{ ...Written }} }} }}"),
    "reviews": (100, "reviews(first: {first}{after}) {{ {page} nodes {{ ...Reviewed }} }}"),
    "timelineItems": (
        100,
        "timelineItems(first: {first}{after}, itemTypes: TYPES) {{ {page} nodes {{ ...Happened }} }}".replace(
            "TYPES", TIMELINE_TYPES
        ),
    ),
}
"""What hangs on a pull request in any number: how many of each come with it, and the words to ask for them."""
FRAGMENTS = {"commits": COMMIT, "reviews": REVIEW + ACTOR, "timelineItems": TIMELINE}
PAGE_INFO = "pageInfo { hasNextPage endCursor }"


def _newest_first(name: str, connection: str, order: str, node: str) -> str:
    """A page of a repository's connection: who reads on goes back in time until what was read before."""
    return f"""
query {name}($owner: String!, $name: String!, $size: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    {connection}(first: $size, after: $after, orderBy: {{field: {order}, direction: DESC}}) {{
      totalCount
      {PAGE_INFO}
      nodes {{ {node} }}
    }}
  }}
}}
"""


def _connections() -> str:
    connections = PULL_REQUEST_CONNECTIONS.values()
    return "\n".join(words.format(first=first, after="", page=PAGE_INFO) for first, words in connections)


def _more(connection: str) -> str:
    _, words = PULL_REQUEST_CONNECTIONS[connection]
    asked = words.format(first=100, after=", after: $after", page=PAGE_INFO)
    head = f"query More($id: ID!, $after: String) {{ node(id: $id) {{ ... on PullRequest {{ {asked} }} }} }}"
    return head + FRAGMENTS[connection]


PULL_REQUESTS = (
    _newest_first("PullRequests", "pullRequests", "UPDATED_AT", "...Asked")
    + """fragment Asked on PullRequest {
  id
  number
  title
  body
  isDraft
  createdAt
  updatedAt
  mergedAt
  closedAt
  headRefName
  headRefOid
  baseRefName
  additions
  deletions
  changedFiles
  mergeCommit { oid }
  author { ...Who }
  labels(first: 100) { nodes { name } }
"""
    + _connections()
    + "\n}\n"
    + ACTOR
    + COMMIT
    + TIMELINE
    + REVIEW
)

MORE_OF_PULL_REQUEST = {connection: _more(connection) for connection in PULL_REQUEST_CONNECTIONS}
"""By connection: the rest of it for one pull request, 100 at a time."""

HISTORY = (
    """
query History($owner: String!, $name: String!, $head: GitObjectID!, $size: Int!, $after: String, $since: GitTimestamp) {
  repository(owner: $owner, name: $name) {
    object(oid: $head) {
      ... on Commit {
        history(first: $size, after: $after, since: $since) {
          totalCount
          pageInfo { hasNextPage endCursor }
          nodes { ...Written additions deletions changedFilesIfAvailable }
        }
      }
    }
  }
}
"""
    + COMMIT
)
"""Commits that one commit reaches, newest first; asked of a fixed head, so that a push does not move the pages."""

DEPLOYMENT = """
fragment Deployed on Deployment {
  id
  databaseId
  commitOid
  environment
  state
  createdAt
  updatedAt
  statuses(first: 50) { nodes { state createdAt logUrl environmentUrl } }
}
"""
DEPLOYMENTS = _newest_first("Deployments", "deployments", "CREATED_AT", "...Deployed") + DEPLOYMENT
SOME_DEPLOYMENTS = "query SomeDeployments($ids: [ID!]!) { nodes(ids: $ids) { ...Deployed } }" + DEPLOYMENT
"""Those that were unfinished when they were asked for last, up to 100 at once."""
ENVIRONMENTS = """
query Environments($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    environments(first: 100) { nodes { name protectionRules(first: 10) { nodes { type timeout } } } }
  }
}
"""
RELEASED = "databaseId tagName isDraft isPrerelease createdAt publishedAt updatedAt url tagCommit { oid }"
RELEASES = _newest_first("Releases", "releases", "CREATED_AT", RELEASED)
FILES = """
query Files(
  $owner: String!, $name: String!, $workflows: String!, $hidden: String!, $root: String!, $docs: String!
) {
  repository(owner: $owner, name: $name) {
    workflows: object(expression: $workflows) {
      ... on Tree { entries { path type object { ... on Blob { oid text isTruncated } } } }
    }
    hidden: object(expression: $hidden) { ... on Blob { oid text isTruncated } }
    root: object(expression: $root) { ... on Blob { oid text isTruncated } }
    docs: object(expression: $docs) { ... on Blob { oid text isTruncated } }
  }
}
"""
"""Workflow files and CODEOWNERS as they stand at one commit; the expressions are ``<sha>:<path>``."""

ALL = (
    PULL_REQUESTS, *MORE_OF_PULL_REQUEST.values(), HISTORY, DEPLOYMENTS, SOME_DEPLOYMENTS, ENVIRONMENTS, RELEASES, FILES
)  # fmt: skip
"""Every question there is."""
