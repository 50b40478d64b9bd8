"""The public keys that may sign a client assertion, and how they are exchanged (CONTRACT §1.1, §1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = ["Certificate", "CertificateShelf", "PublicKey"]

_CURVES = ("secp256r1", "secp384r1", "secp521r1")
_LONGEST = timedelta(days=2 * 366)

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


@dataclass(slots=True)
class Certificate:
    """One registered certificate; `revoked` ones and those out of their time sign nothing."""

    id: str
    key: PublicKey
    valid_from: datetime
    valid_until: datetime
    revoked: bool = False

    def shown(self) -> dict[str, object]:
        """Return it as the certificate service shows it (field names assumed)."""
        return {
            "certificateId": self.id,
            "validFrom": f"{self.valid_from:%Y-%m-%dT%H:%M:%SZ}",
            "validUntil": f"{self.valid_until:%Y-%m-%dT%H:%M:%SZ}",
            "revoked": self.revoked,
        }


@dataclass(slots=True)
class CertificateShelf:
    """The certificates of one integration, in the order of their registration."""

    settings: AccountSettings
    _held: dict[str, Certificate] = field(default_factory=dict)

    @classmethod
    def of(cls, credentials: Mapping[str, object], settings: AccountSettings, now: datetime) -> CertificateShelf:
        """Return a shelf with the certificate of made-up credentials on it."""
        private = serialization.load_pem_private_key(str(credentials["private_key"]).encode(), None)
        key = private.public_key()
        if not isinstance(key, PublicKey):
            raise TypeError("credentials need an RSA or EC key")
        own = str(credentials["certificate_id"])
        shelf = cls(settings)
        shelf._held[own] = Certificate(own, key, now - timedelta(days=1), now + _LONGEST)
        return shelf

    def key(self, certificate_id: object, now: datetime) -> PublicKey | None:
        """Return the public key behind a certificate id, None where it signs nothing (any more)."""
        held = self._held.get(str(certificate_id))
        if held is None or held.revoked or not held.valid_from <= now < held.valid_until:
            return None
        return held.key

    def clear(self) -> None:
        """Forget every certificate: what a refresh of the account does to its M2M mappings."""
        self._held.clear()

    def all(self) -> list[Certificate]:
        """Return the certificates, oldest first."""
        return list(self._held.values())

    def register(self, pem: object) -> Certificate:
        """Register a certificate and return it.

        Raises:
            Refused: 400 for what is no certificate, or holds a key that NetSuite does not take (words assumed).
        """
        try:
            read = x509.load_pem_x509_certificate(str(pem).encode())
        except ValueError:
            raise _refuse("The file is not a PEM certificate.") from None
        key = read.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            if key.key_size < self.settings.least_rsa_bits:
                raise _refuse(f"An RSA key needs {self.settings.least_rsa_bits} bits at least.")
        elif not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in _CURVES:
            raise _refuse("The key must be RSA, or EC on P-256, P-384 or P-521.")
        begins, ends = read.not_valid_before_utc, read.not_valid_after_utc
        if ends - begins > _LONGEST:
            raise _refuse("A certificate is valid for two years at most.")
        made = Certificate(f"custcertificate_{len(self._held) + 1:04d}", key, begins, ends)
        self._held[made.id] = made
        return made


def _refuse(text: str) -> Refused:
    return Refused(400, "INVALID_CONTENT", text, where={"o:errorPath": "fileContent"})
