"""What a running gateway holds: its memory and its open files, as the kernel counts them."""

import json
from pathlib import Path

from tests.proxy_addons.running_gateway import School


def pid_of(school: School) -> int:
    """The process of the school's gateway."""
    return int(json.loads((school.root / "run" / "gateway.ready").read_text())["pid"])


def resident_kb(process: int, *, peak: bool = False) -> int:
    """Resident memory now, or the most there ever was."""
    name = "VmHWM" if peak else "VmRSS"
    line = next(line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])


def open_files(process: int) -> int:
    """File descriptors it holds."""
    return sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())
