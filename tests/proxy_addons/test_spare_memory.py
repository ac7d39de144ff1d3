"""What is free goes back to the machine."""

import subprocess
import sys

import pytest

CODE = """
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


@pytest.mark.skipif(sys.platform != "linux", reason="counts the memory as Linux does")
def test_free_memory_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 40_000
