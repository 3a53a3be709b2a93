"""TLS contexts from what stands in an entry."""

from collections.abc import Mapping
from pathlib import Path
import ssl
import tempfile
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util.ssl import get_default_context, get_default_no_verify_context

from .broker.errors import CertificateUnusable
from .const import (
    CONF_CA_CERTIFICATE,
    CONF_CLIENT_CERTIFICATE,
    CONF_CLIENT_KEY,
    CONF_CLIENT_KEY_PASSWORD,
    CONF_VERIFY_SSL,
)


async def async_ssl_context(
    hass: HomeAssistant, security: Mapping[str, Any]
) -> ssl.SSLContext:
    """Return Home Assistant's own context unless the entry has certificates.

    Raises CertificateUnusable.
    """
    if security.get(CONF_CA_CERTIFICATE) or security.get(CONF_CLIENT_CERTIFICATE):
        return await hass.async_add_executor_job(own_ssl_context, security)
    if security.get(CONF_VERIFY_SSL, True):
        return get_default_context()
    return get_default_no_verify_context()


def own_ssl_context(security: Mapping[str, Any]) -> ssl.SSLContext:
    """Return a context with the entry's certificates. Raises CertificateUnusable.

    Reads and writes files: not in the event loop.
    """
    try:
        # A private authority's certificate takes the place of the public ones. Tools
        # write around it whose it is, in letters that this function does not take.
        authority = security.get(CONF_CA_CERTIFICATE, "").encode("ascii", "ignore")
        context = ssl.create_default_context(cadata=authority.decode())
        if not security.get(CONF_VERIFY_SSL, True):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate := security.get(CONF_CLIENT_CERTIFICATE):
            # OpenSSL reads a certificate's chain from a file only. mkstemp makes it
            # readable for this user alone.
            with tempfile.NamedTemporaryFile("w", suffix=".pem") as chain:
                chain.write(f"{certificate}\n{security.get(CONF_CLIENT_KEY, '')}")
                chain.flush()
                context.load_cert_chain(
                    Path(chain.name),
                    password=security.get(CONF_CLIENT_KEY_PASSWORD, ""),
                )
    except (ssl.SSLError, ValueError, OSError) as err:
        raise CertificateUnusable(reason=getattr(err, "reason", None) or err) from err
    return context
