"""The spool: where a gateway worker's records are safe before anything else happens to them.

One folder a worker, one record a line, readable with `grep` (see analytics.spool.line). Segments are `00000001.open`
while they grow, then `00000001.seg` with its seal `00000001.seal`. What is damaged is kept in `quarantine/`.

Invariants, each with a test named after it (tests/analytics/spool/test_invariants.py):

1.  Durable within the group-commit window: a record that was put is on disk, by fdatasync, at most one window
    (100 ms by default) and the writing of its group later.
2.  A checksum on every line: any one changed byte is found, and costs at most that one record.
3.  Segments close by size and by time; an empty one is neither sealed nor kept.
4.  A closed segment is immutable and sealed: its seal is on disk before it takes its closed name, and each seal names
    the one before it.
5.  Sequence numbers count from 0 in each segment without holes, so that what is missing can be counted.
6.  A torn tail, left by a crash, is set aside; every record before it survives, and the crash becomes a gap record.
7.  A damaged line is quarantined once, counted into a gap record, and never fatal.
8.  `put` never blocks and never raises.
9.  What a full queue or a full disk keeps out is counted into a gap record; where even that cannot be written at the
    end, the segment is left open, and the next start says so. Nothing is sealed over a loss that is not counted.
10. One writer a folder, held by a lock.
11. A clean close leaves no gap, and a segment number is never used for two contents while the folder is left alone.
    Where somebody empties or replaces it, numbers begin again: the loader then knows a segment by its first line and
    its seal, loads the new contents from their start, and notes the broken chain as a gap (analytics.loader, 8).
    A bundle that needs the seals of both is refused: there they must follow one another.
"""

from analytics.spool.line import SpoolLine
from analytics.spool.reader import Segment, read_lines, read_records, segments, sync_segment
from analytics.spool.writer import SpoolWriter

__all__ = ["Segment", "SpoolLine", "SpoolWriter", "read_lines", "read_records", "segments", "sync_segment"]
