"""Events as a gateway with a given policy records them: full addresses in, least data out."""

from dataclasses import dataclass
from typing import Any

from analytics.categorise import Judge, Verdict, in_page_context
from analytics.event import Kind, NotInspected, Purpose, WebEvent
from analytics.event_id import new_event_id
from analytics.judging import Address, read_address
from analytics.least_data import kept_path, search_phrase
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

    def verdict(self, url: str, kind: Kind = Kind.NAVIGATION, page: str = "") -> Verdict:
        """The verdict it stamps, from the whole address."""
        address = read_address(url)
        if self.judge.pass_through(address.host) is not None:
            return self.judge.judge(address.host)
        own = self.judge.judge(address.host, address.path, address.query)
        return own if kind in (Kind.NAVIGATION, Kind.REDIRECT) or not page else self._in_context(own, address, page)

    def _in_context(self, own: Verdict, address: Address, url: str) -> Verdict:
        page = read_address(url)
        foreign = registrable_domain(page.host) != registrable_domain(address.host)
        # A browser tells another site no more than its origin.
        stated = ("/", "") if foreign else (page.path, page.query)
        judged = self.judge.judge(page.host, *stated)
        return in_page_context(own, judged) if foreign or judged.purpose is Purpose.SHIELDED else own

    def event(
        self, url: str, kind: Kind = Kind.NAVIGATION, page: str = "", ts_ms: int = START_MS, **changes: Any
    ) -> WebEvent | None:
        """The event it records; None where it is shielded."""
        address, verdict = read_address(url), self.verdict(url, kind, page)
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
