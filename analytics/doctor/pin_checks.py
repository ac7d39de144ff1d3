"""Checks of what goes through unopened as learnt: devices without the certificate, and caps. Counts only."""

from collections import Counter

from analytics.bindings import IdentityReader, distrusting
from analytics.doctor.examined import Examined
from analytics.doctor.finding import Findings, mend, note
from analytics.pin_learning import CAP_ALL, CAP_CLIENT

_LIST = "fairgate pins list names them"


def certificate(seen: Examined) -> Findings:
    """How many devices refuse nearly every site, because they lack the school's certificate."""
    lacking = len(distrusting(seen.state.identity))
    if lacking:
        yield mend(
            f"{lacking} device{'s lack' if lacking != 1 else ' lacks'} the school's certificate: "
            "pages show warnings there, and apps do not work.",
            seen.state.ca / "mitmproxy-ca-cert.pem",
            f"Give it to them; {_LIST}.",
        )


def caps(seen: Examined) -> Findings:
    """Whether as much is learnt as may be, so that a further app would not be let through."""
    reader = IdentityReader(seen.state.identity)
    reader.close()
    learnt = [client for (client, _), until_ms in reader.now.pins.items() if until_ms > seen.now_ms]
    full = sum(hosts >= CAP_CLIENT for hosts in Counter(learnt).values())
    if full:
        yield note(
            f"{full} device{'s have' if full != 1 else ' has'} as many sites let through unopened as may be, "
            f"{CAP_CLIENT}: a further app that pins would not work there.",
            seen.state.identity,
            f"See which app was put there; {_LIST}. fairgate pins forget DEVICE begins anew.",
        )
    if len(learnt) >= CAP_ALL:
        yield mend(
            f"{len(learnt)} sites are let through unopened for single devices, as many as may be for the school.",
            seen.state.identity,
            f"Put what many devices need into pass_through.toml, then fairgate pins forget --all; {_LIST}.",
        )
