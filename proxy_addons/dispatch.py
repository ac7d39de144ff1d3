"""mitmproxy's calling of hooks and reading of options, without the work it repeats for every request.

Owns three measured improvements, each doing what mitmproxy does, sooner: the handlers of a hook are looked up once and
not at every event; an option that cannot be changed in place is handed out without a deep copy; a message's field types
are not checked again for each message. They reach into mitmproxy, so they hold for the versions they were proven on;
on any other, the plain way is taken and the log says so.
"""

import inspect
import logging
import types
from collections.abc import Callable
from typing import Any, Final

import structlog
from mitmproxy import exceptions, hooks, http, version
from mitmproxy.addonmanager import AddonManager, cut_traceback, traverse
from mitmproxy.flow import Flow
from mitmproxy.options import Options
from mitmproxy.optmanager import unset

PROVEN: Final = frozenset(("12.2.3", "12.3.0", "12.3.1"))
"""mitmproxy versions whose dispatch and options were read and tested against these."""

_UNCHANGEABLE: Final = (str, int, bool, type(None))

log = structlog.get_logger("fairgate.gateway")
mitmproxy_log = logging.getLogger("mitmproxy.addonmanager")


def proven() -> bool:
    """Whether this mitmproxy is one the shortcuts were proven on; if not, the log says what that costs."""
    if version.VERSION in PROVEN:
        return True
    log.warning("plain_dispatch", mitmproxy=version.VERSION, costs="about half the speed; nothing else changes")
    return False


class PreparedAddons(AddonManager):
    """An `AddonManager` that knows each hook's handlers beforehand. Addons may be added and removed at any time;
    one that grows new hook methods while running must be added again."""

    def __init__(self, master: Any) -> None:
        self.on_fault: Callable[[str, BaseException], None] = lambda _hook, _fault: None
        """Told of whatever a hook raised; the traffic goes on either way."""
        self._handlers: dict[str, tuple[Callable[..., Any], ...]] = {}
        super().__init__(master)  # type: ignore[no-untyped-call]

    def register(self, addon: Any) -> Any:
        self._handlers = {}
        registered = super().register(addon)  # type: ignore[no-untyped-call]
        self._handlers = {}
        return registered

    def add(self, *addons: Any) -> None:
        super().add(*addons)  # type: ignore[no-untyped-call]
        self._handlers = {}

    def remove(self, addon: Any) -> None:
        super().remove(addon)  # type: ignore[no-untyped-call]
        self._handlers = {}

    def clear(self) -> None:
        super().clear()  # type: ignore[no-untyped-call]
        self._handlers = {}

    async def handle_lifecycle(self, event: hooks.Hook) -> None:
        await self.trigger_event(event)
        message = event.args()[0]
        if isinstance(message, Flow) and self._of("update"):
            await self.trigger_event(hooks.UpdateHook([message]))

    async def trigger_event(self, event: hooks.Hook) -> None:
        handlers = self._of(event.name)
        if not handlers:
            return
        given = event.args()
        for handler in handlers:
            try:
                result = handler(*given)
                if result is not None and inspect.isawaitable(result):
                    await result
            except exceptions.AddonHalt:
                return
            except exceptions.OptionsError:
                raise
            except Exception as fault:
                trace = cut_traceback(fault.__traceback__, "trigger_event")
                mitmproxy_log.error("Addon error: %s", fault, exc_info=(type(fault), fault, trace))
                self.on_fault(getattr(handler, "__qualname__", event.name), fault)

    def _of(self, name: str) -> tuple[Callable[..., Any], ...]:
        found = self._handlers.get(name)
        if found is None:
            found = self._handlers[name] = self._look_up(name)
        return found

    def _look_up(self, name: str) -> tuple[Callable[..., Any], ...]:
        handlers = (getattr(addon, name, None) for addon in traverse(self.chain))
        present = [handler for handler in handlers if handler and not isinstance(handler, types.ModuleType)]
        for handler in present:
            if not callable(handler):
                raise exceptions.AddonManagerError(f"Addon handler {name} ({handler!r}) not callable")
        return tuple(present)


class UncopiedOptions(Options):
    """`Options` whose texts, numbers and switches are handed out as they are: a copy of those is the same object."""

    def __getattr__(self, attr: str) -> Any:
        option = self._options.get(attr)
        if option is None:
            raise AttributeError(f"No such option: {attr}")
        value = option._default if option.value is unset else option.value
        return value if type(value) in _UNCHANGEABLE else option.current()


def skip_message_type_checks() -> None:
    """Build requests and responses without checking the types of their fields, as `python -O` would."""

    def unchecked(_message: http.MessageData) -> None:
        """mitmproxy builds these itself, from bytes it parsed."""

    if "__post_init__" in vars(http.MessageData):
        http.MessageData.__post_init__ = unchecked  # type: ignore[method-assign]
