"""What a person who started the demonstration is told: where to look, how to sign in, how to browse through it."""

from analytics.demonstration.cast import BY_KEY
from analytics.demonstration.school import SIGN_INS, STAFF_SIGN_INS
from analytics.demonstration.supervise import Standing
from analytics.governance.roles import Role

GUEST = "macallister"
"""Whose proxy sign-in is offered for one's own browser: a member who signs in at the proxy."""


def invitation(standing: Standing) -> str:
    """Several lines of plain text."""
    return "\n".join(["", *_dashboard(standing), "", *_browser(standing), "", "Ctrl-C stops everything."])


def _dashboard(standing: Standing) -> list[str]:
    people = standing.school.people
    lines = [f"The dashboard:  {standing.dashboard_url}", "Sign in as (demonstration only, made up for this folder):"]
    for role, key in (*SIGN_INS.items(), *((Role.STAFF, key) for key in STAFF_SIGN_INS[:1])):
        lines.append(f"  {role.label:<20} {BY_KEY[key].username:<14} {people[key].password}")
    return lines


def _browser(standing: Standing) -> list[str]:
    proxy, guest = standing.proxy, BY_KEY[GUEST]
    return [
        "To browse through the gateway yourself, as an invented member of staff:",
        f"  Proxy (HTTP and HTTPS)        127.0.0.1:{proxy.port}",
        f"  Authority to trust            {proxy.gateway_ca}",
        f"  Proxy sign-in                 {guest.username}  {standing.school.people[GUEST].password}",
        "  Every site is answered by a stand-in on this machine; nothing leaves it.",
        f"  For banks, which are never decrypted, also trust {proxy.web_ca}",
        "  Use a throw-away browser profile, for example with curl:",
        f"    curl --proxy http://{guest.username}:{standing.school.people[GUEST].password}@127.0.0.1:{proxy.port} \\",
        f"         --cacert {proxy.gateway_ca} https://www.bbc.co.uk/news",
    ]
