"""Lease databases: read strictly, and never the end of anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.sources.lease_files import FOR_EVER_MS, Lease, read_dnsmasq, read_kea

MAC = "02:00:00:00:00:01"
LAPTOP = Lease(client_ip="10.0.0.5", mac=MAC, hostname="annes-laptop", expires_ms=1_700_000_000_000)
KEA = (
    b"address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id\n"
)
KEA6 = (
    b"address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,"
    b"hostname,hwaddr,state,user_context,hwtype,hwaddr_source,pool_id\n"
)


def kea(address: str = "10.0.0.5", lifetime: int = 3600, state: int = 0, expire: int = 1_700_000_000) -> bytes:
    return f"{address},{MAC},01:{MAC},{lifetime},{expire},1,0,0,annes-laptop.oak.sch.uk.,{state},,0\n".encode()


def test_dnsmasq_leases_of_both_families() -> None:
    found = read_dnsmasq(
        f"1700000000 {MAC} 10.0.0.5 Annes-Laptop 01:{MAC}\n"
        f"0 {MAC} 10.0.0.6 * *\n"
        "duid 00:01:00:01:2e:6b:8f:2b:02:00:00:00:00:09\n"
        "1700000000 12345 2001:db8::5 annes-laptop 00:01:00:01:2e:6b:8f:2b:02:00:00:00:00:01\n".encode()
    )
    assert found.bad == 0
    assert found.leases["10.0.0.5"] == LAPTOP
    assert found.leases["10.0.0.6"] == Lease(client_ip="10.0.0.6", mac=MAC, hostname="", expires_ms=FOR_EVER_MS)
    assert found.leases["2001:db8::5"].mac == ""


@pytest.mark.parametrize(
    "line",
    [
        f"soon {MAC} 10.0.0.5 a *",
        f"-1 {MAC} 10.0.0.5 a *",
        f"1700000000 {MAC} 10.0.0.500 a *",
        "1700000000 06-aa:bb 10.0.0.5 a *",
        f"1700000000 {MAC} 10.0.0.5 a",
        f"1700000000 {MAC} 10.0.0.5 a * *",
        f"99999999999999999999 {MAC} 10.0.0.5 a *",
        "garbage",
    ],
)
def test_a_line_that_is_no_lease_is_counted_and_costs_no_other(line: str) -> None:
    found = read_dnsmasq(f"{line}\n1700000000 {MAC} 10.0.0.5 Annes-Laptop *\n".encode())
    assert (found.bad, found.leases) == (1, {"10.0.0.5": LAPTOP})


def test_keas_journal_is_read_to_its_end() -> None:
    assert read_kea(KEA + kea()).leases == {"10.0.0.5": LAPTOP}
    assert read_kea(KEA + kea(), KEA + kea(lifetime=0)).leases == {}
    assert read_kea(KEA + kea() + kea(state=2)).leases == {}
    assert read_kea(KEA + kea(state=1) + kea()).leases == {"10.0.0.5": LAPTOP}
    assert read_kea(KEA + kea(lifetime=0xFFFFFFFF)).leases["10.0.0.5"].expires_ms == FOR_EVER_MS


def test_kea_version_6_is_read_by_its_own_header() -> None:
    row = f"2001:db8::5,00:01,3600,1700000000,1,1800,0,7,128,0,0,annes-laptop,{MAC},0,,1,2,0\n".encode()
    assert read_kea(KEA6 + row).leases["2001:db8::5"].mac == MAC


@pytest.mark.parametrize("row", [b"10.0.0.5\n", b"x" + kea(), kea().replace(b"3600", b"an hour"), b'"\n'])
def test_a_row_that_is_no_lease_is_counted_and_costs_no_other(row: bytes) -> None:
    found = read_kea(KEA + row + kea())
    assert (found.bad, found.leases) == (1, {"10.0.0.5": LAPTOP})


def test_a_journal_of_another_form_is_not_guessed_at() -> None:
    assert (read_kea(b"a,b,c\n" + kea()).bad, read_kea(b"a,b,c\n" + kea()).leases) == (1, {})


@given(st.binary(max_size=400))
def test_whatever_the_bytes_reading_never_fails(data: bytes) -> None:
    for found in (read_dnsmasq(data), read_kea(data), read_kea(KEA + data), read_kea(KEA6 + data)):
        assert found.bad >= 0


@given(st.data())
def test_a_file_cut_off_anywhere_holds_no_lease_that_is_not_in_the_whole(data: st.DataObject) -> None:
    whole = b"".join(f"1700000000 02:00:00:00:00:{n:02x} 10.0.0.{n} pc-{n} *\n".encode() for n in range(1, 9))
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    complete = cut[: cut.rfind(b"\n") + 1]
    in_whole = read_dnsmasq(whole).leases
    for address, lease in read_dnsmasq(complete).leases.items():
        assert in_whole[address] == lease
