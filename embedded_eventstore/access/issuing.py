"""Making certificates: a private authority, and what it signs for a server.

The extensions are those that Python's strict verification and OpenSSL ask for. Knows neither files
nor servers.
"""

import datetime
import ipaddress
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey

AUTHORITY_LIFE = datetime.timedelta(days=20 * 365)
SERVER_LIFE = datetime.timedelta(days=397)
"""The longest that browsers accept."""
_CLOCKS_DIFFER = datetime.timedelta(hours=1)
_ORGANISATION = "Embedded Eventstore"


def new_key() -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def authority(key: PrivateKey, now: datetime.datetime) -> x509.Certificate:
    """The certificate of an authority that vouches for itself, and only for servers."""
    # The number tells this authority from the ones of other servers that a client may trust.
    serial = x509.random_serial_number()
    name = _name(f"Embedded Eventstore authority {serial:040x}"[:64])
    builder = (
        _builder(name, name, key.public_key(), now, AUTHORITY_LIFE)
        .serial_number(serial)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return builder.sign(key, hashes.SHA256())


def server(
    key: PrivateKey,
    names: Iterable[str],
    authority_key: PrivateKey,
    authority_certificate: x509.Certificate,
    now: datetime.datetime,
) -> x509.Certificate:
    """A certificate for a server that is reached by these names and addresses."""
    issuer = authority_certificate
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    builder = (
        _builder(_name("Embedded Eventstore"), issuer.subject, key.public_key(), now, SERVER_LIFE)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in sorted(names)]),
            critical=False,
        )
    )
    return builder.sign(authority_key, hashes.SHA256())


def names_of(certificate: x509.Certificate) -> set[str]:
    """The names and addresses a server's certificate is for."""
    alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in alternative}


def belongs_to(certificate: x509.Certificate, key: PrivateKey) -> bool:
    return certificate.public_key() == key.public_key()


def key_to_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def key_from_pem(content: bytes) -> PrivateKey:
    """Raises ValueError."""
    key = serialization.load_pem_private_key(content, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the key is of another kind")
    return key


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime.datetime,
    life: datetime.timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
