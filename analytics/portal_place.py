"""Where the portal is found: the addresses of its pages.

Owns them. Promises: plain HTTP only for the notice; nothing but an opaque token ever stands in an address.
"""

import socket
from dataclasses import dataclass
from typing import Final

from config.settings import IdentitySettings

NOTICE: Final = "/notice"
CAPTIVE: Final = "/captive"
ABOUT: Final = "/about"
SIGN_IN: Final = "/sign-in"
EVERYWHERE: Final = ("", "0.0.0.0", "::")  # noqa: S104 - compared, not listened on


@dataclass(frozen=True, slots=True)
class PortalPlace:
    """The portal as a device reaches it that reached this machine at some address."""

    settings: IdentitySettings

    def host(self, reached: str) -> str:
        """Its name, or the address by which it was `reached`, as it stands in a web address."""
        settings = self.settings
        found = settings.portal_name or (reached if settings.listen_host in EVERYWHERE else settings.listen_host)
        return f"[{found}]" if ":" in found else found

    def notice(self, reached: str, token: str) -> str:
        """The notice page over plain HTTP."""
        return f"http://{self.host(reached)}:{self.settings.portal_port}{NOTICE}?to={token}"

    def secure(self, reached: str, path: str) -> str:
        """A page over HTTPS."""
        return f"https://{self.host(reached)}:{self.settings.portal_tls_port}{path}"

    def is_ours(self, host: str, port: int, client_ip: str) -> bool:
        """Whether the device at `client_ip` asks for the portal itself."""
        if port not in (self.settings.portal_port, self.settings.portal_tls_port):
            return False
        return host.strip("[]").lower() in (self.settings.portal_name, self.settings.listen_host, facing(client_ip))


def facing(client_ip: str) -> str:
    """The address of this machine towards a device. Of a connection that was redirected, the connection itself knows
    only where it was meant to go; the kernel is asked which address it would answer from. Nothing is sent."""
    family = socket.AF_INET6 if ":" in client_ip else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((client_ip.partition("%")[0], 9))
            return str(asking.getsockname()[0])
    except OSError:
        return ""
