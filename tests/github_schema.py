"""As much of GitHub's GraphQL schema as the collector asks for; names and types as GitHub's documentation has them."""

from graphql import build_schema

SCHEMA = build_schema("""
scalar DateTime
scalar BigInt
scalar GitObjectID
scalar GitTimestamp
scalar URI

enum OrderDirection { ASC DESC }
enum IssueOrderField { CREATED_AT UPDATED_AT COMMENTS }
enum DeploymentOrderField { CREATED_AT }
enum ReleaseOrderField { CREATED_AT NAME }
enum DeploymentState { ABANDONED ACTIVE DESTROYED ERROR FAILURE INACTIVE IN_PROGRESS PENDING QUEUED SUCCESS WAITING }
enum DeploymentStatusState { ERROR FAILURE INACTIVE IN_PROGRESS PENDING QUEUED SUCCESS WAITING }
enum DeploymentProtectionRuleType { BRANCH_POLICY REQUIRED_REVIEWERS WAIT_TIMER }
enum PullRequestReviewState { APPROVED CHANGES_REQUESTED COMMENTED DISMISSED PENDING }
enum PullRequestTimelineItemsItemType {
  REVIEW_REQUESTED_EVENT READY_FOR_REVIEW_EVENT CONVERT_TO_DRAFT_EVENT HEAD_REF_FORCE_PUSHED_EVENT
}
input IssueOrder { field: IssueOrderField! direction: OrderDirection! }
input DeploymentOrder { field: DeploymentOrderField! direction: OrderDirection! }
input ReleaseOrder { field: ReleaseOrderField! direction: OrderDirection! }

type Query {
  repository(owner: String!, name: String!): Repository
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
}
interface Node { id: ID! }
interface Actor { login: String! }
type User implements Actor { login: String! }
type Mannequin implements Actor { login: String! }
type Organization implements Actor { login: String! }
type EnterpriseUserAccount implements Actor { login: String! }
type Bot implements Actor { login: String! }
type Team { slug: String! }
union RequestedReviewer = User | Mannequin | Bot | Team
type PageInfo { hasNextPage: Boolean! endCursor: String }

type Repository {
  pullRequests(first: Int, after: String, orderBy: IssueOrder): PullRequestConnection!
  deployments(first: Int, after: String, orderBy: DeploymentOrder): DeploymentConnection!
  releases(first: Int, after: String, orderBy: ReleaseOrder): ReleaseConnection!
  environments(first: Int): EnvironmentConnection!
  object(oid: GitObjectID, expression: String): GitObject
}
type PullRequestConnection { totalCount: Int! pageInfo: PageInfo! nodes: [PullRequest] }
type PullRequest implements Node {
  id: ID!
  number: Int!
  title: String!
  body: String!
  isDraft: Boolean!
  createdAt: DateTime!
  updatedAt: DateTime!
  mergedAt: DateTime
  closedAt: DateTime
  headRefName: String!
  headRefOid: GitObjectID!
  baseRefName: String!
  additions: Int!
  deletions: Int!
  changedFiles: Int!
  mergeCommit: Commit
  author: Actor
  labels(first: Int): LabelConnection
  commits(first: Int, after: String): PullRequestCommitConnection!
  reviews(first: Int, after: String): PullRequestReviewConnection
  timelineItems(
    first: Int, after: String, itemTypes: [PullRequestTimelineItemsItemType!]
  ): PullRequestTimelineItemsConnection!
}
type Label { name: String! }
type LabelConnection { nodes: [Label] }
type PullRequestCommit { commit: Commit! }
type PullRequestCommitConnection { pageInfo: PageInfo! nodes: [PullRequestCommit] }
type PullRequestReview {
  fullDatabaseId: BigInt state: PullRequestReviewState! submittedAt: DateTime updatedAt: DateTime! author: Actor
}
type PullRequestReviewConnection { pageInfo: PageInfo! nodes: [PullRequestReview] }
type ReviewRequestedEvent { id: ID! createdAt: DateTime! requestedReviewer: RequestedReviewer }
type ReadyForReviewEvent { createdAt: DateTime! }
type ConvertToDraftEvent { createdAt: DateTime! }
type HeadRefForcePushedEvent { createdAt: DateTime! beforeCommit: Commit afterCommit: Commit }
union PullRequestTimelineItems =
  ReviewRequestedEvent | ReadyForReviewEvent | ConvertToDraftEvent | HeadRefForcePushedEvent
type PullRequestTimelineItemsConnection { pageInfo: PageInfo! nodes: [PullRequestTimelineItems] }

interface GitObject { oid: GitObjectID! }
type GitActor { email: String user: User }
type Commit implements GitObject {
  oid: GitObjectID!
  message: String!
  authoredDate: DateTime!
  committedDate: DateTime!
  tree: Tree!
  parents(first: Int): CommitConnection!
  author: GitActor
  additions: Int!
  deletions: Int!
  changedFilesIfAvailable: Int
  history(first: Int, after: String, since: GitTimestamp): CommitHistoryConnection!
}
type CommitConnection { nodes: [Commit] }
type CommitHistoryConnection { totalCount: Int! pageInfo: PageInfo! nodes: [Commit] }
type Tree implements GitObject { oid: GitObjectID! entries: [TreeEntry!] }
type TreeEntry { path: String type: String! object: GitObject }
type Blob implements GitObject { oid: GitObjectID! text: String isTruncated: Boolean! }

type DeploymentConnection { totalCount: Int! pageInfo: PageInfo! nodes: [Deployment] }
type Deployment implements Node {
  id: ID!
  databaseId: Int
  commitOid: String!
  environment: String
  state: DeploymentState
  createdAt: DateTime!
  updatedAt: DateTime!
  statuses(first: Int): DeploymentStatusConnection
}
type DeploymentStatus { state: DeploymentStatusState! createdAt: DateTime! logUrl: URI environmentUrl: URI }
type DeploymentStatusConnection { nodes: [DeploymentStatus] }
type EnvironmentConnection { nodes: [Environment] }
type Environment { name: String! protectionRules(first: Int): DeploymentProtectionRuleConnection! }
type DeploymentProtectionRule { type: DeploymentProtectionRuleType! timeout: Int! }
type DeploymentProtectionRuleConnection { nodes: [DeploymentProtectionRule] }
type ReleaseConnection { totalCount: Int! pageInfo: PageInfo! nodes: [Release] }
type Release {
  databaseId: Int
  tagName: String!
  isDraft: Boolean!
  isPrerelease: Boolean!
  createdAt: DateTime!
  publishedAt: DateTime
  updatedAt: DateTime!
  url: URI!
  tagCommit: Commit
}
""")
