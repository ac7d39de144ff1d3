"""The words for each fault, by what mitmproxy says of it; and the page they stand on."""

import re

import pytest

from proxy_addons import refusals
from proxy_addons.refusal_page import page
from proxy_addons.refusals import Refusal, refusal_for

EVERY = [value for value in vars(refusals).values() if isinstance(value, Refusal)]


@pytest.mark.parametrize(
    ("status", "message", "refusal"),
    [
        (502, "Certificate verify failed: certificate has expired", refusals.EXPIRED),
        (502, "Certificate verify failed: certificate is not yet valid", refusals.NOT_YET),
        (502, "Certificate verify failed: hostname mismatch", refusals.WRONG_NAME),
        (502, "Certificate verify failed: IP address mismatch", refusals.WRONG_NAME),
        (502, "Certificate verify failed: certificate revoked", refusals.WITHDRAWN),
        (502, "Certificate verify failed: self-signed certificate", refusals.UNPROVEN),
        (502, "Certificate verify failed: unable to get local issuer certificate", refusals.UNPROVEN),
        (502, "The remote server does not speak TLS.", refusals.UNSAFE),
        (502, "OpenSSL Error([('SSL routines', '', 'unsupported protocol')])", refusals.UNSAFE),
        (502, "[Errno -2] Name or service not known", refusals.NO_SUCH_NAME),
        (502, "[Errno -3] Temporary failure in name resolution", refusals.NAME_UNANSWERED),
        (502, "[Errno 111] Connect call failed ('192.0.2.1', 80)", refusals.UNREACHED),
        (502, "", refusals.UNREACHED),
        (502, "server closed connection", refusals.CUT_SHORT),
        (502, "Cannot parse HTTP response: Invalid HTTP version", refusals.UNREADABLE),
        (502, "HTTP/2 protocol error: Invalid HTTP/2 preamble.", refusals.UNREADABLE),
        (400, "Bad HTTP request line", refusals.MISUNDERSTOOD),
    ],
)
def test_each_fault_has_its_words(status: int, message: str, refusal: Refusal) -> None:
    assert refusal_for(status, message) is refusal


@pytest.mark.parametrize("refusal", EVERY, ids=lambda refusal: refusal.quote)
def test_every_page_is_plain_and_says_what_to_do(refusal: Refusal) -> None:
    shown = page(refusal, "Oak <& Ash> Primary").decode()
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", shown)
    assert "Oak &lt;&amp; Ash&gt; Primary" in text
    assert not re.search(r"\b[45]\d\d\b|HTTP|TLS|SSL|DNS|error|gateway|proxy", text, re.IGNORECASE)
    assert shown.count("<h1>") == 1
    assert len(refusal.do) >= 1
    assert "<script" not in shown
    assert not re.search(r"(src|href)=", shown)
