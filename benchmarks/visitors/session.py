"""A browser on Streamlit's pages as their service knows it: one websocket, what it sends, and what it is sent."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from streamlit.proto.Selectbox_pb2 import Selectbox
    from websockets.asyncio.client import ClientConnection

STREAM = "/_stcore/stream"
PATIENCE = 180.0
"""Seconds after which a page that is not drawn to its end counts as an error."""
SILENT = frozenset({"empty", "html", "progress", "skeleton", "spinner"})
"""Elements that tell a reader nothing: style sheets, places that are kept free, and signs of work."""


@dataclass(frozen=True)
class Drawn:
    """One turn of a page: seconds until its first words and until it was drawn to its end, and what went wrong."""

    first: float
    whole: float
    errors: tuple[str, ...] = ()


class Session:
    """A tab of a browser. One turn at a time: a click waits for the one before."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._page = ""
        self._address: dict[str, str] = {}
        self._hashes: dict[str, str] = {}
        self._filters: dict[str, Selectbox] = {}
        self._waits: dict[str, float] = {}
        self._kept: dict[str, ForwardMsg] = {}

    def choices(self, key: str) -> Sequence[str]:
        """What a filter of the page offers beside everything; nothing where there is no such filter."""
        found = self._filters.get(key)
        return found.options[1:] if found is not None else ()

    async def open(self, path: str) -> Drawn:
        """Open a page: at first by its address, then by the navigation."""
        self._address = {}
        if not self._hashes:
            return await self._turn(ClientState(page_name=path))
        return await self._turn(ClientState(page_script_hash=self._hashes[path]))

    async def choose(self, key: str, value: str) -> Drawn:
        """Choose something in a filter of the page, which the address follows."""
        self._address[key] = value
        state = WidgetState(id=self._filters[key].id, string_value=value)
        return await self._turn(self._here(widget_states=WidgetStates(widgets=[state])))

    async def watch(self, seconds: float) -> tuple[str, ...]:
        """Look on while the page fills what it waits for, at most so long; what went wrong."""
        until, wrong = time.monotonic() + seconds, list[str]()
        while self._waits and (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, *self._waits.values()))
            for part in tuple(self._waits):
                if part in self._waits:
                    wrong += (await self._turn(self._here(fragment_id=part, is_auto_rerun=True))).errors
        return tuple(wrong)

    def _here(
        self, *, fragment_id: str = "", is_auto_rerun: bool = False, widget_states: WidgetStates | None = None
    ) -> ClientState:
        return ClientState(
            query_string=urlencode(self._address), page_script_hash=self._page, fragment_id=fragment_id,
            is_auto_rerun=is_auto_rerun, widget_states=widget_states,
        )  # fmt: skip

    async def _turn(self, state: ClientState) -> Drawn:
        state.cached_message_hashes.extend(self._kept)
        first, wrong, begun = None, list[str](), time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._socket.send(BackMsg(rerun_script=state).SerializeToString())
                while True:
                    message = self._taken(ForwardMsg.FromString(await self._socket.recv(decode=False)))
                    if first is None and _tells(message):
                        first = time.perf_counter() - begun
                    wrong += _errors(message)
                    if _is_last(message):
                        break
        except (TimeoutError, WebSocketException) as error:
            wrong.append(f"{type(error).__name__} {error}".strip())
        whole = time.perf_counter() - begun
        return Drawn(whole if first is None else first, whole, tuple(wrong))

    def _taken(self, message: ForwardMsg) -> ForwardMsg:
        """Note what the page has; the message itself, where it was only named from those sent before."""
        if message.WhichOneof("type") == "ref_hash":
            message = self._kept[message.ref_hash]
        if message.metadata.cacheable:
            self._kept[message.hash] = message
        match message.WhichOneof("type"):
            case "new_session" if not message.metadata.run.fragment_ids:
                self._page = message.new_session.page_script_hash
                self._filters, self._waits = {}, {}
            case "navigation":
                self._page = message.navigation.page_script_hash
                self._hashes = {page.url_pathname: page.page_script_hash for page in message.navigation.app_pages}
            case "page_info_changed":
                self._address = dict(parse_qsl(message.page_info_changed.query_string))
            case "auto_rerun":
                self._waits[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            case "stop_auto_rerun":
                self._waits = {
                    part: each for part, each in self._waits.items() if part not in message.stop_auto_rerun.fragment_ids
                }
            case "delta" if message.delta.new_element.selectbox.query_param_key:
                self._filters[message.delta.new_element.selectbox.query_param_key] = message.delta.new_element.selectbox
        return message


@asynccontextmanager
async def visiting(url: str) -> AsyncIterator[Session]:
    """Open a tab at a service and close it again."""
    address = url.replace("http", "ws", 1) + STREAM
    async with connect(
        address, origin=Origin(url), subprotocols=[Subprotocol("streamlit")], max_size=None, proxy=None
    ) as socket:
        yield Session(socket)


def _tells(message: ForwardMsg) -> bool:
    """Whether a message draws something to read."""
    return message.WhichOneof("type") == "delta" and message.delta.new_element.WhichOneof("type") not in {None, *SILENT}


def _is_last(message: ForwardMsg) -> bool:
    """Whether a script is over, and not only to begin anew."""
    return (
        message.WhichOneof("type") == "script_finished"
        and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
    )


def _errors(message: ForwardMsg) -> list[str]:
    """What a message says that went wrong."""
    match message.WhichOneof("type"):
        case "page_not_found":
            return [f"no page {message.page_not_found.page_name!r}"]
        case "session_event" if message.session_event.WhichOneof("type") == "script_compilation_exception":
            return [message.session_event.script_compilation_exception.message]
        case "delta":
            drawn = message.delta.new_element
            if drawn.WhichOneof("type") == "exception":
                return [f"{drawn.exception.type}: {drawn.exception.message}"]
            if drawn.WhichOneof("type") == "alert" and drawn.alert.format == Alert.ERROR:
                return [drawn.alert.body]
    return []
