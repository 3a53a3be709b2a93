"""Which HTTP proxy leads to a broker: what is written, and what the environment says."""

import aiohttp
import pytest

from custom_components.mqtt_websocket.broker.address import parse_url
from custom_components.mqtt_websocket.broker.errors import ProxyUnsupported
from custom_components.mqtt_websocket.broker.proxy import ENVIRONMENT, find_proxy

SECURE = parse_url("wss://broker.example.org:8884/mqtt")[0]
PLAIN = parse_url("ws://broker.example.org:8080/mqtt")[0]


@pytest.mark.parametrize(
    ("text", "url", "host", "port"),
    [
        ("http://proxy.lan:3128", "http://proxy.lan:3128", "proxy.lan", 3128),
        ("proxy.lan:3128", "http://proxy.lan:3128", "proxy.lan", 3128),
        ("proxy.lan", "http://proxy.lan", "proxy.lan", 80),
        ("HTTPS://proxy.lan", "https://proxy.lan", "proxy.lan", 443),
        ("http://[::1]:3128", "http://[::1]:3128", "::1", 3128),
    ],
)
def test_as_it_is_written(text: str, url: str, host: str, port: int) -> None:
    """Without a scheme it is HTTP, without a port that of the scheme."""
    proxy = find_proxy(text, SECURE)
    assert proxy is not None
    assert str(proxy.url) == url
    assert (proxy.host, proxy.port) == (host, port)
    assert proxy.headers == {}


@pytest.mark.parametrize(
    ("text", "user", "password"),
    [
        ("http://me:secret@proxy.lan:3128", "me", "secret"),
        ("me:s%40cret@proxy.lan:3128", "me", "s@cret"),
        ("http://me@proxy.lan:3128", "me", ""),
        ("http://me:@proxy.lan:3128", "me", ""),
    ],
)
def test_credentials_leave_the_url(text: str, user: str, password: str) -> None:
    """They go into a header, and into nothing that is shown."""
    proxy = find_proxy(text, SECURE)
    assert proxy is not None
    assert str(proxy.url) == "http://proxy.lan:3128"
    expected = aiohttp.encode_basic_auth(user, password)
    assert proxy.headers == {"Proxy-Authorization": expected}
    assert expected not in repr(proxy)


@pytest.mark.parametrize("text", [None, ""])
def test_none(text: str | None) -> None:
    """No proxy is no proxy."""
    assert find_proxy(text, SECURE) is None


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("socks5://proxy.lan:1080", "socks5"),
        ("ftp://proxy.lan", "ftp"),
        ("http://[proxy", "?"),
        ("http://", "?"),
        ("https:///proxy.lan", "?"),
        ("http://proxy.lan:port", "?"),
    ],
)
def test_not_supported(text: str, scheme: str) -> None:
    """What is no HTTP proxy is refused; no part of it but the scheme is told."""
    with pytest.raises(ProxyUnsupported) as caught:
        find_proxy(text, SECURE)
    assert caught.value.details == {"scheme": scheme}


def of_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], *, secure: bool = True
) -> str | None:
    """Return the proxy where only these variables are set."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        for each in (name, name.upper()):
            monkeypatch.delenv(each, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    proxy = find_proxy(ENVIRONMENT, SECURE if secure else PLAIN)
    return None if proxy is None else str(proxy.url)


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may tell one for each scheme, one for all, and exceptions from them."""
    one, two, rest = "http://one.lan:1", "http://two.lan:2", "http://all.lan:3"
    https, http, every = {"https_proxy": one}, {"http_proxy": two}, {"all_proxy": rest}
    assert of_environment(monkeypatch, {}) is None
    assert of_environment(monkeypatch, https | http | every) == one
    assert of_environment(monkeypatch, https | http | every, secure=False) == two
    assert of_environment(monkeypatch, every) == rest
    assert of_environment(monkeypatch, http) is None
    assert of_environment(monkeypatch, https, secure=False) is None
    assert of_environment(monkeypatch, {"https_proxy": "one.lan:1"}) == one
    for exception, expected in (
        ("broker.example.org", None),
        ("example.org", None),
        ("broker.example.org:8884", None),
        ("broker.example.org:8883", one),
        ("example.com", one),
        ("*", None),
    ):
        found = of_environment(monkeypatch, https | {"no_proxy": exception})
        assert found == expected, exception
