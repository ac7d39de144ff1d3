"""Prepared dispatch does what mitmproxy's own does, and options read as they always did."""

import asyncio
import types
from typing import Any

import pytest
from mitmproxy import exceptions, hooks, http, master, options
from mitmproxy.addonmanager import AddonManager
from mitmproxy.proxy.layers.http._hooks import HttpRequestHook, HttpResponseHook
from mitmproxy.test import tflow

from proxy_addons import dispatch
from proxy_addons.dispatch import PreparedAddons, UncopiedOptions


class Note:
    """Notes its calls; fails, halts or waits as told."""

    def __init__(self, name: str, calls: list[str], fault: Exception | None = None) -> None:
        self.name, self.calls, self.fault = name, calls, fault

    def request(self, flow: http.HTTPFlow) -> None:
        self.calls.append(f"{self.name}.request")
        if self.fault:
            raise self.fault


class Waiting(Note):
    async def request(self, flow: http.HTTPFlow) -> None:  # type: ignore[override]
        self.calls.append(f"{self.name}.waited")


class Updated(Note):
    def update(self, flows: list[http.HTTPFlow]) -> None:
        self.calls.append(f"{self.name}.update")


class Family(Note):
    def __init__(self, name: str, calls: list[str], *children: Note) -> None:
        super().__init__(name, calls)
        self.addons = list(children)


class WithModule:
    name = "with module"
    request = types


def build(calls: list[str]) -> list[list[Any]]:
    return [
        [Note("a", calls), Waiting("b", calls), Note("c", calls)],
        [Note("a", calls, ValueError("x")), Note("b", calls)],
        [Note("a", calls, exceptions.AddonHalt()), Note("b", calls)],
        [Family("a", calls, Note("b", calls), Updated("c", calls)), Note("d", calls)],
        [WithModule(), Updated("a", calls)],
        [],
    ]


async def trace(manager: type[AddonManager], case: int) -> list[str]:
    calls: list[str] = []
    running = master.Master(options.Options())
    running.addons = manager(running)
    running.addons.add(*build(calls)[case])
    for event in (HttpRequestHook(tflow.tflow()), HttpResponseHook(tflow.tflow()), hooks.RunningHook()):
        if isinstance(event, hooks.RunningHook):
            await running.addons.trigger_event(event)
        else:
            await running.addons.handle_lifecycle(event)
    await running.done()
    return calls


@pytest.mark.parametrize("case", range(6))
def test_the_same_handlers_run_in_the_same_order(case: int) -> None:
    assert asyncio.run(trace(PreparedAddons, case)) == asyncio.run(trace(AddonManager, case))


async def _changing() -> list[str]:
    calls: list[str] = []
    running = master.Master(options.Options())
    running.addons = PreparedAddons(running)
    first, second = Note("first", calls), Note("second", calls)
    running.addons.add(first)
    await running.addons.trigger_event(HttpRequestHook(tflow.tflow()))
    running.addons.add(second)
    await running.addons.trigger_event(HttpRequestHook(tflow.tflow()))
    running.addons.remove(first)
    await running.addons.trigger_event(HttpRequestHook(tflow.tflow()))
    running.addons.clear()
    await running.addons.trigger_event(HttpRequestHook(tflow.tflow()))
    await running.done()
    return calls


def test_addons_added_and_removed_while_running_count_from_then_on() -> None:
    assert asyncio.run(_changing()) == ["first.request", "first.request", "second.request", "second.request"]


def test_every_option_reads_as_mitmproxys_own() -> None:
    plain: Any = options.Options()
    uncopied: Any = UncopiedOptions()
    for given in ({}, {"listen_port": 8081, "mode": ["transparent"], "http2": False, "listen_host": "::1"}):
        plain.update(**given)
        uncopied.update(**given)
        assert {name: getattr(uncopied, name) for name in uncopied.keys()} == {  # noqa: SIM118
            name: getattr(plain, name)
            for name in plain.keys()  # noqa: SIM118
        }


def test_an_option_that_can_be_changed_in_place_is_still_copied() -> None:
    read: Any = UncopiedOptions()
    read.update(mode=["regular"])
    read.mode.append("transparent")
    assert read.mode == ["regular"]


def test_an_unknown_option_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such"):
        _ = UncopiedOptions().no_such


def test_a_refused_change_of_an_option_reads_as_before() -> None:
    read: Any = UncopiedOptions()

    def refuse(updated: set[str]) -> None:
        if read.listen_port == 1:
            raise exceptions.OptionsError("no")

    read.changed.connect(refuse)
    with pytest.raises(exceptions.OptionsError):
        read.update(listen_port=1)
    assert read.listen_port is None


def test_messages_are_built_alike_without_type_checks() -> None:
    checked = tflow.tflow(resp=True)
    original = http.MessageData.__post_init__
    try:
        dispatch.skip_message_type_checks()
        assert tflow.tflow(resp=True).request.get_state().keys() == checked.request.get_state().keys()
        assert http.MessageData.__post_init__ is not original
    finally:
        http.MessageData.__post_init__ = original  # type: ignore[method-assign]


def test_an_unproven_mitmproxy_takes_the_plain_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dispatch.proven()
    monkeypatch.setattr("mitmproxy.version.VERSION", "99.0.0")
    assert not dispatch.proven()
