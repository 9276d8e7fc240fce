"""A lock that goes round in turns, and threads whose answers are saved together."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest

from tribometer.store.together import Together
from tribometer.store.turns import Turns


def waiting(turns: Turns, came: list[str], name: str) -> Thread:
    """A thread that waits for its turn."""

    def take() -> None:
        with turns:
            came.append(name)

    thread = Thread(target=take)
    thread.start()
    while name not in came and len(turns._waiting) < 1:  # noqa: SLF001 - there is no other sign of its waiting
        time.sleep(0.001)
    return thread


def test_whoever_waits_longest_is_next_and_not_whoever_has_just_let_go() -> None:
    turns, came = Turns(), list[str]()
    turns.acquire()
    thread = waiting(turns, came, "first")
    turns.release()
    with turns:
        came.append("the same again")
    thread.join()

    assert came == ["first", "the same again"]


def test_who_waits_in_vain_leaves_nobody_behind() -> None:
    turns, came = Turns(), list[str]()
    turns.acquire()
    assert not turns.acquire(timeout=0)
    assert not turns.acquire(timeout=0.01)
    thread = waiting(turns, came, "next")
    turns.release()
    thread.join()

    assert came == ["next"]
    assert turns.acquire(timeout=0)


def test_many_threads_exclude_each_other() -> None:
    turns, total = Turns(), [0]

    def add(_: int) -> None:
        for _ in range(200):
            if turns.acquire(timeout=5):
                before = total[0]
                time.sleep(0)
                total[0] = before + 1
                turns.release()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    assert total == [1_600]


def test_what_comes_while_something_is_saved_is_saved_together_and_once() -> None:
    batches, begun, go_on = list[tuple[str, list[int]]](), Event(), Event()

    def save(key: str, items: Sequence[int]) -> None:
        batches.append((key, list(items)))
        begun.set()
        go_on.wait()

    together = Together(save)
    with ThreadPoolExecutor(12) as pool:
        first = pool.submit(together.save, "a", 0)
        begun.wait()
        rest = [pool.submit(together.save, "b" if number > 8 else "a", number) for number in range(1, 11)]
        while len(together._waiting) < 10:  # noqa: SLF001 - there is no other sign of their waiting
            time.sleep(0.001)
        go_on.set()
        assert [each.result() for each in (first, *rest)] == [None] * 11

    assert batches[0] == ("a", [0])
    assert sorted((key, sorted(items)) for key, items in batches[1:]) == [("a", list(range(1, 9))), ("b", [9, 10])]


def test_an_error_reaches_everybody_whose_items_were_not_saved_and_nobody_else() -> None:
    begun, go_on = Event(), Event()

    def save(key: str, _: Sequence[int]) -> None:
        begun.set()
        go_on.wait()
        if key == "bad":
            raise OSError("no space left")

    together = Together(save)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(together.save, "good", 0)
        begun.wait()
        bad = [pool.submit(together.save, "bad", number) for number in range(2)]
        good = pool.submit(together.save, "good", 2)
        while len(together._waiting) < 3:  # noqa: SLF001 - as above
            time.sleep(0.001)
        go_on.set()
        assert (first.result(), good.result()) == (None, None)
        for each in bad:
            with pytest.raises(OSError, match="no space"):
                each.result()
    together.save("good", 3)
