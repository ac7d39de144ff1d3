"""The guard around every hook: a fault of ours never reaches the traffic.

Owns what happens when a hook raises: it is counted (heartbeats and gap records carry the count), the operator's log
names the kind of fault and the line of code, never what was visited, and browsing goes on.
"""

import functools
import traceback
from collections.abc import Callable
from typing import Concatenate, Protocol

import structlog

from proxy_addons.tally import Tally

log = structlog.get_logger("fairgate.gateway")


class Counting(Protocol):
    """An addon that shares the gateway's counts."""

    @property
    def tally(self) -> Tally: ...


def guarded[Addon: Counting, **Given](
    hook: Callable[Concatenate[Addon, Given], None],
) -> Callable[Concatenate[Addon, Given], None]:
    """The hook, made unable to raise."""

    @functools.wraps(hook)
    def run(self: Addon, /, *given: Given.args, **named: Given.kwargs) -> None:
        try:
            hook(self, *given, **named)
        except Exception as fault:
            report(self.tally, hook.__qualname__, fault)

    return run


def report(tally: Tally, where: str, fault: BaseException) -> None:
    """Count a fault and log it without its message, which may quote traffic."""
    tally.hook_errors += 1
    frames = traceback.extract_tb(fault.__traceback__)
    line = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "unknown"
    log.error("hook_failed", hook=where, fault=type(fault).__name__, line=line)
