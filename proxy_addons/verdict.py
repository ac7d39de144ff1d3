"""The verdict: each exchange judged by the school's policy.

Owns how an exchange is judged: by its own address, and where it is another site's resource, in the context of the page
that asked for it. Promises: whatever the verdict shields leaves the recording here, counted by its hour alone; a
shielded page is never named as the one that asked.
"""

from mitmproxy.http import HTTPFlow

from analytics.appraisal import appraise_meaning
from analytics.categorise import Judge
from analytics.event import Purpose
from proxy_addons import seen
from proxy_addons.hook import guarded
from proxy_addons.tally import Tally


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
        verdict = appraise_meaning(self._judge, known.kind, known.page, known.host, known.path, known.query)
        if verdict.purpose is Purpose.SHIELDED:
            seen.forget(flow)
            self.tally.shield(known.ts_ms)
        else:
            known.verdict = verdict
