"""The verdict: each exchange judged by the school's policy.

Owns how an exchange is judged: by its own address, and where it is another site's resource, in the context of the page
that asked for it. Promises: whatever the verdict shields leaves the recording here, counted by its hour alone; a
shielded page is never named as the one that asked.
"""

from mitmproxy.http import HTTPFlow

from analytics.categorise import Judge, Verdict, in_page_context
from analytics.event import Kind, Purpose
from config.host_name import registrable_domain
from proxy_addons import seen
from proxy_addons.hook import guarded
from proxy_addons.seen import Seen
from proxy_addons.tally import Tally

_OWN_CHOICE = frozenset((Kind.NAVIGATION, Kind.REDIRECT))


class Verdicts:
    """Judges what is to be recorded; stands after the kinds and before the recorder."""

    def __init__(self, judge: Judge, tally: Tally) -> None:
        self.tally = tally
        self._judge = judge

    @guarded
    def response(self, flow: HTTPFlow) -> None:
        self._settle(flow)

    @guarded
    def error(self, flow: HTTPFlow) -> None:
        self._settle(flow)

    def _settle(self, flow: HTTPFlow) -> None:
        known = seen.of(flow)
        if known is None:
            return
        verdict = self._in_context(known, self._judge.judge(known.host, known.path, known.query))
        if verdict.purpose is Purpose.SHIELDED:
            seen.forget(flow)
            self.tally.shield(known.ts_ms)
        else:
            known.verdict = verdict

    def _in_context(self, known: Seen, verdict: Verdict) -> Verdict:
        kind, page = known.kind, known.page
        if kind is None or page is None or kind.kind in _OWN_CHOICE:
            return verdict
        # A shielded page is not named, and shields all that it pulls in, from its own site too.
        if page.purpose is Purpose.SHIELDED or registrable_domain(kind.initiator_host) != registrable_domain(
            known.host
        ):
            return in_page_context(verdict, page)
        return verdict
