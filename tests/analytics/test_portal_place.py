"""Where the portal is: its name, its own address, or the address by which it was reached."""

from analytics.portal_place import PortalPlace, facing
from config.settings import IdentitySettings


def test_its_name_comes_first_then_its_own_address_then_the_one_it_was_reached_by() -> None:
    named = PortalPlace(IdentitySettings(portal_name="fairgate.oak.example", listen_host="10.0.0.1"))
    assert named.notice("10.0.0.9", "abc") == "http://fairgate.oak.example:8090/notice?to=abc"
    assert named.secure("10.0.0.9", "/captive") == "https://fairgate.oak.example:8443/captive"
    assert PortalPlace(IdentitySettings(listen_host="10.0.0.1")).host("10.0.0.9") == "10.0.0.1"
    assert PortalPlace(IdentitySettings()).notice("fd77::1", "abc") == "http://[fd77::1]:8090/notice?to=abc"


def test_only_its_own_ports_at_its_own_address_are_its_own() -> None:
    place = PortalPlace(IdentitySettings(portal_name="fairgate.oak.example"))
    assert place.is_ours("fairgate.oak.example", 8443, "127.0.0.5")
    assert place.is_ours("127.0.0.1", 8090, "127.0.0.1")
    assert not place.is_ours("127.0.0.1", 80, "127.0.0.1")
    assert not place.is_ours("www.bbc.co.uk", 8090, "127.0.0.1")


def test_the_address_towards_a_device_is_the_kernels_word() -> None:
    assert facing("127.0.0.1") == "127.0.0.1"
    assert facing("::1") == "::1"
    assert facing("no address") == ""
