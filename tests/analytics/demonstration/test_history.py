"""The back-history on the spool."""

import pytest

from analytics.demonstration.history import WORKER, write_history
from analytics.demonstration.school import DemoSchool
from analytics.evidence import seal
from analytics.spool import read_records, segments
from config.policy import Policy


@pytest.mark.slow
def test_it_is_written_once_sealed_by_a_demonstration_key_and_whole(school: DemoSchool, policy: Policy) -> None:
    written = write_history(school, policy)
    folder = school.state.spool / WORKER
    found = segments(folder)
    lines = [line for segment in found for line in read_records(segment.path)]
    assert written == len(lines) > 15_000
    assert all(line.fault == "" for line in lines)
    seals = [seal.read(path.read_bytes()) for path in sorted(folder.glob("*.seal"))]
    assert len(seals) == len(found)
    assert all(each.demonstration and each.key_id.startswith("DEMO-") for each in seals)
    assert sum(each.count for each in seals) == written
    assert write_history(school, policy) == 0
