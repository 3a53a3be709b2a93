"""The broker's form: its fields, and what is stored of them.

Both the first configuration and every later one show this form. Secrets that are
stored never travel back to a browser: ``masked`` puts ``STORED`` in their place, and
``stored_form`` takes ``STORED`` as "leave it as it is". A field that comes back empty
forgets its secret.
"""

from collections.abc import Mapping
import re
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
import voluptuous as vol

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    ObjectSelector,
    ObjectSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .broker.address import Address, parse_url
from .broker.proxy import ENVIRONMENT
from .broker.topics import MAX_STRING_BYTES
from .const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_ID,
    CONF_CLIENT_KEY,
    CONF_CLIENT_KEY_PASSWORD,
    CONF_CONNECTION,
    CONF_DISCOVERY,
    CONF_HEADERS,
    CONF_KEEPALIVE,
    CONF_PASSWORD,
    CONF_PING,
    CONF_PROTOCOL,
    CONF_PROXY,
    CONF_SECURITY,
    CONF_SESSION_EXPIRY,
    CONF_URL,
    CONF_USERNAME,
    CONF_VERIFY_SSL,
    DEFAULT_KEEPALIVE,
    PROTOCOL_5,
    PROTOCOL_311,
    PROTOCOL_AUTO,
)
from .selectors import LINES, TEXT, whole_number

STORED: Final = "(unchanged)"
"""Stands in a form for a secret that is stored."""

CONF_HEADER_NAME: Final = "name"
CONF_HEADER_VALUE: Final = "value"

_PASSWORD = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="current-password")
)
# Keys have passwords of their own, which a browser must not take for the broker's.
_SECRET = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="off")
)

_PROTOCOL = vol.All(
    SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=PROTOCOL_AUTO, label="Automatic"),
                SelectOptionDict(value=PROTOCOL_5, label="MQTT 5"),
                # This label is what is shown: translation keys can't hold dots.
                SelectOptionDict(value=PROTOCOL_311, label="MQTT 3.1.1"),
            ],
            mode=SelectSelectorMode.DROPDOWN,
            translation_key=CONF_PROTOCOL,
        )
    ),
    str,
)

# What MQTT 5 calls for ever (section 3.1.2.11.2), less one.
_LONGEST_EXPIRY: Final = 0xFFFFFFFE


CREDENTIALS: Final = {
    vol.Optional(CONF_USERNAME): TextSelector(
        TextSelectorConfig(autocomplete="username")
    ),
    vol.Optional(CONF_PASSWORD): _PASSWORD,
}

HEADERS: Final = {
    vol.Optional(CONF_HEADERS): ObjectSelector(
        ObjectSelectorConfig(
            fields={
                CONF_HEADER_NAME: {"selector": TEXT, "required": True},
                CONF_HEADER_VALUE: {"selector": _SECRET},
            },
            multiple=True,
            label_field=CONF_HEADER_NAME,
            translation_key=CONF_HEADERS,
        )
    ),
}

SCHEMA: Final = vol.Schema(
    {
        # No "url" type: the browser would refuse "example.com/mqtt" with its own words,
        # and ours say what is missing.
        vol.Required(CONF_URL): TextSelector(TextSelectorConfig(autocomplete="url")),
        **CREDENTIALS,
        vol.Required(CONF_DISCOVERY, default=False): BooleanSelector(),
        # The sections have no default: the frontend would take it for their content
        # and drop the suggested values of their fields.
        vol.Optional(CONF_SECURITY): section(
            vol.Schema(
                {
                    vol.Required(CONF_VERIFY_SSL, default=True): BooleanSelector(),
                    vol.Optional(CONF_CA_CERTIFICATE): LINES,
                    vol.Optional(CONF_CLIENT_CERTIFICATE): LINES,
                    vol.Optional(CONF_CLIENT_KEY): LINES,
                    vol.Optional(CONF_CLIENT_KEY_PASSWORD): _SECRET,
                }
            ),
            {"collapsed": True},
        ),
        vol.Optional(CONF_CONNECTION): section(
            vol.Schema(
                {
                    vol.Optional(CONF_CLIENT_ID): TEXT,
                    vol.Required(CONF_PROTOCOL, default=PROTOCOL_AUTO): _PROTOCOL,
                    vol.Required(
                        CONF_KEEPALIVE, default=DEFAULT_KEEPALIVE
                    ): whole_number(5, 65535, "s"),
                    **HEADERS,
                    vol.Optional(CONF_PROXY): TEXT,
                    vol.Optional(CONF_PING): whole_number(1, 3600, "s"),
                    vol.Optional(CONF_SESSION_EXPIRY): whole_number(
                        0, _LONGEST_EXPIRY, "s"
                    ),
                }
            ),
            {"collapsed": True},
        ),
    }
)


_SECTION_DEFAULTS: Final[dict[str, dict[str, Any]]] = {
    CONF_SECURITY: {CONF_VERIFY_SSL: True},
    CONF_CONNECTION: {
        CONF_PROTOCOL: PROTOCOL_AUTO,
        CONF_KEEPALIVE: DEFAULT_KEEPALIVE,
    },
}


class FormError(Exception):
    """What was entered can't be stored. ``field`` is the form's, or that of a section."""

    def __init__(self, field: str, key: str, **placeholders: str) -> None:
        """Name the field and the text, and fill the text's placeholders."""
        super().__init__(key)
        self.field = field
        self.key = key
        self.placeholders = placeholders


def opened(schema: vol.Schema, names: set[str]) -> vol.Schema:
    """Return the schema with these sections open."""
    return vol.Schema(
        {
            marker: section(value.schema, {"collapsed": str(marker) not in names})
            if isinstance(value, section)
            else value
            for marker, value in schema.schema.items()
        }
    )


def sections_in_use(data: Mapping[str, Any]) -> set[str]:
    """Return the sections that hold something else than defaults."""
    return {
        name
        for name, defaults in _SECTION_DEFAULTS.items()
        if data.get(name, defaults) != defaults
    }


# --- secrets ---------------------------------------------------------------------


def _proxy_password(proxy: str) -> str | None:
    try:
        return urlsplit(proxy).password
    except ValueError:
        return None


def masked(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return entry data as a form may show it."""
    shown = {**data}
    if CONF_PASSWORD in data:
        shown[CONF_PASSWORD] = STORED
    if CONF_SECURITY in data:
        shown[CONF_SECURITY] = {
            key: STORED if key in (CONF_CLIENT_KEY, CONF_CLIENT_KEY_PASSWORD) else value
            for key, value in data[CONF_SECURITY].items()
        }
    if CONF_CONNECTION in data:
        connection = shown[CONF_CONNECTION] = {**data[CONF_CONNECTION]}
        if CONF_HEADERS in connection:
            connection[CONF_HEADERS] = [
                {**header, CONF_HEADER_VALUE: STORED}
                for header in connection[CONF_HEADERS]
            ]
        if password := _proxy_password(connection.get(CONF_PROXY, "")):
            connection[CONF_PROXY] = connection[CONF_PROXY].replace(
                f":{password}@", f":{STORED}@", 1
            )
    return shown


def _unmask(values: dict[str, Any], stored: Mapping[str, Any], *keys: str) -> None:
    for key in keys:
        if values.get(key) == STORED and key in stored:
            values[key] = stored[key]


# --- from the form to the entry ----------------------------------------------------


def stored_form(
    entered: Mapping[str, Any], stored: Mapping[str, Any], url: str
) -> tuple[Address, dict[str, Any]]:
    """Return the address and the entry data that a filled-in form means.

    ``url`` is what was entered as such, or what that means now if it is a template.
    ``stored`` is the entry data until now, empty for a new entry; a section that was
    not sent stays as it was. Raises FormError and InvalidUrl. May take some 100 ms of
    CPU: keys are encrypted with slow functions on purpose.
    """
    address, username, password = parse_url(url)
    top = _without_empty(entered)
    _unmask(top, stored, CONF_PASSWORD)
    data: dict[str, Any] = {
        CONF_URL: address.url
        if url == entered[CONF_URL]
        else entered[CONF_URL].strip(),
        # What stands in the URL is what was entered last: stored URLs have no
        # credentials.
        CONF_USERNAME: username or top.get(CONF_USERNAME),
        CONF_PASSWORD: password or top.get(CONF_PASSWORD),
        CONF_DISCOVERY: top.get(CONF_DISCOVERY, False),
        CONF_SECURITY: _security(entered, stored),
        CONF_CONNECTION: _connection(entered, stored),
    }
    return address, _without_empty(data)


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "", [])}


def _section(
    entered: Mapping[str, Any], stored: Mapping[str, Any], name: str
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    before = stored.get(name, {})
    values = _without_empty(entered.get(name, before))
    return {**_SECTION_DEFAULTS[name], **values}, before


def _security(entered: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    values, before = _section(entered, stored, CONF_SECURITY)
    certificate = values.get(CONF_CLIENT_CERTIFICATE, "")
    # Many tools write the certificate and its key into one file. The key must not
    # stay in a field that is shown.
    if keys := _PEM_KEY.findall(certificate):
        values[CONF_CLIENT_CERTIFICATE] = _PEM_KEY.sub("", certificate)
        if values.get(CONF_CLIENT_KEY, STORED) == STORED:
            values[CONF_CLIENT_KEY] = keys[0]
    elif not certificate and values.get(CONF_CLIENT_KEY) == STORED:
        # Who removes the certificate has no use for its key.
        del values[CONF_CLIENT_KEY]
    _unmask(values, before, CONF_CLIENT_KEY, CONF_CLIENT_KEY_PASSWORD)
    if CONF_CLIENT_KEY not in values:
        values.pop(CONF_CLIENT_KEY_PASSWORD, None)
    for key in (CONF_CA_CERTIFICATE, CONF_CLIENT_CERTIFICATE, CONF_CLIENT_KEY):
        if key in values:
            values[key] = values[key].replace("\r\n", "\n").strip() + "\n"
    _check_certificates(values)
    return values


def _connection(
    entered: Mapping[str, Any], stored: Mapping[str, Any]
) -> dict[str, Any]:
    values, before = _section(entered, stored, CONF_CONNECTION)
    client_id = values.get(CONF_CLIENT_ID, "")
    if not client_id.isprintable() or len(client_id.encode()) > MAX_STRING_BYTES:
        raise FormError(CONF_CONNECTION, "invalid_client_id")
    if CONF_HEADERS in values:
        values[CONF_HEADERS] = _headers(
            values[CONF_HEADERS], before.get(CONF_HEADERS, [])
        )
    if CONF_PROXY in values:
        values[CONF_PROXY] = _proxy(values[CONF_PROXY], before.get(CONF_PROXY, ""))
    return values


def _proxy(proxy: str, before: str) -> str:
    proxy = proxy.strip()
    if proxy == ENVIRONMENT:
        return proxy
    if password := _proxy_password(before):
        proxy = proxy.replace(f":{STORED}@", f":{password}@", 1)
    try:
        parts = urlsplit(proxy)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise FormError(CONF_CONNECTION, "invalid_proxy")
    return proxy


# --- headers -----------------------------------------------------------------------

# RFC 9110 sections 5.6.2 and 5.5.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\U0010ffff]*")
# They belong to the handshake: another value would break it, or smuggle a request.
_RESERVED_HEADERS: Final = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def _headers(entered: Any, before: list[dict[str, str]]) -> list[dict[str, str]]:
    known = {header[CONF_HEADER_NAME].lower(): header for header in before}
    headers: dict[str, dict[str, str]] = {}
    for row in [entered] if isinstance(entered, dict) else entered:
        name = row[CONF_HEADER_NAME].strip()
        value = row.get(CONF_HEADER_VALUE, "").strip()
        folded = name.lower()
        if value == STORED and folded in known:
            value = known[folded][CONF_HEADER_VALUE]
        if not _HEADER_NAME.fullmatch(name):
            raise FormError(CONF_CONNECTION, "invalid_header_name", header=ascii(name))
        if folded in _RESERVED_HEADERS or folded.startswith("sec-websocket-"):
            raise FormError(CONF_CONNECTION, "reserved_header", header=name)
        if not _HEADER_VALUE.fullmatch(value):
            raise FormError(CONF_CONNECTION, "invalid_header_value", header=name)
        if folded in headers:
            raise FormError(CONF_CONNECTION, "duplicate_header", header=name)
        headers[folded] = {CONF_HEADER_NAME: name, CONF_HEADER_VALUE: value}
    return list(headers.values())


# --- certificates --------------------------------------------------------------------

_PEM_KEY = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----\s*",
    re.DOTALL,
)


def _check_certificates(security: Mapping[str, Any]) -> None:
    """Raise FormError for certificates and keys that could never work."""
    if CONF_CA_CERTIFICATE in security:
        _load_certificates("invalid_ca_certificate", security[CONF_CA_CERTIFICATE])
    if CONF_CLIENT_CERTIFICATE not in security:
        if CONF_CLIENT_KEY in security:
            raise FormError(CONF_SECURITY, "key_without_certificate")
        return
    # The first one is the client's own, the others lead to its issuer.
    certificate = _load_certificates(
        "invalid_client_certificate", security[CONF_CLIENT_CERTIFICATE]
    )[0]
    if CONF_CLIENT_KEY not in security:
        raise FormError(CONF_SECURITY, "certificate_without_key")
    password = security.get(CONF_CLIENT_KEY_PASSWORD, "").encode() or None
    key = _load_key(security[CONF_CLIENT_KEY].encode(), password)
    if _spki(key) != _spki(certificate):
        raise FormError(CONF_SECURITY, "key_does_not_match")


def _load_key(pem: bytes, password: bytes | None) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(pem, password)
    except TypeError:
        # Encrypted, and no password; or a password, and nothing encrypted.
        if password is None:
            raise FormError(CONF_SECURITY, "key_password_missing") from None
        return _load_key(pem, None)
    except (ValueError, UnsupportedAlgorithm) as err:
        # Only the message tells a wrong password from a broken key.
        wrong = password is not None and "password" in str(err).lower()
        raise FormError(
            CONF_SECURITY, "key_password_wrong" if wrong else "invalid_client_key"
        ) from None


def _spki(holder: x509.Certificate | PrivateKeyTypes) -> bytes:
    return holder.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


def _load_certificates(error: str, pem: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise FormError(CONF_SECURITY, error) from None
