"""`fairgate identity` killed at random moments: no binding without its record, none doubled but in the same words."""

import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from analytics.bindings import IdentityTable
from analytics.records import BindingChange, BindingStep
from analytics.spool import read_records, segments

_WRITER = """
import sys, time
from pathlib import Path
from analytics.bindings import Found, IdentityTable
from analytics.event import Method
from analytics.registrar import Registrar
from tests.analytics.spool.samples import writer
folder, turn = Path(sys.argv[1]), int(sys.argv[2])
table = IdentityTable(folder / "identity.sqlite")
spool = writer(folder / "spool", max_bytes=20_000, group_commit_seconds=0.004)
registrar = Registrar(table, spool, "oakfield", "gate-0", lambda: time.time_ns() // 1_000_000)
registrar.send()
sys.stdout.write("ready\\n"); sys.stdout.flush()
number = turn * 1_000_000
while turn < 99:
    registrar.open(
        Found(source=Method.RADIUS, session=f"s-{number}", person_id="p-1", device_id=f"d-{number % 7}", from_ms=number)
    )
    number += 1
spool.close()
registrar.settle()
table.close()
"""
ROUNDS = 10
LAST = 99


def _run(folder: Path, turn: int, seconds: float) -> None:
    command = [sys.executable, "-c", _WRITER, str(folder), str(turn)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        if turn != LAST:
            signal.sigtimedwait([], seconds)
            process.kill()
    assert process.returncode == (0 if turn == LAST else -signal.SIGKILL)


@pytest.mark.slow
def test_kill_9_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(11)  # noqa: S311
    for turn in range(ROUNDS):
        _run(tmp_path, turn, chance.uniform(0.0, 0.6))
    _run(tmp_path, LAST, 0)
    records = [line.record for segment in segments(tmp_path / "spool") for line in read_records(segment.path)]
    changes = [record for record in records if isinstance(record, BindingChange)]
    told = Counter((change.binding_id, change.step) for change in changes)
    table = IdentityTable(tmp_path / "identity.sqlite")
    try:
        assert table.outbox() == []
        bound = {binding_id for (binding_id,) in table._db.execute("SELECT binding_id FROM bindings")}
        still_open = {binding.binding_id for binding in table.open_bindings()}
    finally:
        table.close()
    assert len(bound) > ROUNDS
    assert {binding_id for binding_id, step in told if step is BindingStep.OPENED} == bound
    assert {binding_id for binding_id, step in told if step is BindingStep.SUPERSEDED} == bound - still_open
    # A doubled record says the same: all but its place in the spool.
    said = {
        (change.binding_id, change.step, change.person_id, change.device_id, change.from_ms, change.until_ms)
        for change in changes
    }
    assert len(said) == len(told)
    doubled = sum(count - 1 for count in told.values())
    assert doubled <= len(changes) // 2
