"""So many at a time, and no ring lost."""

from __future__ import annotations

import threading

import pytest

from workers.crew import Crew


def test_all_that_is_due_is_done_by_whoever_comes_first() -> None:
    due = [1, 2, 3]
    Crew(1).work(lambda: bool(due and due.pop()))
    assert due == []


def test_a_ring_that_finds_no_place_is_seen_by_those_at_work() -> None:
    crew, looks = Crew(1), []

    def once() -> bool:
        looks.append(len(looks))
        if len(looks) == 1:
            crew.work(lambda: pytest.fail("there is no place for a second"))
        return False

    crew.work(once)
    assert looks == [0, 1]


def test_a_second_place_is_another_thread_s() -> None:
    crew, done = Crew(2), threading.Event()
    other = threading.Thread(target=lambda: crew.work(lambda: bool(done.set())))

    def once() -> bool:
        if not done.is_set():
            other.start()
            other.join()
        return False

    crew.work(once)
    assert done.is_set()


def test_whoever_fails_gives_his_place_back() -> None:
    crew, looks = Crew(1), []

    def fails() -> bool:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        crew.work(fails)
    crew.work(lambda: bool(looks.append(1)))
    assert looks == [1]
