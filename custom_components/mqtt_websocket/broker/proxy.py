"""Which HTTP proxy leads to a broker, if any."""

from dataclasses import dataclass, field
from typing import Final
from urllib.request import getproxies_environment, proxy_bypass

import aiohttp
from aiohttp import hdrs
from yarl import URL

from .address import Address
from .errors import ProxyUnsupported

ENVIRONMENT: Final = "environment"


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy. ``url`` has no credentials: they are in ``headers``, and secret."""

    url: URL
    headers: dict[str, str] = field(repr=False)

    @property
    def host(self) -> str:
        """The proxy's name or address."""
        return self.url.raw_host or ""

    @property
    def port(self) -> int:
        """The proxy's port."""
        return self.url.port or 80


def find_proxy(proxy: str | None, address: Address) -> Proxy | None:
    """Return the proxy to take to an address, None for none. Raises ProxyUnsupported.

    ``proxy`` is what the settings say: a URL, ``ENVIRONMENT`` or nothing.
    """
    if proxy == ENVIRONMENT:
        proxy = _of_environment(address)
    if not proxy:
        return None
    scheme, separator, _ = proxy.partition("://")
    if not separator:
        scheme, proxy = "http", f"http://{proxy}"
    if scheme.lower() not in ("http", "https"):
        # aiohttp would speak HTTP to a SOCKS proxy.
        raise ProxyUnsupported(scheme=scheme)
    try:
        url = URL(proxy)
    except ValueError:
        raise ProxyUnsupported(scheme="?") from None
    if url.raw_host is None:
        raise ProxyUnsupported(scheme="?")
    headers: dict[str, str] = {}
    if url.user is not None:
        # RFC 9110 section 11.7.2, RFC 7617 section 2.
        headers[str(hdrs.PROXY_AUTHORIZATION)] = aiohttp.encode_basic_auth(
            url.user, url.password or ""
        )
    return Proxy(url.with_user(None), headers)


def _of_environment(address: Address) -> str | None:
    """Return what the environment says, as curl and Python's urllib read it."""
    proxies = getproxies_environment()
    if not proxies or proxy_bypass(f"{address.host}:{address.port}"):
        return None
    return proxies.get("https" if address.secure else "http") or proxies.get("all")
