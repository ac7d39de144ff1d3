"""The school's own certificate authority, with which the gateway answers for the sites it decrypts.

Owns the CA folder: `mitmproxy-ca.pem` (key and certificate, 0600; whoever has it can read all traffic),
`mitmproxy-ca-cert.pem` (the certificate that devices trust), and the note beside the folder that one was made.
Promises: it is made once, on the first start; a CA that has gone missing, was damaged or was exchanged is an error
with a way out, never silently replaced, because every device would then stop working or trust a stranger.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from analytics.durable import write_whole
from config.errors import FairgateError
from config.state import StateFolder

VALIDITY: Final = timedelta(days=3 * 365)
BACKDATED: Final = timedelta(days=2)
"""For devices whose clock is slow."""
LONGEST_NAME: Final = 64

log = structlog.get_logger("fairgate.gateway")


@dataclass(frozen=True, slots=True)
class Authority:
    """Where the authority of one state folder is kept."""

    state: StateFolder

    @property
    def secret(self) -> Path:
        """Key and certificate, in the file mitmproxy reads."""
        return self.state.ca / "mitmproxy-ca.pem"

    @property
    def certificate(self) -> Path:
        """What devices are told to trust."""
        return self.state.ca / "mitmproxy-ca-cert.pem"

    @property
    def note(self) -> Path:
        """Says that a CA was made, and which; outside the CA folder, to outlive it."""
        return self.state.gateway / "ca-made.json"

    def prepare(self, school_name: str) -> Path:
        """Make the CA on the first start, check it on every later one; the certificate's path.

        Raises:
            FairgateError: one was made before and is missing, damaged, out of date, or another one.
        """
        if not self.secret.exists():
            if self.note.exists():
                raise FairgateError(
                    f"The certificate authority {self.secret} is missing, though one was made for this school "
                    f"({self.note}). Put the ca folder back from a backup. To start afresh, delete that note: "
                    "a new authority is made, and every device must be given its certificate."
                )
            self._make(school_name)
        certificate = self._check()
        self._remember(certificate)
        return self.certificate

    def _make(self, school_name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _self_signed(key, school_name, demonstration=self.state.demonstration)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.state.ca.chmod(0o700)
        write_whole(self.secret, secret + certificate.public_bytes(Encoding.PEM), 0o600)
        log.info("authority_made")

    def _check(self) -> x509.Certificate:
        if self.secret.stat().st_mode & 0o077:
            log.warning("authority_was_open_to_others", mended="mode 0600")
            self.secret.chmod(0o600)
        try:
            data = self.secret.read_bytes()
            key = load_pem_private_key(data, password=None)
            certificate = x509.load_pem_x509_certificates(data)[0]
        except (OSError, ValueError, TypeError) as fault:
            raise FairgateError(
                f"The certificate authority {self.secret} is damaged ({type(fault).__name__}). "
                "Put the ca folder back from a backup."
            ) from fault
        self._refuse_unfit(key, certificate)
        return certificate

    def _refuse_unfit(self, key: PrivateKeyTypes, certificate: x509.Certificate) -> None:
        if _spki(key.public_key()) != _spki(certificate.public_key()):
            raise FairgateError(
                f"In {self.secret}, the key is not the certificate's. Put the ca folder back from a backup."
            )
        if certificate.not_valid_after_utc <= datetime.now(UTC):
            raise FairgateError(
                f"The certificate authority {self.secret} went out of date on "
                f"{certificate.not_valid_after_utc:%d %B %Y}. Take {self.secret} and {self.note} away: a new one is "
                "made, and every device must be given its certificate."
            )

    def _remember(self, certificate: x509.Certificate) -> None:
        fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
        if self.note.exists():
            if _noted(self.note) != fingerprint:
                raise FairgateError(
                    f"The certificate authority {self.secret} is not the one this school's devices trust "
                    f"({self.note}). Put the right one back from a backup. If the change was meant, delete that note."
                )
        else:
            write_whole(self.note, json.dumps({"sha256": fingerprint}).encode(), 0o600)
        if not self.certificate.exists():
            write_whole(self.certificate, certificate.public_bytes(Encoding.PEM), 0o644)


def _self_signed(key: ec.EllipticCurvePrivateKey, school_name: str, *, demonstration: bool) -> x509.Certificate:
    now = datetime.now(UTC)
    mark = "DEMO " if demonstration else ""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"{mark}Fairgate web gateway"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{mark}{school_name}"[:LONGEST_NAME]),
        ]
    )
    usage = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _noted(note: Path) -> str:
    try:
        return str(json.loads(note.read_bytes())["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _spki(key: object) -> bytes:
    encode = getattr(key, "public_bytes", None)
    return encode(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) if callable(encode) else b""
