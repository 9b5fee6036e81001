"""The guard before typed addresses: nothing inside a network is reached, whatever it is called and whoever answers."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from entente.alerts import addresses
from entente.alerts.addresses import Forbidden, Unreachable, check, is_public, post
from tests.alerts import servers


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://2130706433/", "http://0x7f.1/", "http://017700000001/",
        "http://0.0.0.0/", "http://10.0.0.1/", "http://172.16.9.9/", "http://192.168.1.1/", "http://169.254.169.254/",
        "http://100.64.0.1/", "http://192.0.0.1/", "http://198.18.0.1/", "http://224.0.0.1/", "http://255.255.255.255/",
        "http://[::1]/", "http://[::]/", "http://[fe80::1]/", "http://[fc00::1]/", "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:8.8.8.8]/", "http://[::127.0.0.1]/", "http://[2002:7f00:1::]/", "http://[64:ff9b::7f00:1]/",
        "http://[2001:0:7f00:1::]/", "http://[ff02::1]/",
    ],
)  # fmt: skip
def test_an_address_inside_a_network_is_refused_however_it_is_written(url):
    with pytest.raises(Forbidden):
        check(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://8.8.8.8/", "file:///etc/passwd", "gopher://8.8.8.8/", "//8.8.8.8/", "8.8.8.8", "", "http://", "https:///x",
        "http://user:secret@8.8.8.8/", "http://user@8.8.8.8/", "http://8.8.8.8:22/", "http://8.8.8.8:99999/",
        "http://8.8.8.8 /", "http://8.8.8.8/\r\nX: y", "http://8.8.8.8/\x00", "http://8.8.8.8/" + "x" * 3000,
        "http://[8.8.8.8/", "http://no-such-host.invalid/", "http://" + "a" * 70 + ".example/",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_of_the_web_is_refused(url):
    with pytest.raises(Forbidden):
        check(url)


def test_a_public_address_may_be_called():
    checked = check("https://8.8.8.8/ñ?q=é#part")
    assert (checked.host, checked.port, checked.found) == ("8.8.8.8", 443, ("8.8.8.8",))
    assert checked.path == "/%C3%B1?q=%C3%A9"
    assert check("http://[2606:4700::1111]:443/").named == "[2606:4700::1111]:443"


def answering(monkeypatch, *answers):
    """Have names be found at these addresses, each time the next."""
    remaining, resolve = list(answers), socket.getaddrinfo

    def found(host, port, *rest, **named):
        if host[0].isdigit():
            return resolve(host, port, *rest, **named)
        several = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in several]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", found)


def test_one_private_answer_among_public_ones_is_enough_to_refuse(monkeypatch):
    answering(monkeypatch, ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Forbidden):
        check("https://hooks.example/")


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch, settings):
    """A name that answers otherwise a moment later gains nothing."""
    with servers.http() as server:
        servers.allow(settings, server.port)
        asked = []
        answering(monkeypatch, ["127.0.0.1"], ["10.9.9.9"])
        connect = socket.create_connection
        monkeypatch.setattr(
            addresses.socket, "create_connection", lambda to, *rest: asked.append(to) or connect(to, *rest)
        )
        assert post(f"http://rebinding.example:{server.port}/", b"{}", {}).status == 204
        assert asked == [("127.0.0.1", server.port)]
        assert server.calls[0].headers["Host"] == f"rebinding.example:{server.port}"


def test_the_operator_allows_hosts_networks_and_ports(settings, monkeypatch):
    settings.ALERT_PORTS = [8443]
    settings.ALERT_NETWORKS = []
    answering(monkeypatch, ["10.1.2.3"])
    with pytest.raises(Forbidden):
        check("https://chat.intern:8443/")
    settings.ALERT_HOSTS = ["chat.intern"]
    assert check("https://chat.intern:8443/").found == ("10.1.2.3",)
    with pytest.raises(Forbidden):
        check("https://other.intern:8443/")


def test_a_server_that_drips_is_cut_off(settings, monkeypatch):
    monkeypatch.setattr(addresses, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        servers.allow(settings, port)
        over = threading.Event()

        def drip():
            taken, _ = listener.accept()
            with taken:
                while not over.is_set():
                    try:
                        taken.sendall(b"H")
                    except OSError:
                        return
                    over.wait(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(Unreachable):
            post(f"http://127.0.0.1:{port}/", b"{}", {})
        over.set()
        thread.join()


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """A certificate for hooks.example, whom this machine trusts; returns its files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = tmp_path / "certificate.pem", tmp_path / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    return pem, secret


@pytest.mark.parametrize(("host", "answered"), [("hooks.example", True), ("evil.example", False)])
def test_tls_checks_the_name_although_the_address_is_pinned(authority, settings, monkeypatch, host, answered):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority)
    with servers.http(context) as server:
        servers.allow(settings, server.port)
        answering(monkeypatch, ["127.0.0.1"])
        if answered:
            assert post(f"https://{host}:{server.port}/", b"{}", {}).status == 204
        else:
            with pytest.raises(Unreachable, match="certificate"):
                post(f"https://{host}:{server.port}/", b"{}", {})
            assert server.calls == []


def test_public_is_what_anyone_can_call():
    assert is_public(ip_address("9.9.9.9"))
    assert is_public(ip_address("2620:fe::fe"))
    assert not is_public(ip_address("2002:a00:1::"))
