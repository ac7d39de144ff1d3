"""A worker killed at a random moment loses nothing that was synced and doubles nothing."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.event import WebEvent
from analytics.evidence import seal as seals
from analytics.records import Gap
from analytics.spool import segments
from tests.analytics.spool.samples import START_MS, all_records, heartbeat, writer

_WORKER = """
import sys
from pathlib import Path
from tests.analytics.spool.samples import writer, web_event
spool = writer(Path(sys.argv[1]), max_bytes=30_000, group_commit_seconds=0.002)
number = int(sys.argv[2])
sys.stdout.write("ready\\n"); sys.stdout.flush()
while True:
    spool.put(web_event(number))
    number += 1
    if number % 20 == 0:
        import time; time.sleep(0.001)
"""


_ROUND = 1_000_000


@pytest.mark.slow
def test_kill_9_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(7)  # noqa: S311
    rounds = 12
    for number in range(rounds):
        with subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(tmp_path), str(number * _ROUND)], stdout=subprocess.PIPE
        ) as worker:
            assert worker.stdout
            worker.stdout.readline()
            signal.sigtimedwait([], chance.uniform(0.01, 0.3))
            worker.kill()
    with writer(tmp_path) as spool:
        spool.put(heartbeat())
    records = all_records(tmp_path)
    places = [(record.segment, record.seq) for record in records]
    assert sum(isinstance(record, Gap) for record in records) == rounds
    assert len(set(places)) == len(places)
    # What each round put is a run without holes from its first: only an unsynced end may be missing.
    numbers = [record.ts_ms - START_MS for record in records if isinstance(record, WebEvent)]
    for first in range(0, rounds * _ROUND * 1000, _ROUND * 1000):
        run = [number for number in numbers if first <= number < first + _ROUND * 1000]
        assert run == list(range(first, first + len(run) * 1000, 1000))
    chain = [seals.read(segment.seal.read_bytes()) for segment in segments(tmp_path) if segment.seal]
    assert [seal.previous for seal in chain[1:]] == [seal.digest for seal in chain[:-1]]
    assert sum(seal.count for seal in chain) == len(records)
