"""The gateway put together: from settings and a state folder to the list of addons, in their order.

Owns the order of the pipeline, and that nothing starts half-configured: policy, snapshot, authority, key and spool are
all good before the first addon exists, and so before any port is open. The lean master and stock mitmdump are given
the same list.
"""

from dataclasses import dataclass
from importlib import metadata
from typing import IO, Any

from analytics.carried import Carrier
from analytics.evidence.keys import open_key
from analytics.evidence.seal import Sealer
from analytics.live_register import LiveRegister
from analytics.portal_place import PortalPlace
from analytics.spool import SpoolWriter
from config.errors import ConfigError, FairgateError
from config.policy import load_policy
from config.settings import GatewaySettings, Settings
from config.state import StateFolder
from config.upstream_proxy import proxy_address
from proxy_addons.attribution import Attributor, now_ms
from proxy_addons.authority import Authority
from proxy_addons.client_address import ClientClaims
from proxy_addons.conditions import ConditionWriter
from proxy_addons.connections import Connections
from proxy_addons.contained_faults import contain_faults
from proxy_addons.dispatch import proven
from proxy_addons.event_writer import EventWriter, Recording
from proxy_addons.header_limit import limit_headers
from proxy_addons.heartbeat import HeartbeatWriter
from proxy_addons.http2_flow import bound_http2
from proxy_addons.kinds import Kinds
from proxy_addons.live_identity import LiveIdentity
from proxy_addons.live_lists import LiveLists
from proxy_addons.notice import Notice
from proxy_addons.one_reading import OneReading
from proxy_addons.passed_through import PassedThrough
from proxy_addons.pins import Pins
from proxy_addons.posture import Posture
from proxy_addons.recorder import Recorder
from proxy_addons.refusal_page import plain_refusals
from proxy_addons.relay import count_relayed
from proxy_addons.shield import Shield
from proxy_addons.sign_in import SignIn
from proxy_addons.stand_in import StandIn
from proxy_addons.streams import Streams
from proxy_addons.supervise import refuse_impossible
from proxy_addons.tally import Tally
from proxy_addons.tell_identity import TellIdentity
from proxy_addons.trailers import leave_out_trailers
from proxy_addons.untold import NoticeOnly
from proxy_addons.upstream import Upstream
from proxy_addons.verdict import Verdicts


@dataclass(slots=True)
class Gateway:
    """One worker's addons, and what must be closed after them."""

    pipeline: list[Any]
    """Not called `addons`: mitmproxy would take those for its children."""
    spool: SpoolWriter
    lock: IO[str]
    tally: Tally

    def close(self) -> None:
        """Flush and seal the spool, let the state folder go. Safe to call again."""
        self.spool.close()
        self.lock.close()

    def done(self) -> None:
        """As the last addon: closes when the others are done."""
        self.close()


def assemble(settings: Settings, state: StateFolder, worker: int | None = None) -> Gateway:
    """The gateway of `state`, ready to run: worker `worker` of several, or without a number the only one.

    Raises:
        FairgateError: something it needs is missing, damaged or taken; nothing was started.
    """
    refuse_impossible(settings)
    _refuse_two_ways_out(settings)
    state.prepare()
    lock = state.lock(process_name(worker))
    try:
        return _assemble(settings, state, worker or 0, lock)
    except BaseException:
        lock.close()
        raise


def process_name(worker: int | None) -> str:
    """Under which a worker's lock and readiness stand in STATE/run."""
    return "gateway" if worker is None else f"gateway-{worker}"


def _assemble(settings: Settings, state: StateFolder, number: int, lock: IO[str]) -> Gateway:
    tally = Tally()
    if proven():
        _mend_mitmproxy(settings, tally)
    posture = Posture(settings.gateway, state)
    stand_in = _stand_in(settings, state)
    policy = load_policy(settings.policy)
    register = LiveRegister(state.snapshot, settings.school)
    lists = LiveLists(state.lists, policy)
    Authority(state).prepare(settings.school_name)
    worker = f"{settings.gateway.name}-{number}"
    spool = _spool(settings, state, worker)
    recording = Recording(
        school=settings.school, gateway=worker, policy=policy, judge=lists.judge, register=register, spool=spool
    )
    gateway = Gateway([], spool, lock, tally)
    identity, tell = LiveIdentity(state.identity), TellIdentity(state.identity_socket)
    pipeline = _pipeline(recording, settings, tally, identity, tell, lists, Carrier(state.notice_key))
    gateway.pipeline = [posture, *stand_in, register, lists, identity, tell, *pipeline, gateway]
    return gateway


def _mend_mitmproxy(settings: Settings, tally: Tally) -> None:
    """What mitmproxy lacks for standing in line; each says why, and what it promises."""
    limit_headers()
    count_relayed()
    leave_out_trailers()
    bound_http2()
    contain_faults(tally)
    plain_refusals(settings.school_name)


def _pipeline(
    recording: Recording,
    settings: Settings,
    tally: Tally,
    identity: LiveIdentity,
    tell: TellIdentity,
    lists: LiveLists,
    carrier: Carrier,
) -> list[Any]:
    judge = recording.judge
    sign_in = SignIn(recording.register, tally, explicit=settings.gateway.mode == "regular")
    attributor = Attributor(recording.register, identity, sign_in, tally)
    writer = EventWriter(recording, tell, attributor.attended)
    passed_through = PassedThrough(judge, attributor, writer)
    pins = Pins(identity, tell, tally)
    kinds, verdicts = Kinds(judge, tally), Verdicts(judge, tally)
    conditions = ConditionWriter(recording, tally, now_ms(), lambda: lists.oldest_ms)
    place = PortalPlace(settings.identity)
    return [
        sign_in,
        attributor,
        Shield(judge, attributor, passed_through, kinds, pins),
        OneReading(tally),
        Notice(recording, attributor, identity, place, carrier),
        NoticeOnly(judge, attributor, place),
        passed_through,
        pins,
        ClientClaims(tally),
        *_upstream(settings, tally),
        Connections(tally),
        Streams(tally),
        kinds,
        verdicts,
        Recorder(attributor, judge, passed_through, writer, (kinds, verdicts)),
        HeartbeatWriter(recording, tally, settings.gateway.heartbeat_seconds, _software(), conditions),
    ]


def _spool(settings: Settings, state: StateFolder, worker: str) -> SpoolWriter:
    gateway = settings.gateway
    try:
        key = open_key(state.keys, demonstration=state.demonstration)
    except OSError as fault:
        raise FairgateError(
            f"The key folder {state.keys} cannot be used ({fault.strerror}). Mend its owner."
        ) from fault
    return SpoolWriter(
        state.spool / worker,
        settings.school,
        worker,
        Sealer(key),
        max_bytes=gateway.segment_bytes,
        max_seconds=gateway.segment_seconds,
    )


def _stand_in(settings: Settings, state: StateFolder) -> list[StandIn]:
    address = settings.gateway.stand_in
    portal = (settings.identity.portal_port, settings.identity.portal_tls_port)
    return [] if address is None else [StandIn(address, demonstration=state.demonstration, portal=portal)]


def _upstream(settings: Settings, tally: Tally) -> list[Upstream]:
    upstream = settings.gateway.upstream
    return [] if upstream.proxy is None else [Upstream(upstream, tally)]


def _refuse_two_ways_out(settings: Settings) -> None:
    if settings.gateway.stand_in and settings.gateway.upstream.proxy:
        raise ConfigError(
            "gateway.stand_in and gateway.upstream.proxy are both set: a demonstration's stand-in is no site that a "
            "filter could reach. Take one of them out of fairgate.toml."
        )
    if _is_itself(settings.gateway):
        raise ConfigError(
            "gateway.upstream.proxy: it names this gateway itself, which would send everything to itself for ever. "
            "Name the school's filter, or take [gateway.upstream] out of fairgate.toml."
        )


def _is_itself(gateway: GatewaySettings) -> bool:
    if gateway.upstream.proxy is None:
        return False
    host, port = proxy_address(gateway.upstream.proxy)
    own = {gateway.listen_host, "localhost", "127.0.0.1", "::1"}
    return host in own and port in range(gateway.listen_port, gateway.listen_port + gateway.workers)


def _software() -> str:
    """What made the records: ours and mitmproxy's versions."""
    return f"fairgate {metadata.version('fairgate')} mitmproxy {metadata.version('mitmproxy')}"
