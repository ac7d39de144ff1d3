"""How fast a worker's records become durable, and what the spool adds to writing their bytes.

`spool_events_per_s` is from the first `put` to the sealed close. `spool_vs_raw_append` divides it by writing the same
encoded bytes, framed, in groups of the same size with the same fdatasync: near 1 the disk decides, near 0 encoding.
"""

import json
import os
import tempfile
import time
from pathlib import Path

from analytics.evidence.keys import new_key
from analytics.evidence.seal import Sealer
from analytics.spool import SpoolWriter, read_lines, segments
from analytics.spool.line import frame
from tests.analytics.spool.samples import web_event

_EVENTS = 40_000
_GROUP = 1000


def measure() -> dict[str, float]:
    """Figures of one run, in a folder on the disk TMPDIR names."""
    with tempfile.TemporaryDirectory() as folder:
        spooled = _spool(Path(folder))
        lines = [frame(line.data) for segment in segments(Path(folder) / "spool") for line in read_lines(segment.path)]
        raw = _append(Path(folder) / "raw", lines)
    return {"spool_events_per_s": round(spooled), "spool_vs_raw_append": round(spooled / raw, 4)}


def _spool(folder: Path) -> float:
    events = [web_event(number) for number in range(_EVENTS)]
    begun = time.perf_counter()
    with SpoolWriter(
        folder / "spool", "oakfield", "gate-0", Sealer(new_key(demonstration=True)), queue_limit=_EVENTS
    ) as spool:
        for event in events:
            spool.put(event)
    if spool.dropped:
        raise RuntimeError(f"{spool.dropped} records were dropped: the figure would be of fewer.")
    return _EVENTS / (time.perf_counter() - begun)


def _append(path: Path, lines: list[bytes]) -> float:
    begun = time.perf_counter()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for at in range(0, len(lines), _GROUP):
        os.write(handle, b"".join(lines[at : at + _GROUP]))
        os.fdatasync(handle)
    os.close(handle)
    return len(lines) / (time.perf_counter() - begun)


if __name__ == "__main__":
    print(json.dumps(measure()))  # noqa: T201
