"""A recording of somebody's own browsing, played through kind, shield, verdict and visits.

Owns the playing, in the order of the recording's times. Promises: every entry gets exactly one answer; what would never
be recorded (shielded, or on no network at all) makes no visit here either, and what would not be decrypted is said to
be unknown; what the browser had already, or a service worker answered, is no request. A page that the recording names,
but for which no document was asked, is a visit too, by the recording's word: the gateway itself could not see that one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from analytics.appraisal import appraise_kind, appraise_meaning
from analytics.categorise import Judge, Verdict
from analytics.event import Kind, NotInspected, Purpose
from analytics.har import Entry, Recording
from analytics.judging import Address, AddressFault, read_address
from analytics.kind import NOT_DECRYPTED, Exchange, KindReason, KindVerdict
from analytics.least_data import kept_path, search_phrase
from analytics.recent_navigations import RecentNavigations
from analytics.visits import Visit, belonging, visits_of
from config.host_name import registrable_domain

_ASKED: Final = {
    "sec_fetch_dest": "sec-fetch-dest",
    "sec_fetch_mode": "sec-fetch-mode",
    "sec_fetch_site": "sec-fetch-site",
    "sec_fetch_user": "sec-fetch-user",
    "sec_purpose": "sec-purpose",
    "accept": "accept",
    "referer": "referer",
    "origin": "origin",
    "upgrade": "upgrade",
    "upgrade_insecure_requests": "upgrade-insecure-requests",
    "cache_control": "cache-control",
    "preflight_method": "access-control-request-method",
    "requested_with": "x-requested-with",
    "user_agent": "user-agent",
}
_NOT_WEB: Final = KindVerdict(Kind.BACKGROUND, 100, KindReason.NOT_ON_THE_NETWORK, "")
_FROM_STORE: Final = KindVerdict(Kind.NAVIGATION, 40, KindReason.FROM_BROWSER_STORE, "")
_DAY: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One entry's answer. `entry` is None for a page that the recording names and no request was made for."""

    number: int
    entry: Entry | None
    url: str
    kind: KindVerdict
    verdict: Verdict | None
    """None for what never left the browser."""
    row: dict[str, Any] | None
    """The event as visits are built from it; None where none would be recorded."""

    @property
    def event_id(self) -> str:
        """The id its event would have."""
        return _event_id(self.number)


def _event_id(number: int) -> str:
    return f"{number:08d}"


@dataclass(frozen=True, slots=True)
class Replay:
    """A recording played: its entries in their order, then pages from the browser's store; the visits, by start; and
    the visit's number (from 1) for each `Played.event_id` that belongs to one."""

    played: list[Played]
    visits: list[Visit]
    visit_of: Mapping[str, int]


def replay(recording: Recording, judge: Judge) -> Replay:
    """Play `recording` under the policy of `judge`."""
    played = play(recording, judge)
    rows = [one.row for one in played if one.row is not None]
    visits = visits_of(rows)
    numbers = {visit.visit_id: number for number, visit in enumerate(visits, 1)}
    return Replay(played, visits, {event: numbers[visit] for event, visit in belonging(rows).items()})


def play(recording: Recording, judge: Judge) -> list[Played]:
    """The answers on a recording's entries in their order, then on its pages that came from the browser's store."""
    player = _Player(judge)
    by_time = sorted(recording.entries, key=lambda entry: (entry.ts_ms, entry.index))
    played = sorted(map(player.entry, by_time), key=lambda one: one.number)
    return [*played, *player.stored_pages(recording, played)]


class _Player:
    """Plays the exchanges of one client."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._recent = RecentNavigations()

    def entry(self, entry: Entry) -> Played:
        """The answer on one entry; those before it in time were asked before."""
        try:
            address = None if entry.unseen else read_address(entry.url)
        except AddressFault:
            address = None
        if address is None:
            return Played(number=entry.index, entry=entry, url=entry.url, kind=_NOT_WEB, verdict=None, row=None)
        kind, verdict = self._appraised(entry, address)
        recorded = verdict.purpose is not Purpose.SHIELDED
        row = _row(entry.index, entry.ts_ms, entry.status, address, kind, verdict) if recorded else None
        return Played(number=entry.index, entry=entry, url=entry.url, kind=kind, verdict=verdict, row=row)

    def stored_pages(self, recording: Recording, played: list[Played]) -> Iterator[Played]:
        """Pages that the recording says were opened though no document was asked for: the browser had it already."""
        own: dict[str, list[Played]] = {}
        for one in played:
            if one.entry is not None and one.entry.page:
                own.setdefault(one.entry.page, []).append(one)
        for number, page in enumerate(recording.pages, len(recording.entries)):
            entries = own.get(page.page_id, [])
            stated = [*map(_shown, entries), *map(_asker, entries)]
            address = next(filter(None, map(_address, [*stated, page.title])), None)
            if address is None or self._judge.pass_through(address.host) or any(map(_is_document, entries)):
                continue
            verdict = self._judge.judge(address.host, address.path, address.query)
            row = _row(number, page.ts_ms, 200, address, _FROM_STORE, verdict)
            hidden = verdict.purpose is Purpose.SHIELDED
            url = f"https://{address.host}{address.path}"
            yield Played(
                number=number, entry=None, url=url, kind=_FROM_STORE, verdict=verdict, row=None if hidden else row
            )

    def _appraised(self, entry: Entry, address: Address) -> tuple[KindVerdict, Verdict]:
        https = entry.url[:5].lower() in ("https", "wss:/")
        if self._judge.shielded(address.host):
            self._recent.hid(entry.ts_ms)
            return NOT_DECRYPTED, self._judge.judge(address.host)
        if https and self._judge.pass_through(address.host):
            return NOT_DECRYPTED, self._judge.judge(address.host)
        kind, page = appraise_kind(_exchange(entry, address, https), self._recent, self._judge)
        return kind, appraise_meaning(self._judge, kind, page, address.host, address.path, address.query)


def _exchange(entry: Entry, address: Address, https: bool) -> Exchange:
    asked = entry.asked
    return Exchange(
        ts_ms=entry.ts_ms,
        method=entry.method,
        scheme="https" if https else "http",
        host=address.host,
        path=f"{address.path}?{address.query}" if address.query else address.path,
        status=entry.status,
        purpose_header=asked.get("purpose") or asked.get("x-purpose") or asked.get("x-moz", ""),
        content_type=entry.content_type,
        location=entry.answered.get("location", ""),
        **{name: asked.get(header, "") for name, header in _ASKED.items()},
    )


def _row(number: int, ts_ms: int, status: int, address: Address, kind: KindVerdict, verdict: Verdict) -> dict[str, Any]:
    """The event that would be recorded, as far as visits are built from it."""
    return {
        "event_id": _event_id(number),
        "school": "",
        "person_id": "",
        "day": _DAY,
        "ts_ms": ts_ms,
        "kind": str(kind.kind),
        "kind_reason": str(kind.reason),
        "kind_confidence": kind.confidence,
        "status": status,
        "initiator_host": kind.initiator_host,
        "attribution_grade": "",
        "attribution_method": "",
        "device_id": None,
        "host": address.host,
        "domain": registrable_domain(address.host),
        "path": kept_path(verdict, address.path),
        "category": verdict.category,
        "purpose": str(verdict.purpose),
        "gravity": verdict.gravity,
        "reason": verdict.sentence,
        "rule": verdict.rule,
        "list_name": verdict.list_name,
        "list_version": verdict.list_version,
        "permission_id": None,
        "hours": "not_stated",
        "search_phrase": search_phrase(verdict, address.query) if kind.kind is Kind.NAVIGATION else "",
        "not_inspected": str(NotInspected.INSPECTED),
    }


def _is_document(one: Played) -> bool:
    """Whether this entry asked the network for the page itself, however that came about."""
    return one.entry is not None and not one.entry.unseen and _for_page(one.entry, one.kind.kind)


def _shown(one: Played) -> str:
    """The address of a page that the browser had already; "" for every other entry."""
    return one.url if one.entry is not None and one.entry.unseen and _for_page(one.entry, one.kind.kind) else ""


def _for_page(entry: Entry, kind: Kind) -> bool:
    asked = entry.asked
    dest, mode = asked.get("sec-fetch-dest", ""), asked.get("sec-fetch-mode", "")
    if dest or mode:
        return dest == "document" or (not dest and mode == "navigate")
    return "application/xhtml+xml" in asked.get("accept", "") and kind is not Kind.EMBEDDED


def _asker(one: Played) -> str:
    return one.entry.asked.get("referer", "") if one.entry is not None else ""


def _address(stated: str) -> Address | None:
    """The address that a Referer or a page's title states; None where it is none. A title is mostly no address."""
    if not stated.startswith(("http://", "https://")):
        return None
    try:
        return read_address(stated)
    except AddressFault:
        return None
