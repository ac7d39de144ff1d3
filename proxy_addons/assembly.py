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
from config.settings import Settings
from config.state import StateFolder
from proxy_addons.attribution import Attributor
from proxy_addons.authority import Authority
from proxy_addons.dispatch import proven
from proxy_addons.event_writer import EventWriter, Recording
from proxy_addons.header_limit import limit_headers
from proxy_addons.heartbeat import HeartbeatWriter
from proxy_addons.kinds import Kinds
from proxy_addons.live_identity import LiveIdentity
from proxy_addons.live_lists import LiveLists
from proxy_addons.notice import Notice
from proxy_addons.passed_through import PassedThrough
from proxy_addons.posture import Posture
from proxy_addons.recorder import Recorder
from proxy_addons.shield import Shield
from proxy_addons.sign_in import SignIn
from proxy_addons.stand_in import StandIn
from proxy_addons.streams import Streams
from proxy_addons.tally import Tally
from proxy_addons.tell_identity import TellIdentity
from proxy_addons.untold import NoticeOnly
from proxy_addons.verdict import Verdicts


@dataclass(slots=True)
class Gateway:
    """One worker's addons, and what must be closed after them."""

    pipeline: list[Any]
    """Not called `addons`: mitmproxy would take those for its children."""
    spool: SpoolWriter
    lock: IO[str]

    def close(self) -> None:
        """Flush and seal the spool, let the state folder go. Safe to call again."""
        self.spool.close()
        self.lock.close()

    def done(self) -> None:
        """As the last addon: closes when the others are done."""
        self.close()


def assemble(settings: Settings, state: StateFolder) -> Gateway:
    """The gateway of `state`, ready to run.

    Raises:
        FairgateError: something it needs is missing, damaged or taken; nothing was started.
    """
    _refuse_impossible(settings)
    state.prepare()
    lock = state.lock("gateway")
    try:
        return _assemble(settings, state, lock)
    except BaseException:
        lock.close()
        raise


def _assemble(settings: Settings, state: StateFolder, lock: IO[str]) -> Gateway:
    if proven():
        limit_headers()
    posture = Posture(settings.gateway, state)
    stand_in = _stand_in(settings, state)
    policy = load_policy(settings.policy)
    register = LiveRegister(state.snapshot, settings.school)
    lists = LiveLists(state.lists, policy)
    Authority(state).prepare(settings.school_name)
    spool = _spool(settings, state)
    worker = f"{settings.gateway.name}-0"
    recording = Recording(
        school=settings.school, gateway=worker, policy=policy, judge=lists.judge, register=register, spool=spool
    )
    gateway = Gateway([], spool, lock)
    identity, tell = LiveIdentity(state.identity), TellIdentity(state.identity_socket)
    pipeline = _pipeline(recording, settings, identity, tell, Carrier(state.notice_key))
    gateway.pipeline = [posture, *stand_in, register, lists, identity, tell, *pipeline, gateway]
    return gateway


def _pipeline(
    recording: Recording, settings: Settings, identity: LiveIdentity, tell: TellIdentity, carrier: Carrier
) -> list[Any]:
    tally, judge = Tally(), recording.judge
    sign_in = SignIn(recording.register, tally, explicit=settings.gateway.mode == "regular")
    attributor = Attributor(recording.register, identity, sign_in, tally)
    writer = EventWriter(recording, tell)
    passed_through = PassedThrough(judge, attributor, writer)
    kinds, verdicts = Kinds(judge, tally), Verdicts(judge, tally)
    place = PortalPlace(settings.identity)
    return [
        sign_in,
        attributor,
        Shield(judge, attributor, passed_through, kinds, place),
        Notice(recording, attributor, identity, place, carrier),
        NoticeOnly(judge, attributor, place),
        passed_through,
        Streams(tally),
        kinds,
        verdicts,
        Recorder(attributor, judge, passed_through, writer, (kinds, verdicts)),
        HeartbeatWriter(recording, tally, settings.gateway.heartbeat_seconds, _software()),
    ]


def _spool(settings: Settings, state: StateFolder) -> SpoolWriter:
    gateway = settings.gateway
    try:
        key = open_key(state.keys, demonstration=state.demonstration)
    except OSError as fault:
        raise FairgateError(
            f"The key folder {state.keys} cannot be used ({fault.strerror}). Mend its owner."
        ) from fault
    worker = f"{gateway.name}-0"
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


def _refuse_impossible(settings: Settings) -> None:
    if settings.gateway.workers != 1:
        raise ConfigError(
            f"gateway.workers: found {settings.gateway.workers}; allowed: 1. This version runs one worker a gateway."
        )


def _software() -> str:
    """What made the records: ours and mitmproxy's versions."""
    return f"fairgate {metadata.version('fairgate')} mitmproxy {metadata.version('mitmproxy')}"
