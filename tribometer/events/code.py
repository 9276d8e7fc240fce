"""Commits, changes (pull or merge requests) and their reviews."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from tribometer.events.base import (
    Branch,
    Count,
    Event,
    FileChange,
    Instant,
    Name,
    PersonRef,
    Prose,
    References,
    ReferenceTo,
    Text,
    Whole,
)


class Commit(Event):
    """One commit of a repository's graph.

    Author time is when the work was written (kept by a rebase), committer time when it entered this history.
    """

    TYPE: ClassVar[str] = "commit"

    repository: Text
    sha: Text
    tree_sha: Text | None = None
    """Content identity: two commits with one tree hold the same files."""
    parents: list[Text]
    """In git's order; two or more make a merge commit, which adds no code (E4)."""
    author: PersonRef | None = None
    authored_at: Instant
    committed_at: Instant
    author_kind: Literal["human", "bot"] | None = None
    """Absent counts as human (E14)."""
    additions: Count | None = None
    """Lines."""
    deletions: Count | None = None
    """Lines."""
    files: Count | None = None
    """Number of files touched."""
    file_changes: list[FileChange] | None = None
    reverts: Text | None = None
    """Sha of the commit that this one undoes."""
    trailers: dict[str, list[str]] | None = None
    """Trailer values by lower-case name; e-mail addresses in them are keyed."""
    history_cut: bool | None = None
    """Whether the source left parents out, as at the end of a shallow clone (E26); they may land all the same."""


class Change(Event):
    """A pull or merge request: one unit of lead time and review."""

    TYPE: ClassVar[str] = "change"

    repository: Text
    number: Whole
    author: PersonRef | None = None
    title: Prose | None = None
    """As its author wrote it; mentions and e-mail addresses in it are keyed, secrets masked."""
    base: Branch | None = None
    """Branch it is merged into."""
    head: Branch | None = None
    """Branch it comes from."""
    created_at: Instant
    ready_at: Instant | None = None
    """When it left draft (E15); absent: created ready."""
    first_commit_at: Instant | None = None
    """Author time of its first commit, as captured at merge (E1)."""
    merged_at: Instant | None = None
    closed_at: Instant | None = None
    merge_sha: Text | None = None
    """The commit it became on the base branch (E2)."""
    commits: list[Text] | None = None
    """Shas of its own commits."""
    head_shas: list[Text] | None = None
    """Every head it had, force-pushes included."""
    labels: list[str] | None = None
    author_kind: Literal["human", "bot"] | None = None
    additions: Count | None = None
    deletions: Count | None = None
    files: Count | None = None
    file_changes: list[FileChange] | None = None
    reverts: Whole | None = None
    """Number of the change that this one undoes, in the same repository."""


class Review(Event):
    """One submitted review of a change."""

    TYPE: ClassVar[str] = "review"

    change: Annotated[ReferenceTo, References("change")]
    reviewer: PersonRef | None = None
    reviewer_kind: Literal["human", "bot"] | None = None
    state: Literal["approved", "changes_requested", "commented", "dismissed"] | None = None
    submitted_at: Instant


class ReviewRequest(Event):
    """Somebody was asked for a review; the clock of the review response time (P2) starts here."""

    TYPE: ClassVar[str] = "review_request"
    ONE_OF: ClassVar[tuple[str, ...]] = ("reviewer", "team")

    change: Annotated[ReferenceTo, References("change")]
    reviewer: PersonRef | None = None
    team: Name | None = None
    requested_at: Instant
    reviewer_kind: Literal["human", "bot"] | None = None
    """Absent counts as human; asking a bot is no wait for a person (E14)."""
