"""The service as seen by a command of the same user: the operations of a session, over its local routes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import httpx

from tribometer.errors import TribometerError
from tribometer.service.address import Address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tribometer.service.operations import Tell

ROUTES = "/api/v1/local"
STANDARD_INPUT = "-"
CHUNK = 1 << 20


class Refused(TribometerError):
    """The service did not do what the command asked; the message is the service's own."""

    def __init__(self, detail: str, exit_code: int) -> None:
        """Take over the exit code that the operation has when it runs directly."""
        super().__init__(detail)
        self.exit_code = exit_code


class ServiceLost(TribometerError):
    """The service went away in the middle."""

    def __init__(self, url: str, problem: str) -> None:
        """Say which, and that repeating is safe."""
        super().__init__(f"The service at {url} stopped answering ({problem}). Run the command again: nothing doubles.")


class Remote:
    """A session with a running service."""

    def __init__(self, address: Address, transport: httpx.BaseTransport | None = None) -> None:
        """``transport`` is the seam for tests; the proxies of the environment never see the local token."""
        self._url = address.url
        self._http = httpx.Client(
            base_url=address.url + ROUTES,
            headers={"Authorization": f"Bearer {address.token}", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(5.0, read=None, write=None),
            transport=transport,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def answers(self) -> bool:
        """Whether it is there and knows the token."""
        try:
            return self._http.get("/ping", timeout=5.0).is_success
        except httpx.HTTPError:
            return False

    def perform(self, operation: str, arguments: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
        """Have it done; raises `Refused` or `ServiceLost`."""
        try:
            unreadable: list[str] = []
            if "files" in arguments:
                arguments = {**arguments, "files": list(self._uploads(arguments["files"], unreadable))}
            with self._http.stream("POST", f"/{operation}", json=arguments) as answer:
                _check(answer)
                result = _result(answer, tell)
        except httpx.HTTPError as error:
            raise ServiceLost(self._url, type(error).__name__) from error
        except KeyboardInterrupt:
            tell({"hint": f"The service at {self._url} goes on with it; its Data health page shows how far it is."})
            raise
        return {**result, "errors": [*result["errors"], *unreadable]} if unreadable else result

    def _uploads(self, paths: Sequence[str], unreadable: list[str]) -> Iterator[dict[str, str]]:
        """Send what can be read; one missing file never stops the rest."""
        for path in paths:
            try:
                yield self._upload(path)
            except OSError as error:
                unreadable.append(f"{path}: {error.strerror}")

    def _upload(self, path: str) -> dict[str, str]:
        """Send a file's bytes: the service need not see the same files."""
        with _opened(path) as file:
            answer = self._http.post("/files", content=iter(lambda: file.read(CHUNK), b""))
        _check(answer)
        return {"name": path, "path": answer.json()["path"]}


def reach(folder: Path) -> Remote | None:
    """Return a session with the service that holds `folder`, or None when none answers."""
    address = Address.read(folder)
    remote = Remote(address) if address else None
    return remote if remote and remote.answers() else None


def _opened(path: str) -> IO[bytes]:
    if path == STANDARD_INPUT:
        return sys.stdin.buffer
    return Path(path).open("rb")


def _check(answer: httpx.Response) -> None:
    if not answer.is_success:
        answer.read()
        problem = answer.json()
        raise Refused(problem["detail"], problem.get("exit_code", 1))


def _result(answer: httpx.Response, tell: Tell) -> dict[str, Any]:
    """Pass on what is told line by line; the last line is the result or what went wrong."""
    for line in answer.iter_lines():
        message = json.loads(line)
        if "problem" in message:
            raise Refused(message["problem"], message["exit_code"])
        if "result" in message:
            result: dict[str, Any] = message["result"]
            return result
        tell(message)
    raise httpx.RemoteProtocolError("the answer ended early")
