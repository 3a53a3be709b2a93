"""The URL of a broker."""

from hypothesis import given, strategies as st
import pytest

from custom_components.mqtt_websocket.broker.address import parse_url
from custom_components.mqtt_websocket.broker.errors import (
    InvalidPort,
    InvalidUrl,
    UnsupportedScheme,
    UrlHasFragment,
    UrlHasSpace,
    UrlWithoutHost,
)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("ws://127.0.0.1:9001", "ws://127.0.0.1:9001/"),
        (" WSS://Test.Mosquitto.ORG:8081/mqtt ", "wss://test.mosquitto.org:8081/mqtt"),
        ("wss://host:443/ws", "wss://host/ws"),
        ("ws://host:443/ws", "ws://host:443/ws"),
        ("ws://[::1]:80/", "ws://[::1]/"),
        ("ws://bücher.example/ä", "ws://xn--bcher-kva.example/%C3%A4"),
        ("ws://h/a%2Fb?sig=a%2Bb+c%3D&x=/", "ws://h/a%2Fb?sig=a%2Bb+c%3D&x=/"),
        ("ws://my_host/", "ws://my_host/"),
    ],
)
def test_normal_form(text: str, url: str) -> None:
    """Two ways to write a URL give one; what may be signed stays as it is."""
    address, username, password = parse_url(text)
    assert address.url == url
    assert (username, password) == (None, None)
    assert parse_url(url)[0] == address


def test_parts() -> None:
    """The parts are at hand, and the query is kept out of what is shown."""
    address, _, _ = parse_url("wss://h:8084/mqtt?token=secret")
    assert (address.host, address.port, address.path) == ("h", 8084, "/mqtt")
    assert address.secure
    assert "secret" not in repr(address)
    assert not parse_url("ws://h")[0].secure


@pytest.mark.parametrize(
    ("text", "credentials"),
    [
        ("ws://u:p@h/", ("u", "p")),
        ("ws://u@h/", ("u", None)),
        ("ws://u%40x:p%3A%2F@h/", ("u@x", "p:/")),
        ("ws://:p@h/", (None, "p")),
    ],
)
def test_credentials_leave_the_url(
    text: str, credentials: tuple[str | None, str | None]
) -> None:
    """They come back on their own."""
    address, *found = parse_url(text)
    assert tuple(found) == credentials
    assert address.url == "ws://h/"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", UnsupportedScheme),
        ("example.com/mqtt", UnsupportedScheme),
        ("mqtt://h", UnsupportedScheme),
        ("http://h", UnsupportedScheme),
        ("ws:h", UnsupportedScheme),
        ("ws://", UrlWithoutHost),
        ("ws:///path", UrlWithoutHost),
        ("ws://:80/", UrlWithoutHost),
        ("ws://h:0/", InvalidPort),
        ("ws://h:65536/", InvalidPort),
        ("ws://h:x/", InvalidPort),
        ("ws://[::1/", InvalidUrl),
        ("ws://a..b/", InvalidUrl),
        ("ws://h/a b", UrlHasSpace),
        ("ws://h/\nx", UrlHasSpace),
        ("ws://h/a\tb", UrlHasSpace),
        ("ws://h/#x", UrlHasFragment),
        ("ws://h#", UrlHasFragment),
    ],
)
def test_what_is_no_url(text: str, error: type[InvalidUrl]) -> None:
    """Each mistake has its own error."""
    with pytest.raises(error):
        parse_url(text)


def test_no_part_of_a_password_is_told() -> None:
    """A slash in a password makes its beginning look like a port."""
    with pytest.raises(InvalidPort) as caught:
        parse_url("ws://user:sec/ret@host/")
    assert "sec" not in str(caught.value)


@given(st.text())
def test_any_text_is_understood_or_refused(text: str) -> None:
    """Nothing else than our error comes out."""
    for candidate in (text, f"ws://{text}", f"wss://h/{text}"):
        try:
            address, _, _ = parse_url(candidate)
        except InvalidUrl:
            continue
        assert parse_url(address.url)[0] == address
