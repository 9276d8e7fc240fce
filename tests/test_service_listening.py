import re
import socket

import pytest

from tribometer.service.listening import CannotListen, listen


def test_an_address_is_bound_before_it_is_told() -> None:
    found = listen("127.0.0.1", 0)
    with found.socket:
        assert found.url == f"http://127.0.0.1:{found.socket.getsockname()[1]}"


def test_a_port_that_is_proposed_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CannotListen) as caught:
        listen("127.0.0.1", taken.getsockname()[1])
    proposed = re.search(r"--port (\d+)$", str(caught.value))
    assert proposed
    listen("127.0.0.1", int(proposed[1])).socket.close()


def test_no_port_is_proposed_where_the_address_itself_is_not_ours() -> None:
    with pytest.raises(CannotListen, match="Is that an address of this machine"):
        listen("192.0.2.1", 8501)
