"""Why connections stayed closed, what was refused on the network, and how old what the gateway goes by was.

Owns `Conditions` and its words. Counts only: nothing here is anybody's, and nothing shielded is in any of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from analytics.event import NotInspected
from analytics.queries.reading import Grant

# A folder that was emptied uses its numbers again, so the time tells two records of one place apart.
_CONDITIONS: Final = """
SELECT toInt64(sum(banking)) AS banking, toInt64(sum(pinned)) AS pinned, toInt64(sum(not_told)) AS not_told,
    toInt64(sum(not_enrolled)) AS not_enrolled, toInt64(sum(no_sni)) AS no_sni, toInt64(sum(opaque)) AS opaque,
    toInt64(sum(filter_silent)) AS filter_silent, toInt64(count()) AS number,
    toInt64(uniqExact(policy_version)) AS policies, toInt64(maxIf(lists_age_hours, ts_ms >= newest)) AS lists_age_hours,
    toInt64(maxIf(snapshot_age_hours, ts_ms >= newest)) AS snapshot_age_hours
FROM (
    SELECT *, max(v.ts_ms) OVER (PARTITION BY v.gateway) AS newest FROM conditions AS v
    WHERE v.school = {school:String} AND v.ts_ms >= {begin:Int64} AND v.since_ms < {end:Int64}
    LIMIT 1 BY v.gateway, v.segment, v.seq, v.ts_ms)
"""
_ATTEMPTS: Final = """
SELECT toInt64(sum(quic)) AS quic, toInt64(sum(dot)) AS dot, toInt64(sum(doh)) AS doh FROM (
    SELECT quic, dot, doh FROM attempts
    WHERE school = {school:String} AND ts_ms >= {begin:Int64} AND since_ms < {end:Int64}
    LIMIT 1 BY gateway, segment, seq, ts_ms)
"""

CLOSED_BECAUSE: Final[Mapping[NotInspected, str]] = {
    NotInspected.BANKING: "A bank: never opened; only its name is recorded.",
    NotInspected.PINNED: "An app that accepts no certificate but its maker's: let through, so that it works.",
    NotInspected.NOT_ENROLLED: "A device that nobody on the staff was known to be using: nothing is recorded.",
    NotInspected.NOT_TOLD: "Somebody who was not told yet: nothing is recorded.",
    NotInspected.NO_SNI: "The connection did not say which site it was for: only its address is recorded.",
    NotInspected.OPAQUE: "No web page, such as mail or a tunnel: only where it went is recorded.",
}
"""Why a connection was not opened, in plain words. What is shielded is counted by the hour alone, and not here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """How the gateways stood over a range of days. Ages are whole hours, as of each gateway's last word in it."""

    closed: Mapping[NotInspected, int]
    quic: int
    """Attempts to go past the gateway that the network refused, in packets: QUIC, and look-ups of names over TLS
    (`dot`) or HTTPS (`doh`)."""
    dot: int
    doh: int
    filter_silent: int
    """How often the school's own filter did not answer."""
    lists_age_hours: int | None
    """None: nothing was heard, or no imported list was in force."""
    snapshot_age_hours: int | None
    policies: int
    """By how many versions of the policy, the lists in force among it, gateways judged."""


def conditions_in(grant: Grant, begin: int, end: int) -> Conditions:
    """From `begin` to `end` (UTC ms, excluded).

    Raises:
        StoreError: the store is down.
    """
    stood = {str(name): int(value) for name, value in grant.frame(_CONDITIONS, begin=begin, end=end).iloc[0].items()}
    tried = {str(name): int(value) for name, value in grant.frame(_ATTEMPTS, begin=begin, end=end).iloc[0].items()}
    heard = stood["number"] > 0
    return Conditions(
        closed={why: stood[why] for why in CLOSED_BECAUSE},
        **tried,
        filter_silent=stood["filter_silent"],
        lists_age_hours=stood["lists_age_hours"] if heard and stood["lists_age_hours"] >= 0 else None,
        snapshot_age_hours=stood["snapshot_age_hours"] if heard else None,
        policies=stood["policies"],
    )
