"""A certificate authority for tests, made at the start: a good server certificate, wrong ones, and one for clients."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_HERE = ("localhost", "127.0.0.1")
_ELSEWHERE = ("marketing.invalid",)
_SERVER, _CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


class Authority:
    """Files and TLS contexts of one service.

    :param folder: gets ``ca.pem`` and, for each certificate, ``NAME.pem`` and ``NAME.key``
    :param require_client: only callers with ``client.pem`` are let in
    """

    def __init__(self, folder: Path, require_client: bool = False) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.ca_file = folder / "ca.pem"
        now = datetime.now(UTC)
        ours, stranger = _Issuer("Marketing test CA"), _Issuer("Another CA")
        self.ca_file.write_bytes(ours.pem)
        good = (now - timedelta(days=1), now + timedelta(days=30))
        over = (now - timedelta(days=30), now - timedelta(days=1))
        self._write("good", ours.issue(_HERE, good, _SERVER))
        self._write("expired", ours.issue(_HERE, over, _SERVER))
        self._write("other_host", ours.issue(_ELSEWHERE, good, _SERVER))
        self._write("stranger", stranger.issue(_HERE, good, _SERVER))
        self._write("client", ours.issue(("point-of-sale.invalid",), good, _CLIENT))
        self._contexts = {
            name: self._context(name, require_client) for name in ("good", "expired", "other_host", "stranger")
        }

    def context(self, name: str) -> ssl.SSLContext:
        """Return the context that shows a certificate: ``good``, ``expired``, ``other_host`` or ``stranger``."""
        return self._contexts[name]

    def _write(self, name: str, issued: tuple[bytes, bytes]) -> None:
        certificate, key = issued
        (self.folder / f"{name}.pem").write_bytes(certificate)
        path = self.folder / f"{name}.key"
        path.touch(mode=0o600)
        path.write_bytes(key)

    def _context(self, name: str, require_client: bool) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self.ca_file)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        context.verify_mode = ssl.CERT_REQUIRED if require_client else ssl.CERT_NONE
        return context


class _Issuer:
    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        now = datetime.now(UTC)
        builder = _builder(self._name, self._name, self._key, (now - timedelta(days=60), now + timedelta(days=60)))
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(usage, critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        certificate = builder.add_extension(identifier, critical=False).sign(self._key, hashes.SHA256())
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)

    def issue(
        self, hosts: tuple[str, ...], valid: tuple[datetime, datetime], usage: x509.ObjectIdentifier
    ) -> tuple[bytes, bytes]:
        """Return certificate and key, both PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(hosts[0]), self._name, key, valid)
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(names, critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        builder = builder.add_extension(identifier, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return certificate.public_bytes(serialization.Encoding.PEM), private


def _builder(subject, issuer, key, valid) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(valid[0]).not_valid_after(valid[1])


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general_name(host: str) -> x509.GeneralName:
    if host[0].isdigit():
        return x509.IPAddress(ipaddress.ip_address(host))
    return x509.DNSName(host)
