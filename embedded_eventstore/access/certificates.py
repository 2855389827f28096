"""The server's key and certificate, and the private authority that signed it, in files.

All are made on the first start. The server's certificate is renewed by itself when it is about to
expire, also while the server runs, or when the host changed. Knows files and certificates; the
listening is done elsewhere.
"""

import datetime
import ipaddress
import logging
import re
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from embedded_eventstore.access import issuing, private_files
from embedded_eventstore.storage.schema import UnusableStoreError

AUTHORITY_FILE = "ca.crt"
"""What clients trust: ``TlsCaFile`` of a connection string."""
AUTHORITY_KEY_FILE = "ca.key"
SERVER_FILE = "server.pem"
"""Key and certificate together, so that they are replaced together."""

RENEW_BEFORE = datetime.timedelta(days=30)
_ALWAYS_NAMED = ("localhost", "127.0.0.1", "::1")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*", re.IGNORECASE)

_LONGEST_NAME = 253

Clock = Callable[[], datetime.datetime]

logger = logging.getLogger(__name__)


class UnusableCertificatesError(UnusableStoreError):
    """The files cannot be read or written; the message says why."""


def now_in_utc() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Certificates:
    """The certificates of a server that listens on ``host`` and is also called ``advertised``."""

    def __init__(
        self,
        directory: Path,
        host: str,
        clock: Clock = now_in_utc,
        *,
        advertised: Sequence[str] = (),
    ) -> None:
        """Read what is there and make what is missing. Raises UnusableCertificatesError."""
        self.authority_file = directory / AUTHORITY_FILE
        self.server_file = directory / SERVER_FILE
        self._authority_key_file = directory / AUTHORITY_KEY_FILE
        self._names = names_for(host, advertised)
        self._clock = clock
        self._renewing = threading.Lock()
        self._shown: x509.Certificate | None = None
        try:
            self._key, self._certificate = self._kept() or self._renewed()
        except OSError as error:
            raise UnusableCertificatesError(
                f"The certificates in {directory} cannot be used: {error.strerror}."
            ) from error

    def for_grpc(self) -> grpc.ServerCredentials:
        """Credentials that look for a newer certificate at each handshake."""
        self._shown = self._certificate
        initial = grpc.ssl_server_certificate_configuration([self._pair()])
        # None means "the same as before", whatever the type stubs say.
        newer = cast("Callable[[], grpc.ServerCertificateConfiguration]", self._newer)
        return grpc.dynamic_ssl_server_credentials(initial, newer)

    def renew_when_due(self) -> None:
        """Renew the server's certificate if it is about to expire.

        Cheap when it is not due. Called from any thread. Raises OSError.
        """
        if self._is_ending(self._certificate):
            with self._renewing:
                if self._is_ending(self._certificate):
                    self._key, self._certificate = self._renewed()

    def _newer(self) -> grpc.ServerCertificateConfiguration | None:
        try:
            self.renew_when_due()
        except OSError as error:
            # The old one is good for a while, and a handshake must not fail for it.
            logger.warning("the server's certificate could not be renewed: %s", error)
        if self._shown is self._certificate:
            return None
        self._shown = self._certificate
        return grpc.ssl_server_certificate_configuration([self._pair()])

    def _pair(self) -> tuple[bytes, bytes]:
        certificate = self._certificate.public_bytes(serialization.Encoding.PEM)
        return issuing.key_to_pem(self._key), certificate

    def _kept(self) -> tuple[issuing.PrivateKey, x509.Certificate] | None:
        """The server's key and certificate as the last start left them, if they still serve."""
        try:
            authority = x509.load_pem_x509_certificate(self.authority_file.read_bytes())
            content = self.server_file.read_bytes()
            key = issuing.key_from_pem(content)
            certificate = x509.load_pem_x509_certificate(content)
            certificate.verify_directly_issued_by(authority)
            serves = issuing.belongs_to(certificate, key) and not self._is_ending(certificate)
            if not serves or issuing.names_of(certificate) != self._names:
                return None
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, a new one is right
            logger.warning("%s is replaced: %s", self.server_file, error)
            return None
        return key, certificate

    def _renewed(self) -> tuple[issuing.PrivateKey, x509.Certificate]:
        authority_key, authority = self._authority()
        key = issuing.new_key()
        certificate = issuing.server(key, self._names, authority_key, authority, self._clock())
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        private_files.replace(self.server_file, issuing.key_to_pem(key) + pem)
        return key, certificate

    def _authority(self) -> tuple[issuing.PrivateKey, x509.Certificate]:
        """The authority of this directory; a new one when it is missing, damaged or ending."""
        if self._authority_key_file.exists() or self.authority_file.exists():
            try:
                key = issuing.key_from_pem(self._authority_key_file.read_bytes())
                certificate = x509.load_pem_x509_certificate(self.authority_file.read_bytes())
                ends = certificate.not_valid_after_utc - issuing.SERVER_LIFE
                if issuing.belongs_to(certificate, key) and self._clock() < ends:
                    return key, certificate
                reason = "it is ending or its key is another one's"
            except (OSError, ValueError) as error:
                reason = str(error)
            logger.warning(
                "a new authority is made (%s): clients must be given the new %s",
                reason,
                self.authority_file,
            )
        key = issuing.new_key()
        certificate = issuing.authority(key, self._clock())
        private_files.replace(self._authority_key_file, issuing.key_to_pem(key))
        private_files.replace(
            self.authority_file, certificate.public_bytes(serialization.Encoding.PEM)
        )
        return key, certificate

    def _is_ending(self, certificate: x509.Certificate) -> bool:
        return self._clock() > certificate.not_valid_after_utc - RENEW_BEFORE


def names_for(host: str, advertised: Sequence[str] = ()) -> set[str]:
    """What clients may call a server that listens on ``host`` and is also called ``advertised``."""
    return {*_ALWAYS_NAMED, reachable_name(host), *map(reachable_name, advertised)}


def is_name(text: str) -> bool:
    """Whether clients can call a server so: an address, or a name of the domain name system."""
    try:
        return not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        return len(text) <= _LONGEST_NAME and _NAME.fullmatch(text) is not None


def reachable_name(host: str) -> str:
    """How others reach ``host``: of "every address of this machine" only its name is known."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower()
    return socket.gethostname().lower() if address.is_unspecified else str(address)
