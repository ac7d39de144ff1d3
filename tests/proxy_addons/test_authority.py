"""The certificate authority: made once, closed to others, and never silently replaced."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from mitmproxy.certs import CertStore

from config.errors import FairgateError
from config.state import DEMONSTRATION_MARK, StateFolder
from proxy_addons.authority import Authority


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(StateFolder(tmp_path / "state").prepare())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_start_makes_one_that_only_its_owner_can_read(authority: Authority) -> None:
    old = os.umask(0)
    try:
        certificate = authority.prepare("Oak Primary")
    finally:
        os.umask(old)
    assert (mode(authority.state.ca), mode(authority.secret), mode(certificate)) == (0o700, 0o600, 0o644)
    assert b"PRIVATE" not in certificate.read_bytes()


def test_a_later_start_keeps_it(authority: Authority) -> None:
    authority.prepare("Oak Primary")
    made = authority.secret.read_bytes()
    authority.prepare("Oak Primary")
    assert authority.secret.read_bytes() == made


def test_mitmproxy_signs_leaf_certificates_with_it(authority: Authority) -> None:
    authority.prepare("Oak Primary")
    store = CertStore.from_store(authority.state.ca, "mitmproxy", 2048)
    entry = store.get_cert("www.example.org", [x509.DNSName("www.example.org")])
    ca = x509.load_pem_x509_certificate(authority.certificate.read_bytes())
    entry.cert.to_cryptography().verify_directly_issued_by(ca)
    assert isinstance(entry.privatekey, ec.EllipticCurvePrivateKey)


def test_its_name_says_whose_it_is_and_whether_it_is_a_demonstrations(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "demo").prepare()
    (state.root / DEMONSTRATION_MARK).touch()
    subject = x509.load_pem_x509_certificate(Authority(state).prepare("Oak Primary").read_bytes()).subject
    assert subject.rfc4514_string() == "O=DEMO Oak Primary,CN=DEMO Fairgate web gateway"


def test_it_lasts_about_three_years_and_signs_no_further_authority(authority: Authority) -> None:
    made = x509.load_pem_x509_certificate(authority.prepare("Oak").read_bytes())
    left = made.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=2 * 365) < left < timedelta(days=4 * 365)
    assert made.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0


def test_a_missing_one_is_refused_and_not_made_again(authority: Authority) -> None:
    authority.prepare("Oak")
    authority.secret.unlink()
    with pytest.raises(FairgateError, match=r"is missing, though one was made .* backup"):
        authority.prepare("Oak")
    assert not authority.secret.exists()


def test_a_missing_certificate_file_is_written_again_from_the_authority(authority: Authority) -> None:
    certificate = authority.prepare("Oak").read_bytes()
    authority.certificate.unlink()
    assert authority.prepare("Oak").read_bytes() == certificate


@pytest.mark.parametrize(
    "damage", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_damaged_one_is_refused(authority: Authority, damage: bytes) -> None:
    authority.prepare("Oak")
    authority.secret.write_bytes(damage)
    with pytest.raises(FairgateError, match="is damaged"):
        authority.prepare("Oak")


def test_half_of_one_is_refused(authority: Authority) -> None:
    authority.prepare("Oak")
    whole = authority.secret.read_bytes()
    authority.secret.write_bytes(whole[: whole.index(b"-----BEGIN CERTIFICATE")])
    with pytest.raises(FairgateError, match="is damaged"):
        authority.prepare("Oak")


def test_a_key_that_is_not_the_certificates_is_refused(authority: Authority, tmp_path: Path) -> None:
    authority.prepare("Oak")
    other = Authority(StateFolder(tmp_path / "other").prepare())
    other.prepare("Elm")
    key = other.secret.read_bytes().partition(b"-----BEGIN CERTIFICATE")[0]
    authority.secret.write_bytes(key + authority.certificate.read_bytes())
    with pytest.raises(FairgateError, match="the key is not the certificate's"):
        authority.prepare("Oak")


def test_an_exchanged_one_is_refused(authority: Authority, tmp_path: Path) -> None:
    authority.prepare("Oak")
    other = Authority(StateFolder(tmp_path / "other").prepare())
    other.prepare("Elm")
    authority.secret.write_bytes(other.secret.read_bytes())
    with pytest.raises(FairgateError, match="is not the one this school's devices trust"):
        authority.prepare("Oak")


def test_one_brought_by_the_school_is_taken_over(authority: Authority, tmp_path: Path) -> None:
    other = Authority(StateFolder(tmp_path / "other").prepare())
    certificate = other.prepare("Elm").read_bytes()
    authority.secret.write_bytes(other.secret.read_bytes())
    assert authority.prepare("Oak").read_bytes() == certificate


def test_one_left_open_to_others_is_closed(authority: Authority) -> None:
    authority.prepare("Oak")
    authority.secret.chmod(0o644)
    authority.prepare("Oak")
    assert mode(authority.secret) == 0o600
