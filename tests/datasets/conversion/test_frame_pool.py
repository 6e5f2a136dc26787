import threading
import time

import pytest

from mmaux.datasets.conversion.frame_pool import check_workers, process_frames


@pytest.mark.parametrize("workers", [1, 3])
def test_every_frame_once_read_in_order_by_the_caller(workers: int, capsys) -> None:
    read: list[int] = []
    written: list[int] = []

    def reader(key: int) -> int:
        assert threading.current_thread() is threading.main_thread()
        read.append(key)
        return 10 * key

    process_frames(
        range(40), read=reader, work=written.append, workers=workers, description="frames"
    )
    assert read == list(range(40))
    assert sorted(written) == [10 * key for key in range(40)]
    assert "frames: 40/40" in capsys.readouterr().out


def test_one_frame_is_read_ahead_and_no_more() -> None:
    lock, alive, most = threading.Lock(), [0], [0]

    def read(key: int) -> int:
        with lock:
            alive[0] += 1
            most[0] = max(most[0], alive[0])
        return key

    def work(_: int) -> None:
        time.sleep(0.002)
        with lock:
            alive[0] -= 1

    process_frames(range(30), read=read, work=work, workers=2, description="frames")
    assert most[0] <= 4  # two in work, one waiting, one just read


def test_an_error_ends_the_run() -> None:
    seen: list[int] = []

    def work(key: int) -> None:
        seen.append(key)
        if key == 3:
            raise ValueError("frame 3 is bad")

    with pytest.raises(ValueError, match="frame 3 is bad"):
        process_frames(range(1000), read=int, work=work, workers=2, description="frames")
    assert {0, 1, 2, 3} <= set(seen)
    assert len(seen) < 20


def test_nothing_to_do_and_no_workers(capsys) -> None:
    process_frames([], read=int, work=print, workers=1, description="frames")
    assert capsys.readouterr().out == ""
    check_workers(1)
    with pytest.raises(ValueError, match="workers: expected at least 1, found 0"):
        check_workers(0)
