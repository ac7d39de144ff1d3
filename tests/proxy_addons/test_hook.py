"""A hook that fails is counted, logged without its words, and never raises."""

from structlog.testing import capture_logs

from proxy_addons.hook import guarded
from proxy_addons.tally import Tally


class Addon:
    def __init__(self) -> None:
        self.tally = Tally()
        self.seen: list[str] = []

    @guarded
    def request(self, flow: str) -> None:
        self.seen.append(flow)
        if flow == "bad":
            raise ValueError("https://secret.example/")


def test_a_hook_without_fault_just_runs() -> None:
    addon = Addon()
    addon.request("good")
    assert (addon.seen, addon.tally.hook_errors) == (["good"], 0)


def test_a_fault_is_counted_and_logged_without_its_words() -> None:
    addon = Addon()
    with capture_logs() as logs:
        addon.request("bad")
    assert addon.tally.hook_errors == 1
    assert logs[0]["fault"] == "ValueError"
    assert "secret" not in str(logs)
