"""A test authority and one leaf certificate for NetSuite's host names, made when the sandbox starts."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["HOSTS", "ServerIdentity", "make_identity"]

#: The names that the leaf certificate answers to (CONTRACT §6.1).
HOSTS = ("*.suitetalk.api.netsuite.com", "*.restlets.api.netsuite.com", "localhost")
_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """What a client must trust (`authority`, a PEM file) and what the server proves itself with."""

    authority: Path
    context: ssl.SSLContext


def make_identity(folder: Path) -> ServerIdentity:
    """Make an authority and a leaf certificate; write `netsuite-ca.pem` into the folder and return both.

    The keys are good for this start only; the leaf's is on disk just as long as it takes to load it.
    """
    now = datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    ca_key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _authority(ca_key, now)
    leaf = _leaf(leaf_key, authority, ca_key, now)
    path = folder / "netsuite-ca.pem"
    path.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return ServerIdentity(path, _context(folder, leaf, leaf_key))


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name("Tieout sandbox authority")
    usage = _usage(signs_certificates=True)
    return (
        _builder(name, name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    key: ec.EllipticCurvePrivateKey, authority: x509.Certificate, ca_key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.Certificate:
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in HOSTS]
    names.append(x509.IPAddress(ip_address("127.0.0.1")))
    return (
        _builder(_name("NetSuite sandbox"), authority.subject, key.public_key(), now)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    # Certificates are checked against the machine's clock, not the sandbox's.
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _LIFE)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _context(folder: Path, leaf: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + leaf.public_bytes(serialization.Encoding.PEM)
    part = folder / f".netsuite-leaf.{os.getpid()}.part"
    part.unlink(missing_ok=True)
    try:
        # The ssl module loads a key from a file only.
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(part)
        context.set_alpn_protocols(["http/1.1"])
    finally:
        part.unlink(missing_ok=True)
    return context
