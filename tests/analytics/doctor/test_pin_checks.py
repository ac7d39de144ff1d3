"""Devices without the certificate, and caps, are counted; no device, site or person is named."""

from analytics.bindings import IdentityTable
from analytics.doctor.examined import DAY_MS
from analytics.pin_learning import CAP_ALL, CAP_CLIENT
from tests.analytics.doctor.conftest import School, now_ms


def learn(school: School, clients: int, hosts: int, *, until_ms: int = 0, lacking: int = 0) -> None:
    table = IdentityTable(school.state.identity)
    with table.change():
        for client in range(clients):
            for host in range(hosts):
                table.put_pin(f"d-{client}", f"{host}.pinned.example", 1, until_ms or now_ms() + DAY_MS)
        for client in range(lacking):
            table.put_distrusting(f"d-lacking-{client}", 1)
    table.close()


def test_where_nothing_is_wrong_there_is_nothing_to_say(school: School) -> None:
    assert school.lines("certificate") == school.lines("pin-caps") == []
    learn(school, 3, CAP_CLIENT - 1)
    assert school.lines("certificate") == school.lines("pin-caps") == []


def test_devices_without_the_certificate_are_counted(school: School) -> None:
    learn(school, 0, 0, lacking=1)
    (line,) = school.lines("certificate")
    assert line.startswith("MEND [certificate] 1 device lacks the school's certificate")
    learn(school, 0, 0, lacking=2)
    assert "2 devices lack" in school.lines("certificate")[0]
    assert "d-lacking" not in line


def test_full_devices_are_counted_while_what_was_learnt_holds(school: School) -> None:
    learn(school, 2, CAP_CLIENT)
    (line,) = school.lines("pin-caps")
    assert line.startswith("NOTE [pin-caps] 2 devices have as many sites let through unopened as may be, 20")
    assert "example" not in line
    assert school.lines("pin-caps", now_ms=now_ms() + 2 * DAY_MS) == []


def test_a_school_that_is_full_must_do_something(school: School) -> None:
    learn(school, CAP_ALL // 5, 5)
    (line,) = school.lines("pin-caps")
    assert line.startswith("MEND [pin-caps] 500 sites are let through unopened")
