"""The portal's certificate: what devices that trust the school's authority take for the portal, and nothing else."""

import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from analytics.portal import certificate
from analytics.portal.certificate import Certificates
from config.errors import FairgateError
from config.state import StateFolder
from proxy_addons.authority import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(StateFolder(tmp_path / "state").prepare())
    made.prepare("Oak Primary")
    return made


def shown(certificates: Certificates, authority: Authority, name: str) -> x509.Certificate:
    """What a client sees that trusts the authority and asks for `name`, without a socket."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    trusting = ssl.create_default_context(cafile=str(authority.certificate))
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name)
    server = certificates.context().wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    found = client.getpeercert(binary_form=True)
    assert found is not None
    return x509.load_der_x509_certificate(found)


def test_a_device_that_trusts_the_school_takes_it_for_the_portal(authority: Authority) -> None:
    made = shown(Certificates(authority.secret, "fairgate.oak.example"), authority, "fairgate.oak.example")
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["fairgate.oak.example"]
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_it_is_nobody_elses(authority: Authority) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shown(Certificates(authority.secret, "fairgate.oak.example"), authority, "www.bank.example")


def test_it_is_renewed_before_it_ends(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = Certificates(authority.secret, "portal.example")
    first = shown(certificates, authority, "portal.example")
    assert shown(certificates, authority, "portal.example") == first
    monkeypatch.setattr(certificate, "RENEWED", timedelta(days=91))
    assert shown(certificates, authority, "portal.example") != first


def test_without_an_authority_it_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(FairgateError, match="fairgate gateway"):
        Certificates(tmp_path / "none.pem", None)
