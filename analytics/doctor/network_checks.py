"""Checks of the way out: the school's own filter, its authority, and looking names up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509

from analytics.doctor.examined import Examined
from analytics.doctor.finding import Finding, Findings, mend, note
from analytics.doctor.way_out import Outcome, tried
from config.settings import GatewaySettings

EXPIRES_SOON: Final = timedelta(days=60)
_FILTER, _OPEN = "gateway.upstream.proxy", "the way to the internet"


def further_authorities(seen: Examined) -> Findings:
    """Whether the file of the filter's own authority can be read, and lasts."""
    path = seen.settings.gateway.upstream_ca if seen.settings else None
    if path is None:
        return
    try:
        certificates = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as fault:
        yield mend(
            f"The authorities to trust upstream cannot be read ({type(fault).__name__}); no gateway would start.",
            f"gateway.upstream_ca, {path}",
            "Put the filter's certificate there, as PEM.",
        )
        return
    ends = min(certificate.not_valid_after_utc for certificate in certificates)
    if ends - datetime.now(UTC) < EXPIRES_SOON:
        yield mend(
            f"An authority to trust upstream ends on {ends.day} {ends:%B %Y}.",
            f"gateway.upstream_ca, {path}",
            "Get the filter's next certificate from whoever runs the filter, and put it there.",
        )


def way_out(seen: Examined) -> Findings:
    """Whether a public site can be reached as the gateway reaches it."""
    if seen.settings is None or seen.settings.gateway.stand_in:
        return
    gateway = seen.settings.gateway
    say = _SAID.get(tried(gateway))
    if say is not None:
        yield say(gateway)


def _where(gateway: GatewaySettings) -> str:
    return _FILTER if gateway.upstream.proxy else _OPEN


def _no_name(gateway: GatewaySettings) -> Finding:
    if gateway.upstream.proxy:
        return mend("The filter's name cannot be looked up.", _FILTER, "Mend the name, or this machine's resolver.")
    return mend("Public names cannot be looked up.", "/etc/resolv.conf", "Mend this machine's resolver.")


def _no_answer(gateway: GatewaySettings) -> Finding:
    if gateway.upstream.proxy:
        return mend(
            "The school's filter does not answer, so no page opens: nothing goes round it.",
            _FILTER,
            f"Look at the filter, and that it lets this machine in as gateway.upstream.forward says "
            f"({gateway.upstream.forward}).",
        )
    return mend(
        "A public site does not answer.",
        _OPEN,
        "Look at the line. If the school has a filter that must be named, set gateway.upstream.proxy.",
    )


def _sign_in(_: GatewaySettings) -> Finding:
    return mend(
        "The school's filter asks the gateway for a password, so no page opens.",
        _FILTER,
        "Let the gateway's address through the filter without one: staff sign in here.",
    )


def _refused(_: GatewaySettings) -> Finding:
    return note(
        "The school's filter refuses a public site that every school may open.",
        _FILTER,
        "Look at the filter's rules for the gateway's address.",
    )


def _not_trusted(gateway: GatewaySettings) -> Finding:
    return mend(
        "Something on the way out answers for public sites with an authority that the gateway does not trust: most "
        "likely a filter that inspects.",
        _where(gateway),
        "Get the filter's certificate from whoever runs it, and name its file in gateway.upstream_ca.",
    )


_SAID: Final[dict[Outcome, Callable[[GatewaySettings], Finding]]] = {
    Outcome.NO_NAME: _no_name,
    Outcome.NO_ANSWER: _no_answer,
    Outcome.SIGN_IN: _sign_in,
    Outcome.REFUSED: _refused,
    Outcome.NOT_TRUSTED: _not_trusted,
}
