"""The watch on a lease database: followed, and never the end of what it cannot say."""

from pathlib import Path

from analytics.sources.leases import Leases
from analytics.sources.source import now_ms
from config.settings import LeaseSettings
from tests.analytics.an_identity import Desk, an_identity
from tests.analytics.sources.seen_devices import LAPTOP, LAPTOP_MAC, TROLLEY, TROLLEY_MAC
from tests.analytics.sources.test_lease_files import KEA


def line(address: str, mac: str = LAPTOP_MAC, seconds: int = 3600) -> str:
    return f"{now_ms() // 1000 + seconds} {mac} {address} pc *\n"


def at(desk: Desk) -> dict[str, str]:
    return {item.client_ip: item.device_id for item in desk.bound}


def test_it_follows_the_file_and_ends_what_was_given_back(tmp_path: Path) -> None:
    file = tmp_path / "dnsmasq.leases"
    with an_identity(tmp_path, LAPTOP, TROLLEY) as desk:
        leases = Leases(desk.identity, LeaseSettings(kind="dnsmasq", path=file))
        leases.look()
        assert at(desk) == {}
        file.write_text(line("10.0.0.5") + line("10.0.0.6", TROLLEY_MAC) + line("10.0.0.7", seconds=-5))
        leases.look()
        assert at(desk) == {"10.0.0.5": "d-1", "10.0.0.6": "d-2"}
        file.write_text(line("10.0.0.6"))
        leases.look()
        assert at(desk) == {"10.0.0.5": "d-1", "10.0.0.6": "d-1"}  # seen missing once: it may be half-written
        leases.look()
        assert at(desk) == {"10.0.0.6": "d-1"}


def test_a_database_that_disappears_or_is_being_written_ends_nothing(tmp_path: Path) -> None:
    file = tmp_path / "dnsmasq.leases"
    with an_identity(tmp_path, LAPTOP, TROLLEY) as desk:
        leases = Leases(desk.identity, LeaseSettings(kind="dnsmasq", path=file))
        file.write_text(line("10.0.0.5") + line("10.0.0.6", TROLLEY_MAC))
        leases.look()
        begun = {item.binding_id for item in desk.bound}
        for content in (line("10.0.0.5") + "17000", None, "\0\0\0"):
            if content is None:
                file.unlink()
            else:
                file.write_text(content)
            leases.look()
            leases.look()
            assert {item.binding_id for item in desk.bound} == begun


def test_after_a_restart_the_same_leases_are_the_same_bindings(tmp_path: Path) -> None:
    file = tmp_path / "dnsmasq.leases"
    file.write_text(line("10.0.0.5"))
    settings = LeaseSettings(kind="dnsmasq", path=file)
    for _ in range(2):
        with an_identity(tmp_path, LAPTOP) as desk:
            Leases(desk.identity, settings).look()
            (bound,) = desk.bound
            opened = len(desk.kept.changes)
    assert opened == 0
    assert bound.device_id == "d-1"


def test_a_device_that_is_entered_later_is_bound_without_a_new_lease(tmp_path: Path) -> None:
    file = tmp_path / "dnsmasq.leases"
    file.write_text(line("10.0.0.5"))
    with an_identity(tmp_path) as desk:
        leases = Leases(desk.identity, LeaseSettings(kind="dnsmasq", path=file))
        leases.look()
        desk.publish(LAPTOP)
        leases.look()
        assert at(desk) == {"10.0.0.5": "d-1"}


def test_keas_journal_is_followed_through_its_cleaning_up(tmp_path: Path) -> None:
    file, soon = tmp_path / "kea-leases4.csv", now_ms() // 1000 + 3600
    first = f"10.0.0.5,{LAPTOP_MAC},,3600,{soon},1,0,0,pc,0,,0\n".encode()
    second = f"10.0.0.6,{TROLLEY_MAC},,3600,{soon},1,0,0,pc,0,,0\n".encode()
    with an_identity(tmp_path, LAPTOP, TROLLEY) as desk:
        leases = Leases(desk.identity, LeaseSettings(kind="kea", path=file))
        file.write_bytes(KEA + first)
        leases.look()
        file.rename(tmp_path / "kea-leases4.csv.1")
        file.write_bytes(KEA + second)
        for _ in range(2):
            leases.look()
        assert at(desk) == {"10.0.0.5": "d-1", "10.0.0.6": "d-2"}
        (tmp_path / "kea-leases4.csv.1").rename(tmp_path / "kea-leases4.csv.2")
        file.write_bytes(KEA + second + first.replace(b",3600,", b",0,"))
        for _ in range(2):
            leases.look()
        assert at(desk) == {"10.0.0.6": "d-2"}
