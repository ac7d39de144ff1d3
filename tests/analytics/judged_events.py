"""Events as a gateway with a given policy records them: full addresses in, least data out."""

from dataclasses import dataclass
from typing import Any

from analytics.categorise import Judge, Reason, Verdict, in_page_context
from analytics.event import Kind, NotInspected, Purpose, WebEvent
from analytics.event_id import new_event_id
from analytics.judging import Address, read_address
from analytics.least_data import kept_path, search_phrase
from analytics.verdict import frame_context, of_no_page
from config.host_name import registrable_domain
from config.policy import Policy
from tests.analytics.spool.samples import START_MS, web_event


@dataclass(frozen=True)
class Gateway:
    """What a gateway does with an exchange, without the traffic."""

    policy: Policy
    judge: Judge

    @classmethod
    def of(cls, policy: Policy) -> "Gateway":
        return cls(policy, Judge(policy))

    def verdict(self, url: str, kind: Kind = Kind.NAVIGATION, page: str = "", around: str = "") -> Verdict:
        """The verdict it stamps, from the whole address; `around` is the page in which `page` is a frame."""
        address = read_address(url)
        if self.judge.pass_through(address.host) is not None:
            return self.judge.judge(address.host)
        own = self.judge.judge(address.host, address.path, address.query)
        if kind in (Kind.NAVIGATION, Kind.REDIRECT):
            return own
        return self._in_context(own, address, page, around) if page else of_no_page(own)

    def _in_context(self, own: Verdict, address: Address, url: str, around: str) -> Verdict:
        page = self._page(url, address, around)
        foreign = registrable_domain(read_address(url).host) != registrable_domain(address.host)
        inherits = foreign or page.purpose is Purpose.SHIELDED or page.reason == Reason.PAGE_CONTEXT
        return in_page_context(own, page) if inherits else own

    def _page(self, url: str, asked: Address, around: str) -> Verdict:
        """The verdict on the page that asked, or what the frame hands on that did."""
        page = read_address(url)
        foreign = registrable_domain(page.host) != registrable_domain(asked.host)
        # A browser tells another site no more than its origin.
        judged = self.judge.judge(page.host, *(("/", "") if foreign else (page.path, page.query)))
        if judged.purpose is Purpose.SHIELDED or not around:
            return judged
        if registrable_domain(page.host) == registrable_domain(read_address(around).host):
            return judged
        framed = self.verdict(url, Kind.EMBEDDED, around)
        return framed if framed.purpose is Purpose.SHIELDED else frame_context(framed, self._page(around, page, ""))

    def event(
        self,
        url: str,
        kind: Kind = Kind.NAVIGATION,
        page: str = "",
        ts_ms: int = START_MS,
        around: str = "",
        **changes: Any,
    ) -> WebEvent | None:
        """The event it records; None where it is shielded."""
        address, verdict = read_address(url), self.verdict(url, kind, page, around)
        if verdict.purpose is Purpose.SHIELDED:
            return None
        passed = self.judge.pass_through(address.host)
        seen = {
            "path": kept_path(verdict, address.path),
            "search_phrase": search_phrase(verdict, address.query) if kind is Kind.NAVIGATION else "",
            "kind": kind,
            "initiator_host": read_address(page).host if page else "",
            "not_inspected": NotInspected.INSPECTED,
        }
        unseen = {
            "path": "", "search_phrase": "", "kind": Kind.BACKGROUND, "initiator_host": "", "not_inspected": passed,
        }  # fmt: skip
        return web_event(
            event_id=new_event_id(ts_ms),
            ts_ms=ts_ms,
            host=address.host,
            domain=registrable_domain(address.host),
            category=verdict.category,
            purpose=verdict.purpose,
            gravity=verdict.gravity,
            rule=verdict.rule,
            list_name=verdict.list_name,
            list_version=verdict.list_version,
            policy_version=self.policy.version,
            reason=str(verdict.reason),
            **{**(seen if passed is None else unseen), **changes},
        )
