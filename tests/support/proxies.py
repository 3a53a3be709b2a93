"""Real proxies: nginx and haproxy in front of a broker, tinyproxy and squid in front of us."""

import base64
import hashlib
from typing import ClassVar, override

from .certificates import CertificateAuthority
from .program import Program
from .server import HOST, free_port


class Nginx(Program):
    """A reverse proxy with the broker at ``/mqtt``, and with what goes wrong elsewhere.

    ``/bare`` forgets the Upgrade header, ``/locked`` wants a password (user:right),
    ``/denied`` is forbidden, ``/moved`` redirects, the rest is not found. On
    ``wss_port`` the same with TLS, which asks for a client certificate if told so.
    """

    executable: ClassVar = "nginx"

    def __init__(
        self,
        broker_port: int,
        *,
        read_timeout: float = 60,
        client_certificate: bool = False,
    ) -> None:
        """Put it in front of a WebSocket port."""
        super().__init__()
        self.wss_port = free_port()
        self.authority = CertificateAuthority()
        self._broker_port = broker_port
        self._read_timeout = read_timeout
        self._client_certificate = client_certificate

    @property
    @override
    def ports(self) -> tuple[int, ...]:
        return (self.port, self.wss_port)

    def url(self, path: str = "/mqtt") -> str:
        """Return a URL without TLS."""
        return f"ws://{HOST}:{self.port}{path}"

    def wss_url(self, path: str = "/mqtt") -> str:
        """Return a URL with TLS."""
        return f"wss://{HOST}:{self.wss_port}{path}"

    @override
    def command(self) -> list[str]:
        here = self.directory
        certificate, key = self.authority.issue().write(here, "server")
        (here / "ca.pem").write_text(self.authority.pem)
        digest = base64.b64encode(hashlib.sha1(b"right").digest()).decode()
        (here / "users").write_text(f"user:{{SHA}}{digest}\n")
        verify = (
            f"ssl_client_certificate {here}/ca.pem; ssl_verify_client on;"
            if self._client_certificate
            else ""
        )
        upstream = f"proxy_pass http://{HOST}:{self._broker_port}/;"
        upgrade = (
            'proxy_http_version 1.1; proxy_set_header Upgrade "websocket"; '
            'proxy_set_header Connection "upgrade"; '
            f"proxy_read_timeout {int(self._read_timeout * 1000)}ms;"
        )
        (here / "nginx.conf").write_text(f"""
            daemon off;
            worker_processes 1;
            user root;
            pid {here}/pid;
            error_log stderr info;
            events {{ worker_connections 64; }}
            http {{
                access_log off;
                client_body_temp_path {here}/body;
                proxy_temp_path {here}/proxy;
                fastcgi_temp_path {here}/fastcgi;
                uwsgi_temp_path {here}/uwsgi;
                scgi_temp_path {here}/scgi;
                server {{
                    listen {HOST}:{self.port};
                    listen {HOST}:{self.wss_port} ssl;
                    ssl_certificate {certificate};
                    ssl_certificate_key {key};
                    {verify}
                    location = /mqtt {{ {upstream} {upgrade} }}
                    location = /bare {{ {upstream} }}
                    location = /locked {{
                        auth_basic "broker"; auth_basic_user_file {here}/users;
                        {upstream} {upgrade}
                    }}
                    location = /denied {{ deny all; }}
                    location = /moved {{ return 301 /mqtt; }}
                    location / {{ return 404; }}
                }}
            }}
            """)
        return [self.path, "-c", str(here / "nginx.conf"), "-p", str(here)]


class Haproxy(Program):
    """A load balancer with the broker behind it."""

    executable: ClassVar = "haproxy"

    def __init__(self, broker_port: int, *, tunnel_timeout: float = 60) -> None:
        """Put it in front of a WebSocket port; the timeout is for an open WebSocket."""
        super().__init__()
        self._broker_port = broker_port
        self._tunnel_timeout = tunnel_timeout

    @property
    def url(self) -> str:
        """The URL of the broker behind it."""
        return f"ws://{HOST}:{self.port}/mqtt"

    @override
    def command(self) -> list[str]:
        config = self.directory / "haproxy.cfg"
        config.write_text(f"""
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    timeout tunnel {int(self._tunnel_timeout * 1000)}ms
frontend front
    bind {HOST}:{self.port}
    default_backend broker
backend broker
    cookie SERVER insert indirect nocache
    http-request set-path /
    server one {HOST}:{self._broker_port} cookie one
""")
        return [self.path, "-db", "-f", str(config)]


class Tinyproxy(Program):
    """A forward proxy that tunnels with CONNECT, for whom it knows."""

    executable: ClassVar = "tinyproxy"

    def __init__(self, users: dict[str, str] | None = None) -> None:
        """Demand credentials if there are users."""
        super().__init__()
        self._users = users or {}

    def url(self, credentials: str = "") -> str:
        """Return the proxy's URL; credentials end with an @."""
        return f"http://{credentials}{HOST}:{self.port}"

    @override
    def command(self) -> list[str]:
        config = self.directory / "tinyproxy.conf"
        users = "".join(
            f"BasicAuth {name} {word}\n" for name, word in self._users.items()
        )
        config.write_text(f"Port {self.port}\nListen {HOST}\nTimeout 600\n{users}")
        return [self.path, "-d", "-c", str(config)]


class Squid(Program):
    """A forward proxy that tunnels to the ports it is told, and to no other."""

    executable: ClassVar = "squid"

    def __init__(self, *allowed_ports: int) -> None:
        """Let through what goes to these ports."""
        super().__init__()
        self._allowed_ports = allowed_ports

    @property
    def url(self) -> str:
        """The proxy's URL."""
        return f"http://{HOST}:{self.port}"

    @override
    def command(self) -> list[str]:
        here = self.directory
        # It becomes another user, who writes its log and its pid here.
        here.chmod(0o777)
        ports = " ".join(map(str, self._allowed_ports))
        (here / "squid.conf").write_text(f"""
http_port {HOST}:{self.port}
acl broker port {ports}
http_access allow CONNECT broker
http_access deny all
pid_filename {here}/pid
access_log none
cache_log /dev/null
cache deny all
coredump_dir {here}
shutdown_lifetime 0 seconds
icp_port 0
pinger_enable off
logfile_rotate 0
""")
        return [self.path, "-N", "-f", str(here / "squid.conf")]
