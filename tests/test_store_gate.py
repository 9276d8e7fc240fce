"""Who waits for whom at a gate."""

from threading import Event, Thread

import pytest

from tribometer.errors import StoreError
from tribometer.store.gate import Gate


def test_readers_pass_side_by_side_while_the_gate_is_open() -> None:
    gate = Gate()
    with gate.inside(), gate.inside():
        pass


def test_whoever_shuts_the_gate_waits_for_those_inside_and_keeps_others_out() -> None:
    gate, order = Gate(), list[str]()
    entered, leave, shutting = Event(), Event(), Event()

    def read() -> None:
        with gate.inside():
            entered.set()
            leave.wait(10)
            order.append("first reader")

    def replace() -> None:
        shutting.set()
        with gate.shut("replacing"):
            order.append("replaced")

    def read_later() -> None:
        with gate.inside():
            order.append("second reader")

    reader, writer, late = Thread(target=read), Thread(target=replace), Thread(target=read_later)
    reader.start()
    entered.wait(10)
    writer.start()
    shutting.wait(10)
    while not gate._shut:  # noqa: SLF001 - nothing else tells that the writer is at the gate
        pass
    late.start()
    leave.set()
    for thread in (reader, writer, late):
        thread.join(10)
    assert order == ["first reader", "replaced", "second reader"]


def test_a_reader_that_does_not_end_is_an_error_and_the_gate_is_open_again() -> None:
    gate = Gate()
    with gate.inside():
        with pytest.raises(StoreError, match="still running"), gate.shut("replacing", patience=0.01):
            pass
        with gate.inside():
            pass


def test_a_failure_behind_the_shut_gate_opens_it_again() -> None:
    gate = Gate()
    with pytest.raises(ZeroDivisionError), gate.shut("replacing"):
        raise ZeroDivisionError
    with gate.inside():
        pass
