"""Certificates for one cluster, made on the spot."""

from __future__ import annotations

from pathlib import Path

from tests.kafka.views import HOST


def write_certificates(folder: Path) -> None:
    """Writes ca.pem and server.pem (key, then certificate), made for this cluster only, into a new folder.

    Kafka reads PKCS #8 keys only; trustme writes the older form.
    """
    import trustme
    from cryptography.hazmat.primitives import serialization

    folder.mkdir()
    authority = trustme.CA()
    # A running broker takes a new certificate only for the name it had.
    certificate = authority.issue_cert(HOST, "localhost", organization_unit_name="babelwire tests")
    key = serialization.load_pem_private_key(certificate.private_key_pem.bytes(), password=None)
    pkcs8 = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    server = folder / "server.pem"
    server.touch(mode=0o600)
    server.write_bytes(pkcs8 + b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
