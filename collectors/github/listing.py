"""Which repositories an owner has: the list page by page, each page asked for conditionally."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from collectors.http.exchange import Request
from collectors.http.paging import LinkPages, listed
from collectors.parsed import part, text
from tribometer.errors import SourceForbidden, SourceMissing
from tribometer.store import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collectors.base import Cursor, ETags
    from collectors.forge.family import Selection
    from collectors.http.client import Client

KEPT = ("name", "full_name", "html_url", "default_branch", "created_at", "archived", "fork")
MOST_PAGES = 1_000
About = dict[str, Any]


@dataclass
class Listing:
    """An owner's repositories. Cursor: ``owners`` (orgs or users) and ``pages``, what stood on each page last."""

    client: Client
    prefix: str
    owner: str
    selection: Selection
    etags: ETags
    new_etags: dict[str, str] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def read(self, before: Cursor) -> tuple[list[About], Cursor]:
        """The repositories that are wanted, by name, and the cursor behind the list.

        Raise `SourceMissing` when there is no such owner.
        """
        kind = before.get("owners", "orgs")
        try:
            pages = list(self._pages(kind, before.get("pages", ())))
        except SourceMissing:
            # an owner is an organisation or a person, and may become the other
            kind = "users" if kind == "orgs" else "orgs"
            pages = list(self._pages(kind, ()))
        found = {
            about["full_name"]: about for page in pages for about in page["repositories"] if self._is_wanted(about)
        }
        found |= {about["full_name"]: about for about in self._named(found)}
        self.remarks += self.selection.remarks(self.owner, [str(each["name"]) for each in found.values()], self.asked)
        return [found[name] for name in sorted(found)], {"owners": kind, "pages": pages}

    def _pages(self, kind: str, before: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        previous = None
        for number in range(1, MOST_PAGES + 1):
            known = before[number - 1] if number <= len(before) else None
            page = self._page(kind, number, known)
            # a server whose pages never end says the same again
            if page["repositories"] == previous:
                return
            yield page
            previous = page["repositories"]
            if not page["more"]:
                return

    def _page(self, kind: str, number: int, known: Mapping[str, Any] | None) -> Mapping[str, Any]:
        params = {"sort": "full_name", "per_page": 100, "page": number}
        path = f"{self.prefix}/{kind}/{self.owner}/repos"
        etag = self.etags.get(f"{self.client.server.url}{path}?{urlencode(params)}") if known else None
        answer = self.client.get(path, params, etag=etag)
        if answer.not_modified and known:
            return known
        self.new_etags |= answer.etags
        repositories = [_about(raw) for raw in listed(answer, None) if text(raw, "full_name")]
        return {"repositories": repositories, "more": LinkPages().after(answer) is not None}

    def _is_wanted(self, about: About) -> bool:
        return self.selection.wants(str(about.get("name")), archived=bool(about.get("archived")))

    def _named(self, found: Mapping[str, About]) -> Iterator[About]:
        """Repositories that are wanted by their whole name and did not stand in the list, as private ones of a user."""
        listed_names = {about.get("name") for about in found.values()}
        for name in self.selection.named:
            if name in listed_names:
                continue
            self.asked.append(name)
            try:
                yield _about(self.client.send(Request(f"{self.prefix}/repos/{self.owner}/{name}")).body)
            except (SourceMissing, SourceForbidden) as error:
                self.remarks.append(Remark(f"{self.owner}/{name} cannot be read: {error.problem}", error.fix))


def _about(raw: object) -> About:
    return {key: part(raw, key) for key in KEPT}
