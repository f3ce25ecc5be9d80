"""nginx in front of the wallet, by the very lines that the documents give for it."""

import datetime
import os
import re
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.debian import found
from tests.imports import ROOT

MISSING = "nginx is missing: install it with `apt-get install nginx-light` as root, or put it on PATH."
LINES = re.compile(r"```nginx\n(.*?)```", re.DOTALL)
START_SECONDS = 20
# What a machine without IPv6 cannot do.
LISTEN_IPV6 = re.compile(r"^ +listen \[::\].*\n", re.MULTILINE)


def found_nginx() -> str:
    """Give the path of nginx.

    Raises: ProgramMissing.
    """
    return found(("nginx",), ("nginx-light",), MISSING, f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def in_front(wallet_port: int, https_port: int, http_port: int, folder: Path) -> Iterator[None]:
    """Serve `https://localhost` in front of a wallet, with the documents' lines inside of what Debian sets."""
    _certificate(folder)
    (lines,) = LINES.findall((ROOT / "docs" / "deploy.md").read_text(encoding="utf-8"))
    lines = LISTEN_IPV6.sub("", lines)
    for told, here in (
        ("wallet.example", "localhost"),
        ("/etc/letsencrypt/live/localhost", str(folder)),
        ("127.0.0.1:8000", f"127.0.0.1:{wallet_port}"),
        ("/var/log/nginx/error.log", str(folder / "errors.log")),
        ("listen 443 ", f"listen 127.0.0.1:{https_port} "),
        ("listen 80;", f"listen 127.0.0.1:{http_port};"),
    ):
        assert told in lines, f"the lines say {told} no more"
        lines = lines.replace(told, here)
    temporary = "".join(
        f"    {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"{'user root;' if os.geteuid() == 0 else ''}\ndaemon off;\npid {folder}/pid;\nerror_log {folder}/errors.log;\n"
        f"events {{}}\nhttp {{\n    gzip on;\n    access_log {folder}/asked.log;\n{temporary}{lines}}}\n",
        encoding="utf-8",
    )
    process = subprocess.Popen([found_nginx(), "-p", str(folder), "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        _wait_for(https_port, process, folder)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def trusting() -> ssl.SSLContext:
    """Trust whatever certificate is shown, as nobody does who pays."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _certificate(folder: Path) -> None:
    """Make a certificate for localhost that nobody has signed."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _wait_for(port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, (folder / "errors.log").read_text(encoding="utf-8")
        with suppress(URLError, ConnectionError):
            urlopen(f"https://localhost:{port}/healthz", context=trusting()).close()
            return
        time.sleep(0.1)
    raise AssertionError("nginx did not answer in time")
