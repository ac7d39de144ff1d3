"""analytics.nft.kernel: what the real kernel answers, and what its refusals become. Each runs in a namespace."""

import json
import sys
from typing import Any

import pytest

from analytics.nft.ruleset import FOR_GOOD, REMOVED, Enrolled, Ruleset
from tests.analytics.nft.one_namespace import inside
from tests.end_to_end.namespaces import unavailable

WHY_NOT = unavailable()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "available")

TABLE = Ruleset(interfaces=("school",), ports=(8080,), gateway_uid=0, resolvers=()).table(
    Enrolled(frozenset({"10.0.0.1", "2001:db8::1", "::1:0:0"})), (8080,), FOR_GOOD
)
ASK = """
import dataclasses, json, os, sys
from analytics.nft import kernel
from config.errors import FairgateError
what, script = json.load(sys.stdin)
if what == "powerless":
    os.setgid(65534); os.setuid(65534); what = "load"
if what == "without nft":
    kernel._SYSTEM_FOLDERS = os.environ["PATH"] = "/nowhere"; what = "load"
try:
    found = getattr(kernel, what)(*([script] if script else []))
    if what == "standing" and found:
        found = {"addresses": sorted(found.addresses), "redirecting": found.redirecting, "counts": found.counts}
    print(json.dumps(found))
except FairgateError as fault:
    print(json.dumps({"refused": str(fault)}))
"""


def ask(namespace: str, what: str, script: str = "") -> Any:
    """What `kernel.WHAT(script)` answers in the namespace."""
    done = inside(namespace, sys.executable, "-c", ASK, given=json.dumps([what, script]))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_was_loaded_stands_until_it_is_removed(kernel: str) -> None:
    assert ask(kernel, "standing") is None
    assert ask(kernel, "load", TABLE) is None
    assert ask(kernel, "standing") == {
        "addresses": ["10.0.0.1", "2001:db8::1", "::1:0:0"],
        "redirecting": True,
        "counts": {"quic": 0, "dot": 0, "doh": 0},
    }
    assert ask(kernel, "change", "flush chain inet fairgate workers\n") is True
    assert ask(kernel, "standing")["redirecting"] is False
    assert ask(kernel, "load", REMOVED) is None
    assert ask(kernel, "change", "flush chain inet fairgate workers\n") is False
    assert ask(kernel, "standing") is None


def test_a_script_with_one_bad_line_changes_nothing(kernel: str) -> None:
    said = ask(kernel, "load", f"{TABLE}add rule inet fairgate nowhere accept\n")["refused"]
    assert "nft refused the rules, and nothing was changed: " in said
    assert ask(kernel, "standing") is None


def test_an_account_without_the_right_is_told_what_to_do(kernel: str) -> None:
    assert "Run it as root (sudo), or give the service CAP_NET_ADMIN" in ask(kernel, "powerless", TABLE)["refused"]


def test_where_nft_is_not_installed_it_says_so(kernel: str) -> None:
    assert "apt install nftables" in ask(kernel, "without nft", TABLE)["refused"]
