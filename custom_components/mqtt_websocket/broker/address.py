"""The URL of a broker: parsed, normalised, and freed of its credentials."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from yarl import URL

from .errors import (
    InvalidPort,
    InvalidUrl,
    UnsupportedScheme,
    UrlHasFragment,
    UrlHasSpace,
    UrlWithoutHost,
)

_DEFAULT_PORTS: Final = {"ws": 80, "wss": 443}
# What may stand in a path or query as it is. "%" is left alone: a signed URL must
# arrive as it was signed.
_KEEP: Final = "%/:=&?~!$,;'@()*+[]-._"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a broker is. ``url`` has no credentials; its query may be secret."""

    url: str = field(repr=False)
    host: str
    port: int
    path: str
    secure: bool


def parse_url(text: str) -> tuple[Address, str | None, str | None]:
    """Return the address, and the user name and password that stood in the URL.

    Raises UnsupportedScheme, InvalidPort or InvalidUrl. International host names become
    their ASCII form; an empty path becomes ``/``.
    """
    text = text.strip()
    if any(char.isspace() or not char.isprintable() for char in text):
        raise UrlHasSpace
    scheme, separator, _ = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _DEFAULT_PORTS:
        raise UnsupportedScheme(scheme=f"{scheme}://" if separator else "")
    try:
        parts = urlsplit(text)
    except ValueError:
        raise InvalidUrl from None
    if "#" in text:
        raise UrlHasFragment
    try:
        port = parts.port
    except ValueError:
        # What follows the colon is shown only if it is a number: a password with a
        # slash in it ends up there as well.
        shown = parts.netloc.rpartition(":")[2]
        raise InvalidPort(port=shown if shown.isdecimal() else "?") from None
    if port is None:
        port = _DEFAULT_PORTS[scheme]
    if port == 0:
        raise InvalidPort(port=port)
    if not parts.hostname:
        raise UrlWithoutHost
    try:
        host = URL.build(scheme="http", host=parts.hostname).raw_host
    except ValueError:
        host = None
    if not host or ".." in host or host.startswith("."):
        raise InvalidUrl
    path = quote(parts.path, safe=_KEEP) or "/"
    query = quote(parts.query, safe=_KEEP)
    shown = f"[{host}]" if ":" in host else host
    if port != _DEFAULT_PORTS[scheme]:
        shown = f"{shown}:{port}"
    address = Address(
        url=f"{scheme}://{shown}{path}{f'?{query}' if query else ''}",
        host=host,
        port=port,
        path=path,
        secure=scheme == "wss",
    )
    username = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return address, username or None, password
