"""The stand-in web's own certificate authority, and a certificate for every host name it is asked for.

Owns `site-ca.pem` and the leaf certificates in one folder, 0700. Promises: the certificates verify for real against
that authority and nothing else does; the authority can never be mistaken for a public one, because its name says
what it is; a certificate is made once and used again until two weeks before it ends.
"""

import datetime
import hashlib
import ipaddress
import os
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DEMONSTRATION stand-in web, not a real authority")])
_DAY = datetime.timedelta(days=1)


class WebAuthority:
    """Issues certificates for the stand-in sites. Safe to call from one thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._contexts: dict[str, ssl.SSLContext] = {}
        self.certificate_path = folder / "site-ca.pem"
        self._key, self._certificate = self._load() or self._make()

    def context(self, host: str) -> ssl.SSLContext:
        """A server context that proves itself as `host`."""
        if host not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.set_alpn_protocols(["http/1.1"])
            context.load_cert_chain(self._leaf(host))
            self._contexts[host] = context
        return self._contexts[host]

    def _leaf(self, host: str) -> Path:
        # The file is named by a digest: a host name is anything a client cares to send.
        path = self._folder / f"{hashlib.sha256(host.encode()).hexdigest()[:24]}.pem"
        if path.exists() and _lasts(x509.load_pem_x509_certificate(path.read_bytes())):
            return path
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._issue(host, key.public_key())
        _write_private(path, _key_pem(key) + certificate.public_bytes(serialization.Encoding.PEM))
        return path

    def _issue(self, host: str, public_key: ec.EllipticCurvePublicKey) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
        return (
            _builder(subject, public_key, days=190)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([_general_name(host)]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _load(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None:
        key_path = self._folder / "site-ca-key.pem"
        if not (key_path.exists() and self.certificate_path.exists()):
            return None
        key = serialization.load_pem_private_key(key_path.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(self.certificate_path.read_bytes())
        return (key, certificate) if isinstance(key, ec.EllipticCurvePrivateKey) and _lasts(certificate) else None

    def _make(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        for stale in self._folder.glob("*.pem"):
            stale.unlink()
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(_NAME, key.public_key(), days=3650)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        _write_private(self._folder / "site-ca-key.pem", _key_pem(key))
        self.certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return key, certificate


def _builder(subject: x509.Name, public_key: ec.EllipticCurvePublicKey, days: int) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(_NAME)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + days * _DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _lasts(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc > datetime.datetime.now(datetime.UTC) + 14 * _DAY


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write_private(path: Path, data: bytes) -> None:
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(data)
    fresh.replace(path)
