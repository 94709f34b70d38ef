"""Work on several processors: the same answers in the same order, whatever becomes of those who do it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from chora_catalog.edge import forks
from chora_catalog.edge.forks import CHUNK, in_order

COUNT = 5 * CHUNK + 3


def answer(index: int) -> bytes:
    return b"%d " % index + bytes(index * 1000)


@pytest.mark.parametrize("children", [2, 3, 7, 40])
def test_answers_come_in_order(children: int) -> None:
    assert list(in_order(answer, COUNT, children=children)) == [answer(index) for index in range(COUNT)]


def test_answers_come_in_order_where_there_are_very_many() -> None:
    assert list(in_order(lambda index: b"%d" % index, 20_003, children=3)) == [b"%d" % index for index in range(20_003)]


@pytest.mark.parametrize("count", [0, 1, CHUNK, CHUNK + 1, 8191, 8192, 8193, 1_000_003])
def test_the_numbers_of_all_chunks_fit_into_any_pipe(count: int) -> None:
    """A pipe that is full before anybody reads would never be left."""
    chunks = forks._chunks(count)
    assert [index for chunk in chunks for index in chunk] == list(range(count))
    assert len(chunks) * 8 <= select.PIPE_BUF
    assert all(len(chunk) >= CHUNK for chunk in chunks[:-1])


def test_what_was_cut_off_is_no_number_of_a_chunk() -> None:
    said = forks._Said(None)
    said.heard += (1).to_bytes(8)
    assert said.is_ready
    assert said.answer() is None
    said.announce()
    assert said.number is None


def slowly(index: int) -> bytes:
    time.sleep(0.005)
    return b"%d" % os.getpid()


def test_the_work_is_done_elsewhere_and_by_several() -> None:
    who = {int(said or b"0") for said in in_order(slowly, COUNT, children=2)}
    assert len(who) == 2
    assert os.getpid() not in who
    for process in who:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_a_child_may_be_far_ahead_of_its_turn() -> None:
    """The second child's first chunk is more than a pipe holds, and than may wait; the first takes its time."""

    def task(index: int) -> bytes:
        if index == 0:
            time.sleep(0.3)
        return bytes(2**20)

    assert sum(len(said or b"") for said in in_order(task, 2 * CHUNK, children=2)) == 2 * CHUNK * 2**20


def test_nobody_waits_for_whoever_has_the_hardest_task() -> None:
    def task(index: int) -> bytes:
        if index == 0:
            time.sleep(1)
        return slowly(index)

    said = list(in_order(task, COUNT, children=2))
    assert len(set(said[:CHUNK])) == len(set(said[CHUNK:])) == 1
    assert said[0] != said[CHUNK]


def test_one_child_none_and_threads_leave_the_work_to_the_caller() -> None:
    assert list(in_order(answer, 3, children=1)) == [None, None, None]
    assert list(in_order(answer, 0, children=2)) == []
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert list(in_order(answer, 3, children=2)) == [None, None, None]
    finally:
        stop.set()
        thread.join()


def test_what_raises_is_not_done_and_the_rest_is() -> None:
    def task(index: int) -> bytes:
        if index % 7 == 3:
            raise ValueError("a defect")
        return answer(index)

    for index, said in enumerate(in_order(task, COUNT, children=2)):
        assert said == (None if index % 7 == 3 else answer(index))


@pytest.mark.parametrize("at", [0, 1, CHUNK - 1, CHUNK, 3 * CHUNK + 5])
def test_a_child_that_is_killed_leaves_its_rest_undone(at: int) -> None:
    def task(index: int) -> bytes:
        if index == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer(index)

    said = list(in_order(task, COUNT, children=2))
    lost = [index for index, one in enumerate(said) if one is None]
    assert at in lost
    assert all(index // CHUNK == at // CHUNK for index in lost), "the rest is done by the other"
    assert all(one in (None, answer(index)) for index, one in enumerate(said))


def test_where_all_children_are_killed_all_that_they_had_not_done_is_undone() -> None:
    def task(index: int) -> bytes:
        if index >= 3 * CHUNK + 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer(index)

    said = list(in_order(task, COUNT, children=2))
    assert said[: 3 * CHUNK] == [answer(index) for index in range(3 * CHUNK)]
    assert all(one is None for one in said[3 * CHUNK + 5 :])


def test_a_child_that_is_killed_while_it_speaks_has_said_nothing_of_what_was_cut_off() -> None:
    """Its answers are larger than what it holds back, so that a part of one is heard before its end."""

    def task(index: int) -> bytes:
        if index == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return bytes([index]) * 300_001

    said = list(in_order(task, 3 * CHUNK, children=2))
    assert said[5:CHUNK] == [None] * (CHUNK - 5)
    assert said[CHUNK:] == [bytes([index]) * 300_001 for index in range(CHUNK, 3 * CHUNK)]
    assert all(one in (None, bytes([index]) * 300_001) for index, one in enumerate(said))


def test_whoever_stops_listening_leaves_nobody_behind() -> None:
    said = in_order(lambda _: b"%d" % os.getpid(), COUNT, children=2)
    child = int(next(said) or b"0")
    os.kill(child, 0)
    said.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_children_end_with_their_parent(tmp_path: Path) -> None:
    """A parent that is killed cannot end them: the system does."""
    code = (
        "import os, time, sys\n"
        "from chora_catalog.edge.forks import in_order\n"
        "said = in_order(lambda i: b'%d' % os.getpid() if i == 0 else time.sleep(60) or b'', 40, children=2)\n"
        "print(int(next(said)), flush=True)\n"
        "next(said)\n"
    )
    # The first answer is flushed with its chunk, so the chunk has to end: only what follows sleeps.
    code = code.replace("time.sleep(60) or b''", "b'' if i < 16 else time.sleep(60) or b''").replace(
        "next(said)\n", "[next(said) for _ in range(20)]\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.kill()
        parent.wait()
        for _ in range(200):
            try:
                state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
            except FileNotFoundError:
                return
            if state == "Z":
                return
            time.sleep(0.05)
    pytest.fail("the child goes on without its parent")
