"""What is free goes back to the machine."""

import asyncio
import gc
import subprocess
import sys
import weakref

import pytest

from proxy_addons.spare_memory import COLLECTED_AFTER, SpareMemory, pause_after

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="counts the memory as Linux does")
FREED = """
import sys
sys.path.insert(0, ".")
from proxy_addons.spare_memory import SpareMemory
def resident():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
spare = SpareMemory()
spare.turn()
held = [bytearray(3_000) for _ in range(20_000)]
pinned = held[::200]
full = resident()
del held
spare.turn()
print(full - resident())
"""
HEAPS = """
import ctypes, sys, threading
sys.path.insert(0, ".")
from proxy_addons.spare_memory import keep_one_heap
if sys.argv[1] == "one":
    keep_one_heap()
held = []
thread = threading.Thread(target=lambda: held.extend(bytearray(3_000) for _ in range(100)))
thread.start()
thread.join()
library = ctypes.CDLL(None)
library.malloc_info(0, ctypes.c_void_p.in_dll(library, "stdout"))
library.fflush(None)
"""


class Held:
    """Something that only holds itself."""

    def __init__(self) -> None:
        self.itself = self


@ON_LINUX
def test_free_memory_goes_back() -> None:
    assert int(_run(FREED)) > 40_000


@ON_LINUX
@pytest.mark.parametrize(("asked", "heaps"), [("one", 1), ("as usual", 2)])
def test_threads_share_one_heap(asked: str, heaps: int) -> None:
    assert _run(HEAPS, asked).count("<heap nr=") == heaps


def test_what_only_holds_itself_is_collected_while_the_gateway_runs() -> None:
    gone = asyncio.run(_collected())
    assert gone


@pytest.mark.parametrize(("took", "pause"), [(0.0, COLLECTED_AFTER), (0.002, COLLECTED_AFTER), (0.1, 10.0)])
def test_collecting_gives_way_before_it_takes_more_than_a_hundredth_of_the_time(took: float, pause: float) -> None:
    assert pause_after(took) == pytest.approx(pause)


async def _collected() -> bool:
    """Whether the spare memory's own turns find it: Python's are off meanwhile."""
    spare = SpareMemory()
    gc.disable()
    spare.running()
    try:
        left = weakref.ref(Held())
        async with asyncio.timeout(60):
            while left() is not None:
                await asyncio.sleep(0.05)
        return True
    finally:
        spare.done()
        gc.enable()
        gc.unfreeze()


def _run(code: str, *given: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *given], capture_output=True, text=True, check=True)
    return done.stdout
