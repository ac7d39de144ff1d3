"""The portal's own certificate, signed by the school's authority, which the school's devices trust.

Owns making, keeping (in memory alone) and renewing it. Promises: it names the portal, or the address at which it was
asked, and nothing else; it is renewed long before it ends; a connection never waits for more than one signature; the
authority's key is read where it is kept and never copied.
"""

import ipaddress
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from analytics.identity import plain_address
from config.errors import FairgateError

VALIDITY: Final = timedelta(days=90)
RENEWED: Final = timedelta(days=30)
"""Renewed when only this much of its time is left."""
BACKDATED: Final = timedelta(days=2)
"""For devices whose clock is slow."""
ADDRESSES: Final = 64
"""Addresses of this machine for which a certificate is kept; the first is forgotten for the next."""


@dataclass(slots=True)
class _Kept:
    context: ssl.SSLContext
    until: datetime


class Certificates:
    """Certificates signed by the authority in `secret` (key and certificate, PEM), for the portal called `name`.

    Raises:
        FairgateError: the authority cannot be read; it is made when the gateway first starts.
    """

    def __init__(self, secret: Path, name: str | None) -> None:
        self._secret, self._name = secret, name
        self._kept: dict[str, _Kept] = {}
        self._context("")

    def context(self) -> ssl.SSLContext:
        """For a listening socket: each connection is shown the certificate of the address it came to."""
        first = self._context("")
        first.sni_callback = self._choose
        return first

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, _name: str | None, _: ssl.SSLContext) -> None:
        if isinstance(connection, ssl.SSLSocket):
            connection.context = self._context(plain_address(connection.getsockname()[0]))

    def _context(self, address: str) -> ssl.SSLContext:
        kept = self._kept.get(address)
        if kept is None or kept.until - datetime.now(UTC) < RENEWED:
            kept = self._kept[address] = self._made([name for name in (self._name, address) if name])
            if len(self._kept) > ADDRESSES:
                del self._kept[next(iter(self._kept))]
        return kept.context

    def _made(self, names: Sequence[str]) -> _Kept:
        try:
            data = self._secret.read_bytes()
            authority_key = load_pem_private_key(data, password=None)
            authority = x509.load_pem_x509_certificates(data)[0]
        except (OSError, ValueError, TypeError) as fault:
            raise FairgateError(
                f"The certificate authority {self._secret} cannot be read ({type(fault).__name__}). It is made when "
                "the gateway first starts: fairgate gateway."
            ) from fault
        key = ec.generate_private_key(ec.SECP256R1())
        until = min(datetime.now(UTC) + VALIDITY, authority.not_valid_after_utc)
        certificate = _signed(key, names or ["fairgate"], until, authority, authority_key)  # type: ignore[arg-type]
        return _Kept(_loaded(key, certificate), until)


def _signed(
    key: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    until: datetime,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    issuer = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        x509.CertificateBuilder(issuer_name=authority.subject, public_key=key.public_key())
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]))
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - BACKDATED)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([_named(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _named(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _loaded(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Python loads a key from a file alone: one that stands in memory, and nowhere else.
    with os.fdopen(os.memfd_create("portal"), "wb") as brief:
        brief.write(secret + certificate.public_bytes(Encoding.PEM))
        brief.flush()
        context.load_cert_chain(f"/proc/self/fd/{brief.fileno()}")
    return context
