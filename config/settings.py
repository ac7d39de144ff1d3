"""Deployment settings: which school, which ports, which store. One TOML file and environment variables.

Owns `fairgate.toml` in the state folder and the FAIRGATE_* variables (FAIRGATE_GATEWAY__LISTEN_PORT=3128 sets
gateway.listen_port). What the school decides about its staff is not here but in config/school (config.policy).
Promises: an unknown key, a wrong type or an impossible value names the file, line, key, what was found and what is
allowed; secrets are read from files, never from this one.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    StringConstraints,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.toml_file import read_toml, validated
from config.upstream_proxy import proxy_address


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _proxy_named(text: str) -> str:
    proxy_address(text)
    return text


class UpstreamSettings(_Section):
    """The school's own filter, where it is a proxy that everything must go through."""

    proxy: Annotated[str, AfterValidator(_proxy_named)] | None = None
    """Such as http://filter.school:3128. All that passes the gateway goes through it, and never round it."""
    forward: Literal["none", "x_forwarded_for", "proxy_protocol", "proxy_protocol_v2"] = "none"
    """How that proxy, and nobody else, is told the client's address."""

    @model_validator(mode="after")
    def _told_to_somebody(self) -> Self:
        if self.forward != "none" and self.proxy is None:
            raise ValueError("none, unless a proxy is named: a client's address is never given to the open web")
        return self


class GatewaySettings(_Section):
    """The mitmproxy gateway."""

    name: str = Field("gate", pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    """Names its spools: worker 0 of "gate" writes as "gate-0"."""
    mode: Literal["regular", "transparent"] = "regular"
    listen_host: str = "127.0.0.1"
    listen_port: int = Field(8080, ge=1, le=65535)
    workers: int = Field(1, ge=1, le=16)
    """How many processes share the traffic, on the ports from listen_port on. More than one: transparent mode only."""
    fail: Literal["open", "closed"] = "open"
    """Transparent mode, while no worker listens: "open" lets staff devices past the gateway, which becomes a gap
    record; "closed" leaves them without the web until a worker is back."""
    upstream_ca: Path | None = None
    """PEM of further authorities to trust upstream, such as an inspecting filter's or the demonstration's."""
    upstream: UpstreamSettings = UpstreamSettings()
    stand_in: str | None = None
    """host:port that answers for every site. Demonstration only; refused elsewhere."""
    segment_seconds: int = Field(300, ge=1, le=3600)
    segment_bytes: int = Field(64 * 2**20, ge=2**16, le=2**30)
    heartbeat_seconds: int = Field(60, ge=1, le=600)


class LeaseSettings(_Section):
    """A DHCP server's lease database."""

    kind: Literal["dnsmasq", "kea"]
    path: Path
    """dnsmasq's lease file, or Kea's memfile (kea-leases4.csv or kea-leases6.csv)."""


class NasSettings(_Section):
    """A network access server whose accounting is believed: a wireless controller, a switch, a RADIUS server."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    address: IPvAnyNetwork
    """Its address, or a subnet of them."""
    secret_file: Path
    """Holds the shared secret; nobody but its owner may read it."""
    proved_names: bool = True
    """Whether the user's name in its accounting is the one whose password was checked. False where it is the outer
    name of an 802.1X sign-in, which anybody may choose: whoever is named by it is named unsurely (grade C)."""


class RadiusSettings(_Section):
    """RADIUS accounting: off where no network access server is named."""

    listen_host: str = ""
    """The address to listen at; "" for every IPv4 address of the machine, "::" for those of IPv6 too."""
    port: int = Field(1813, ge=1, le=65535)
    nas: tuple[NasSettings, ...] = ()
    silent_minutes: int = Field(60, ge=2, le=1440)
    """A session of which nothing was heard for so long is over."""


class TransparentSettings(_Section):
    """What `fairgate nft` tells the kernel: where the school's devices come in, and what of theirs is redirected."""

    interfaces: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,14}$")], ...] = ()
    """This machine's network interfaces on the school's side, such as "eth1"."""
    subnets: tuple[IPvAnyNetwork, ...] = ()
    """Where one of a family (IPv4, IPv6) is named, only devices in those are redirected, such as "10.20.0.0/16"."""
    gateway_user: str = Field("fairgate", min_length=1)
    """The account the gateway runs as: what it sends is never sent to itself."""
    resolvers: Path | None = None
    """TOML of resolvers that hide names from the school (DNS over HTTPS); the shipped list where not given."""


class IdentitySettings(_Section):
    """`fairgate identity`: who is where, and the pages that staff meet at the gateway."""

    listen_host: str = ""
    """The gateway's own address towards the school, where the portal answers; "" for every address of the machine."""
    portal_name: str | None = None
    """The name by which the school's devices find the portal, such as "fairgate.oakfield.sch.uk"; its address where
    not given."""
    portal_port: int = Field(8090, ge=1, le=65535)
    """Plain HTTP: the notice page, for devices that do not trust the gateway's authority yet. Never a password."""
    portal_tls_port: int = Field(8443, ge=1, le=65535)
    """HTTPS: the notice page, sign-in, the captive-portal API, the logon hook."""
    untold: Literal["pass", "notice_only"] = "pass"
    """What somebody reaches who was never told: everything, unrecorded ("pass"), or only the notice, what is shielded
    or passed through unopened for everybody, and the school's own sites ("notice_only")."""
    school_sites: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+\.[a-z0-9-]+$")], ...] = ()
    """The school's own hosts, with all below them; they stay open under "notice_only"."""
    shared_idle_minutes: int = Field(10, ge=1, le=60)
    """A sign-in at a shared device ends when nothing was recorded under it for so long."""
    shared_most_hours: int = Field(4, ge=1, le=24)
    """A sign-in at a shared device ends after so long, whatever is recorded under it."""
    domains: tuple[str, ...] = ()
    """What may stand before or after a user's name: "OAKFIELD" in OAKFIELD\\ann, "oakfield.sch.uk" in
    ann@oakfield.sch.uk. A name with any other is somebody else's, such as a visitor's."""
    neighbours: bool = True
    """Look at the kernel's neighbour table for devices entered by their hardware address."""
    leases: tuple[LeaseSettings, ...] = ()
    radius: RadiusSettings = RadiusSettings()


class StoreSettings(_Section):
    """Where events are kept."""

    backend: Literal["embedded", "server"] = "embedded"
    host: str = "127.0.0.1"
    port: int = Field(9000, ge=1, le=65535)
    database: str = Field("fairgate", pattern=r"^[a-z][a-z0-9_]{0,40}$")
    user: str = "default"
    password_file: Path | None = None
    secure: bool = False
    load_seconds: float = Field(1.0, gt=0, le=60)
    """How often the loader looks for fresh records."""


class DashboardSettings(_Section):
    """The pages viewers see."""

    listen_host: str = "127.0.0.1"
    listen_port: int = Field(8050, ge=1, le=65535)
    behind_https: bool = False
    """True where a TLS proxy stands before it: cookies are then marked Secure."""


class Settings(BaseSettings):
    """All of them. `school` is the key on every record; it can never be changed later."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="FAIRGATE_", env_nested_delimiter="__")

    school: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,40}$")
    school_name: str = Field(min_length=1, max_length=120)
    policy: Path | None = None
    """Folder of the school's own policy files; the shipped set where not given."""
    gateway: GatewaySettings = GatewaySettings()
    transparent: TransparentSettings = TransparentSettings()
    identity: IdentitySettings = IdentitySettings()
    store: StoreSettings = StoreSettings()
    dashboard: DashboardSettings = DashboardSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, so a container can set what differs there."""
        return env_settings, init_settings


def load_settings(path: Path) -> Settings:
    """The settings in the file at `path`, overridden by FAIRGATE_* variables.

    Raises:
        ConfigError: names file, line, key, what was found and what is allowed.
    """
    plain: dict[str, Any] = read_toml(path)
    return validated(lambda: Settings(**plain), path)
