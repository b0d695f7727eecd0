"""A stage of Snowflake's own as it really is: in a bucket, behind TLS, its files encrypted by the client with a key of the stage."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import os
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import NameOID

from stages import Bucket, failure

MASTER_KEY = os.urandom(16)
KEY, IV, DESCRIPTION, DIGEST = "x-amz-key", "x-amz-iv", "x-amz-matdesc", "sfc-digest"


def material(query_id: str) -> dict[str, Any]:
    return {"queryStageMasterKey": base64.b64encode(MASTER_KEY).decode(), "queryId": query_id, "smkId": 1}


def _run(key: bytes, mode: modes.Mode, data: bytes, decrypt: bool) -> bytes:
    cipher = Cipher(algorithms.AES(key), mode)
    pad = padding.PKCS7(128)
    if decrypt:
        worker, strip = cipher.decryptor(), pad.unpadder()
        return strip.update(worker.update(data) + worker.finalize()) + strip.finalize()
    worker, fill = cipher.encryptor(), pad.padder()
    return worker.update(fill.update(data) + fill.finalize()) + worker.finalize()


class Sealed(Bucket):
    """Files are encrypted by keys of their own, which are encrypted by the stage's."""

    def __init__(self, given: dict[str, str], prefix: str, name: str) -> None:
        super().__init__(f"s3://{given['bucket']}/{prefix}", {**given, "endpoint": given["direct"]})
        self.given, self.name = given, name
        # Answers name files of such a stage without the bucket.
        del self.url

    def list(self, path: str) -> list[Any]:
        found = super().list(path)
        for one in found:
            one.shown = f"{self.name}/{one.path}" if self.name else one.path
        return found

    def read(self, path: str) -> bytes:
        try:
            found = self.client.get_object(Bucket=self.bucket, Key=self.prefix + path)
            data, about = found["Body"].read(), found["Metadata"]
        except (ClientError, BotoCoreError) as error:
            raise failure(error) from error
        key = _run(MASTER_KEY, modes.ECB(), base64.b64decode(about[KEY]), True)  # noqa: S305
        return _run(key, modes.CBC(base64.b64decode(about[IV])), data, True)

    def write(self, path: str, data: bytes) -> None:
        key, iv = os.urandom(16), os.urandom(16)
        about = {KEY: base64.b64encode(_run(MASTER_KEY, modes.ECB(), key, False)).decode(),  # noqa: S305
                 IV: base64.b64encode(iv).decode(), DESCRIPTION: json.dumps({"smkId": "1", "queryId": "", "keySize": "128"})}
        try:
            self.client.put_object(Bucket=self.bucket, Key=self.prefix + path, Body=_run(key, modes.CBC(iv), data, False), Metadata=about)
        except (ClientError, BotoCoreError) as error:
            raise failure(error) from error

    def stage_info(self, path: str) -> dict[str, Any]:
        """What the driver needs to put files below `path`, or to get them."""
        return {
            "locationType": "S3", "location": f"{self.bucket}/{self.prefix}{path}", "path": path, "region": self.given["region"],
            "endPoint": self.given["endpoint"].removeprefix("https://"), "isClientSideEncrypted": True, "useS3RegionalUrl": False,
            "creds": {"AWS_KEY_ID": self.given["key"], "AWS_SECRET_KEY": self.given["secret"], "AWS_TOKEN": self.given.get("token")},
        }


def certificate() -> dict[str, str]:
    """An authority that nobody knows, and a certificate of its for 127.0.0.1, as PEM."""
    def key() -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    def pem(one: x509.Certificate) -> str:
        return one.public_bytes(serialization.Encoding.PEM).decode()

    # Valid always: no test depends on the date.
    start, end = datetime.datetime(2000, 1, 1), datetime.datetime(2099, 1, 1)  # noqa: DTZ001
    root, own = key(), key()
    authority = (
        x509.CertificateBuilder().subject_name(name("tests")).issuer_name(name("tests")).public_key(root.public_key())
        .serial_number(1).not_valid_before(start).not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(root, hashes.SHA256()))
    leaf = (
        x509.CertificateBuilder().subject_name(name("127.0.0.1")).issuer_name(authority.subject).public_key(own.public_key())
        .serial_number(2).not_valid_before(start).not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(root, hashes.SHA256()))
    private = own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {"authority": pem(authority), "certificate": pem(leaf), "key": private.decode()}
