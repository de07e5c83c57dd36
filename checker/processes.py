"""Processes that have what was made before they were forked, and that end with whoever started them."""

from __future__ import annotations

import gc
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

CAN_FORK = "fork" in multiprocessing.get_all_start_methods()


@contextmanager
def forked(workers: int, begin: Callable[..., None], *given: object) -> Iterator[ProcessPoolExecutor]:
    """`begin`: what each does first, with what is `given`: also models, which cannot be sent."""
    fork = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(workers, fork, initializer=_begin, initargs=(begin, given))
    try:
        yield pool
    except BaseException:  # Ctrl-C, or an error of the model: what still runs is not waited for
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(begin: Callable[..., None], given: tuple[object, ...]) -> None:
    """Ctrl-C is the parent's to hear."""
    begin(*given)
    gc.freeze()  # what was made before the fork is no garbage, and is shared as long as it is not touched
    signal.signal(signal.SIGINT, signal.SIG_IGN)
