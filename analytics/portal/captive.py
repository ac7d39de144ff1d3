"""The captive-portal API (RFC 8908): how a device asks by itself whether its user is to read something first.

Owns the answer, and the lines by which a DHCP server names the API (RFC 8910). Promises: HTTPS alone; it names nobody;
a device is told that it is captive for a few minutes at most, since it would then think itself offline, unless little
else is open to somebody untold anyway.
"""

import json
import time
from collections import OrderedDict
from typing import Final

from analytics.portal.notice_text import NoticeText
from analytics.portal.pages import Page
from analytics.portal.route import Route
from analytics.portal.whose import Reader, Whose
from analytics.portal_place import ABOUT, CAPTIVE, NOTICE, PortalPlace
from analytics.sources.source import Identity
from config.settings import IdentitySettings

TYPE: Final = "application/captive+json"
CAPTIVE_SECONDS: Final = 300.0
LEFT_ALONE_SECONDS: Final = 3600.0
REMEMBERED: Final = 4096


class CaptiveApi(Page):
    """Answers whether the asking device is captive."""

    def initialize(self, identity: Identity, whose: Whose, text: NoticeText, asked: "Asked") -> None:  # type: ignore[override]
        super().initialize(identity)
        self.whose, self.text, self.asked = whose, text, asked

    def get(self) -> None:
        place = PortalPlace(self.identity.settings.identity)
        self.set_header("Content-Type", TYPE)
        self.set_header("Cache-Control", "private, no-store")
        answer = {
            "captive": self._captive(),
            "user-portal-url": place.secure(self.reached, NOTICE),
            "venue-info-url": place.secure(self.reached, ABOUT),
        }
        self.finish(json.dumps(answer))

    def _captive(self) -> bool:
        reader = self.whose.reader(self.client_ip, None)
        if reader is None or reader.due is None or self.text.now() is None:
            return False
        strict = self.identity.settings.identity.untold == "notice_only" and not self.whose.at(self.client_ip).told
        return strict or self.asked.now(reader, self.client_ip)


class Asked:
    """For how long each device has been told that it is captive."""

    def __init__(self) -> None:
        self._since: OrderedDict[tuple[str, str], float] = OrderedDict()

    def now(self, reader: Reader, client_ip: str) -> bool:
        """Whether to tell it so now."""
        now, key = time.monotonic(), (client_ip, reader.person_id)
        since = self._since.get(key)
        if since is None or now - since > CAPTIVE_SECONDS + LEFT_ALONE_SECONDS:
            since = self._since[key] = now
            self._since.move_to_end(key)
            if len(self._since) > REMEMBERED:
                self._since.popitem(last=False)
        return now - since <= CAPTIVE_SECONDS


def routes(identity: Identity) -> list[Route]:
    """What this adds to the portal."""
    given = {"whose": Whose(identity), "text": NoticeText(identity), "asked": Asked()}
    return [Route(pattern=CAPTIVE, handler=CaptiveApi, given=given)]


def dhcp_lines(settings: IdentitySettings) -> list[str]:
    """How a DHCP server names the API to the devices it serves: for dnsmasq, then for Kea."""
    host = settings.portal_name or settings.listen_host or "THE-GATEWAYS-NAME"
    address = PortalPlace(settings).secure(host, CAPTIVE)
    return [
        "# dnsmasq (IPv4, then IPv6):",
        f'dhcp-option=114,"{address}"',
        f'dhcp-option=option6:103,"{address}"',
        "",
        '# Kea, in "option-data" of "Dhcp4":',
        json.dumps({"name": "v4-captive-portal", "code": 114, "data": address}),
        '# and of "Dhcp6":',
        json.dumps({"name": "v6-captive-portal", "code": 103, "data": address}),
    ]
