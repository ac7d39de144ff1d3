"""Checks of the record itself: is it being written, is it loaded, what was missed in the last day."""

from collections import Counter
from pathlib import Path
from typing import Final

from analytics.doctor.examined import DAY_MS, Examined
from analytics.doctor.finding import Findings, mend, note
from analytics.doctor.spooled import newest_ms, of_kinds, time_of, workers
from analytics.records import Attempts, Condition, Gap, GapReason
from analytics.spool import segments

MISSED_BEATS: Final = 3
BEHIND_MS: Final = 15 * 60_000
_MINUTE_MS: Final = 60_000
MEANT: Final = frozenset((GapReason.STOPPED,))
"""Gaps that somebody chose."""
WHAT: Final = {
    GapReason.STOPPED: "the gateway was switched off",
    GapReason.CRASHED: "a process of the gateway stopped unexpectedly",
    GapReason.QUEUE_FULL: "more came than could be written down",
    GapReason.DISK_FULL: "the disk was full",
    GapReason.DAMAGED: "records were damaged",
    GapReason.HOOK_ERROR: "Fairgate itself failed on an exchange",
    GapReason.CLOCK_STEP: "the clock was set",
    GapReason.SEQUENCE: "numbered records are missing",
    GapReason.BYPASSED: "monitored devices were let past the gateway",
    GapReason.UNNAMED: "who was at which device was not known, since fairgate identity did not work",
}
_FIX: Final = {
    GapReason.CRASHED: "Read why: journalctl --unit fairgate-gateway. If memory ran out, raise MemoryMax.",
    GapReason.QUEUE_FULL: "The disk is too slow: look at its health, or give the state folder another.",
    GapReason.DISK_FULL: "Make room on the disk.",
    GapReason.DAMAGED: "Look at the disk's health; what was set aside is kept in the spool's quarantine.",
    GapReason.HOOK_ERROR: "Report the lines hook_failed of journalctl --unit fairgate-gateway to the makers.",
    GapReason.CLOCK_STEP: "Keep the clock right by time synchronisation, so that it need never be set by hand.",
    GapReason.SEQUENCE: "Look at the disk's health, and who can write to the spool.",
    GapReason.BYPASSED: "Read why the gateway did not answer: journalctl --unit fairgate-gateway.",
    GapReason.UNNAMED: "Read why: journalctl --unit fairgate-identity.",
    GapReason.STOPPED: "Nothing, where that was meant; the Coverage page shows when.",
}


def heartbeats(seen: Examined) -> Findings:
    """Whether each worker of a running gateway has written lately, by the spool and not by the store."""
    found = workers(seen.state.spool)
    if not found:
        yield mend("Nothing was ever recorded.", seen.state.spool, "Start it: fairgate gateway.")
    if seen.settings is None or seen.process_id("gateway") is None:
        return
    due = MISSED_BEATS * max(seen.settings.gateway.heartbeat_seconds, 20) * 1000
    if seen.now_ms - seen.since_ms("gateway") <= due:
        return  # it has only just begun
    for number in range(seen.settings.gateway.workers):
        folder = seen.state.spool / f"{seen.settings.gateway.name}-{number}"
        newest = newest_ms(folder)
        if newest is None or seen.now_ms - newest > due:
            said = "has written nothing yet" if newest is None else f"wrote last {_ago(seen.now_ms - newest)} ago"
            yield mend(
                f"Worker {number} {said}, though the gateway runs.",
                folder,
                "Restart it: fairgate gateway. If it happens again, look at the disk.",
            )
        elif newest - seen.now_ms > _MINUTE_MS:
            yield mend(f"Worker {number} wrote records of the future.", folder, "Mend this machine's clock.")


def backlog(seen: Examined) -> Findings:
    """Whether records wait long for the store. Nothing of them is lost: the spool keeps them."""
    for folder in workers(seen.state.spool):
        oldest = _oldest_waiting(seen.state.spool, folder)
        if oldest is not None and seen.now_ms - oldest > BEHIND_MS:
            yield mend(
                f"Records of {_ago(seen.now_ms - oldest)} ago are not in the store yet. The spool keeps them.",
                folder,
                "Look whether the store runs, and why not: fairgate health store; journalctl --unit fairgate-store.",
            )


def _oldest_waiting(spool: Path, folder: Path) -> int | None:
    """When (UTC ms) the first record was written that the store does not have; None where it has all."""
    from analytics.store.progress import progress_path, read_progress  # the gateway's own machine may lack the store

    for segment in segments(folder):
        progress = read_progress(progress_path(spool, folder.name, segment.number))
        if progress.done:
            continue
        with segment.path.open("rb") as file:
            file.seek(progress.loaded)
            if (when := time_of(file.readline())) is not None:
                return when
    return None


def gaps(seen: Examined) -> Findings:
    """What was missed in the last day, by reason."""
    times: Counter[GapReason] = Counter()
    lengths: Counter[GapReason] = Counter()
    for folder in workers(seen.state.spool):
        for gap in of_kinds(folder, (Gap.TYPE,), seen.now_ms - DAY_MS):
            if isinstance(gap, Gap):
                times[gap.reason] += 1
                lengths[gap.reason] += max(0, gap.to_ms - gap.from_ms)
    for reason, number in sorted(times.items()):
        said = f"In the last day {WHAT[reason]}: {number:,} time{'s' * (number != 1)}, {_ago(lengths[reason])} in all."
        yield (note if reason in MEANT else mend)(said, seen.state.spool, _FIX[reason])


def refusals(seen: Examined) -> Findings:
    """How often the network refused a way round, and the school's filter did not answer, in the last day."""
    quic = hidden = silent = 0
    for folder in workers(seen.state.spool):
        for record in of_kinds(folder, (Attempts.TYPE, Condition.TYPE), seen.now_ms - DAY_MS):
            if isinstance(record, Attempts):
                quic, hidden = quic + record.quic, hidden + record.dot + record.doh
            elif isinstance(record, Condition):
                silent += record.filter_silent
    if quic or hidden:
        yield note(
            f"In the last day {quic:,} packets of QUIC and {hidden:,} hidden look-ups of names were refused.",
            "the firewall's rules",
            "Nothing must be done. Pages open sooner where browsers are told not to try (policy QuicAllowed).",
        )
    if silent:
        yield mend(
            f"In the last day the school's filter did not answer {silent:,} time{'s' * (silent != 1)}.",
            "gateway.upstream.proxy",
            "Look at the filter: while it is silent, no page opens, and nothing goes round it.",
        )


def _ago(length_ms: int) -> str:
    minutes = length_ms // _MINUTE_MS
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} minute{'s' * (minutes != 1)}"
    return f"{minutes // 60:,} hours"
