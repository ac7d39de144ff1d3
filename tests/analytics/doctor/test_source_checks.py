"""A lease database that is not there is said, with where and what to do; one that is there is not."""

import os
import socket

from tests.analytics.doctor.conftest import School
from tests.proxy_addons.local_web import free_port


def test_a_lease_database_that_is_missing_is_named_until_it_is_there(school: School) -> None:
    path = school.state.root / "dnsmasq.leases"
    school.settings(f'[[identity.leases]]\nkind = "dnsmasq"\npath = "{path}"\n')
    (line,) = school.lines("leases")
    assert line.startswith("MEND [leases] There is no lease database")
    assert str(path) in line
    path.write_text("")
    assert school.lines("leases") == []


def test_where_no_database_is_named_there_is_nothing_to_say(school: School) -> None:
    assert school.lines("leases") == []


def identity_has_run(school: School, minutes: int) -> None:
    """This process, as if it were identity and had run for so long."""
    lock = school.state.root / "run" / "identity.lock"
    lock.write_text(str(os.getpid()))
    began = lock.stat().st_mtime - minutes * 60
    os.utime(lock, (began, began))


def test_a_port_that_identity_could_not_open_is_named_with_what_is_missing_for_it(school: School) -> None:
    taken, missing = free_port(), free_port()
    school.settings(f"[identity]\nportal_port = {taken}\nportal_tls_port = {missing}\n")
    identity_has_run(school, minutes=5)
    with socket.create_server(("127.0.0.1", taken)):
        (line,) = school.lines("ports")
    assert (
        f"Identity runs without its pages over HTTPS (sign-in, logon scripts): it could not open TCP port {missing}"
        in line
    )
    assert "ss -lntup" in line


def test_accounting_is_asked_for_where_there_is_a_server_for_it(school: School) -> None:
    portal, portal_tls, radius = free_port(), free_port(), free_port()
    nas = f'[identity.radius]\nport = {radius}\n[[identity.radius.nas]]\nname = "wifi"\naddress = "10.0.0.2"\n'
    ports = f"[identity]\nportal_port = {portal}\nportal_tls_port = {portal_tls}\n"
    school.settings(f'{ports}{nas}secret_file = "/secret"\n')
    identity_has_run(school, minutes=5)
    with socket.create_server(("127.0.0.1", portal)), socket.create_server(("127.0.0.1", portal_tls)):
        (line,) = school.lines("ports")
        assert f"could not open UDP port {radius}" in line
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as accounting:
            accounting.bind(("127.0.0.1", radius))
            assert school.lines("ports") == []


def test_an_identity_that_has_only_just_begun_or_does_not_run_is_not_asked(school: School) -> None:
    assert school.lines("ports") == []
    identity_has_run(school, minutes=0)
    assert school.lines("ports") == []
