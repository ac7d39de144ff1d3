"""The stand-in web's authority."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from analytics.demonstration.web_authority import WebAuthority


def leaves(folder: Path) -> list[x509.Certificate]:
    return [
        x509.load_pem_x509_certificate(path.read_bytes())
        for path in folder.glob("*.pem")
        if not path.name.startswith("site-ca")
    ]


def test_its_name_says_that_it_is_no_real_authority(tmp_path: Path) -> None:
    certificate = x509.load_pem_x509_certificate(WebAuthority(tmp_path).certificate_path.read_bytes())
    assert "DEMONSTRATION" in certificate.subject.rfc4514_string()


def test_a_leaf_names_its_host_and_is_made_once(tmp_path: Path) -> None:
    for _ in range(2):
        WebAuthority(tmp_path).context("www.bbc.co.uk")
    (leaf,) = leaves(tmp_path)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["www.bbc.co.uk"]
    assert leaf.not_valid_after_utc < datetime.now(UTC) + timedelta(days=200)


def test_a_host_name_can_never_lead_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "web"
    WebAuthority(folder).context("../../escape")
    assert [path.name for path in tmp_path.iterdir()] == ["web"]


def test_an_address_gets_a_certificate_too(tmp_path: Path) -> None:
    WebAuthority(tmp_path).context("127.0.0.1")
    names = leaves(tmp_path)[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    WebAuthority(tmp_path).context("www.bbc.co.uk")
    for path in tmp_path.glob("*.pem"):
        if path.name != "site-ca.pem":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_lost_key_means_a_new_authority_and_new_leaves(tmp_path: Path) -> None:
    WebAuthority(tmp_path).context("www.bbc.co.uk")
    before = (tmp_path / "site-ca.pem").read_bytes()
    (tmp_path / "site-ca-key.pem").unlink()
    assert WebAuthority(tmp_path).certificate_path.read_bytes() != before
    assert leaves(tmp_path) == []
