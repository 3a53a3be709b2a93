"""Raises repairs for what a person must do about a connection, and takes them back."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cryptography import x509

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later, async_track_time_interval
from homeassistant.util import dt as dt_util

from .broker.broker import Broker, ConnectionState
from .broker.errors import (
    Banned,
    BrokerError,
    CertificateRefused,
    CertificateUnusable,
    ClientCertificateRefused,
    ClientIdRejected,
    HttpBadRequest,
    HttpNotFound,
    HttpRedirect,
    HttpUpgradeRequired,
    InvalidHandshake,
    InvalidUrl,
    NotHttp,
    NotMqtt,
    ProtocolUnsupported,
    ProxyUnauthorized,
    ProxyUnsupported,
    Renewed,
    ServerMoved,
    TakenOver,
    TemplateFailed,
    TlsExpected,
    TlsNotSpoken,
    WrongSubprotocol,
)
from .connection import broker_error
from .const import (
    CONF_CLIENT_CERTIFICATE,
    CONF_SECURITY,
    CONF_URL,
    CONF_VERIFY_SSL,
    DOMAIN,
)


class Issue(StrEnum):
    """What a person may have to do something about."""

    VERIFICATION_OFF = "verification_off"
    CERTIFICATE_ENDS = "certificate_ends"
    CLIENT_CERTIFICATE_ENDS = "client_certificate_ends"
    CLIENT_ID_IN_USE = "client_id_in_use"
    CONNECTION_UNSTABLE = "connection_unstable"
    CANNOT_RECONNECT = "cannot_reconnect"
    SUBSCRIPTION_REFUSED = "subscription_refused"


FIXABLE: Final = frozenset(
    {
        Issue.VERIFICATION_OFF,
        Issue.CLIENT_CERTIFICATE_ENDS,
        Issue.CLIENT_ID_IN_USE,
        Issue.CONNECTION_UNSTABLE,
        Issue.CANNOT_RECONNECT,
    }
)
"""What another configuration of the broker may cure."""

_WARNINGS: Final = frozenset(
    {
        Issue.VERIFICATION_OFF,
        Issue.CERTIFICATE_ENDS,
        Issue.CLIENT_CERTIFICATE_ENDS,
        Issue.CONNECTION_UNSTABLE,
    }
)

# Seen on a connection, so nobody knows of them when it is over.
_OF_A_CONNECTION: Final = (
    Issue.CLIENT_ID_IN_USE,
    Issue.CONNECTION_UNSTABLE,
    Issue.CANNOT_RECONNECT,
)

_SOON: Final = timedelta(days=14)
_LOOK_EVERY: Final = timedelta(hours=12)

_WINDOW: Final = timedelta(minutes=10)
_LOSSES: Final = {Issue.CLIENT_ID_IN_USE: 3, Issue.CONNECTION_UNSTABLE: 5}
"""How often a connection is lost within ten minutes before anybody hears of it."""

_ATTEMPTS: Final = 5
"""Some 30 seconds: a web server that is being set up answers strangely for a while."""

_PERSON_MUST_ACT: Final = (
    Banned,
    CertificateRefused,
    CertificateUnusable,
    ClientCertificateRefused,
    ClientIdRejected,
    HttpBadRequest,
    HttpNotFound,
    HttpRedirect,
    HttpUpgradeRequired,
    InvalidHandshake,
    InvalidUrl,
    NotHttp,
    NotMqtt,
    ProtocolUnsupported,
    ProxyUnauthorized,
    ProxyUnsupported,
    ServerMoved,
    TemplateFailed,
    TlsExpected,
    TlsNotSpoken,
    WrongSubprotocol,
)
"""Waiting does not help. Credentials are not among them: they have their own flow."""

_TOPICS_SHOWN: Final = 10


def issue_id(issue: Issue, entry_id: str) -> str:
    """Return the id of an entry's issue."""
    return f"{issue}_{entry_id}"


@callback
def _raise(
    hass: HomeAssistant, entry: ConfigEntry[Any], issue: Issue, **placeholders: str
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(issue, entry.entry_id),
        data={"entry_id": entry.entry_id},
        is_fixable=issue in FIXABLE,
        severity=ir.IssueSeverity.WARNING
        if issue in _WARNINGS
        else ir.IssueSeverity.ERROR,
        translation_key=issue,
        translation_placeholders={"name": entry.title, **placeholders},
    )


@callback
def _clear(hass: HomeAssistant, entry_id: str, issue: Issue) -> None:
    ir.async_delete_issue(hass, DOMAIN, issue_id(issue, entry_id))


@callback
def async_clear_issues(hass: HomeAssistant, entry_id: str) -> None:
    """Take back all that an entry has raised: it is not used any more."""
    for issue in Issue:
        _clear(hass, entry_id, issue)


# --- what an entry says itself ---------------------------------------------------------


@callback
def async_check_configuration(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Raise or take back what depends on the configuration alone."""
    security = entry.data.get(CONF_SECURITY, {})
    encrypted = entry.data[CONF_URL].lower().startswith("wss:")
    if encrypted and not security.get(CONF_VERIFY_SSL, True):
        _raise(hass, entry, Issue.VERIFICATION_OFF)
    else:
        _clear(hass, entry.entry_id, Issue.VERIFICATION_OFF)
    ends = _client_certificate_ends(security) if encrypted else None
    if ends is not None and _is_soon(ends):
        _raise(hass, entry, Issue.CLIENT_CERTIFICATE_ENDS, date=_date(ends))
    else:
        _clear(hass, entry.entry_id, Issue.CLIENT_CERTIFICATE_ENDS)


def _client_certificate_ends(security: Mapping[str, Any]) -> datetime | None:
    try:
        certificates = x509.load_pem_x509_certificates(
            security.get(CONF_CLIENT_CERTIFICATE, "").encode()
        )
    except ValueError:
        return None
    return certificates[0].not_valid_after_utc


def _is_soon(end: datetime) -> bool:
    return end - dt_util.utcnow() < _SOON


def _date(moment: datetime) -> str:
    """Return a date as everybody reads it."""
    return dt_util.as_local(moment).date().isoformat()


# --- what a connection goes through ----------------------------------------------------


class ConnectionIssues:
    """Raises what a loaded entry's connection shows, and takes it back when it is over."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry[Any], broker: Broker
    ) -> None:
        """Watch a broker that is connected."""
        self._hass = hass
        self._entry = entry
        self._broker = broker
        self._connected = True
        self._failures = 0
        self._losses = {
            issue: deque[float](maxlen=count) for issue, count in _LOSSES.items()
        }
        self._calm: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Begin to watch; return how to stop."""
        stops: list[Callable[[], None]] = [
            self._broker.listen(self._changed),
            self._broker.listen_refused(self._refused_changed),
            async_track_time_interval(
                self._hass, self._look, _LOOK_EVERY, cancel_on_shutdown=True
            ),
        ]
        self._check_certificate()

        @callback
        def stop() -> None:
            for each in stops:
                each()
            self._stop_waiting()
            for issue in _OF_A_CONNECTION:
                self._clear(issue)

        return stop

    def _raise(self, issue: Issue, **placeholders: str) -> None:
        _raise(self._hass, self._entry, issue, **placeholders)

    def _clear(self, issue: Issue) -> None:
        _clear(self._hass, self._entry.entry_id, issue)

    # --- state ---

    @callback
    def _changed(self) -> None:
        broker = self._broker
        if broker.connected:
            self._connected = True
            self._failures = 0
            self._clear(Issue.CANNOT_RECONNECT)
            self._check_certificate()
            self._stop_waiting()
            self._calm = async_call_later(
                self._hass, _WINDOW, HassJob(self._lasted, cancel_on_shutdown=True)
            )
        elif broker.state is ConnectionState.DISCONNECTED and broker.last_error:
            if self._connected:
                self._connected = False
                self._stop_waiting()
                self._lost(broker.last_error)
            else:
                self._failed(broker.last_error)

    def _stop_waiting(self) -> None:
        if self._calm is not None:
            self._calm()
            self._calm = None

    @callback
    def _lasted(self, _now: datetime) -> None:
        """Believe in a connection that was there for ten minutes."""
        self._calm = None
        for issue in _LOSSES:
            self._clear(issue)

    def _lost(self, error: BrokerError) -> None:
        if isinstance(error, Renewed):
            return
        issue = (
            Issue.CLIENT_ID_IN_USE
            if isinstance(error, TakenOver)
            else Issue.CONNECTION_UNSTABLE
        )
        now = self._hass.loop.time()
        times = self._losses[issue]
        times.append(now)
        window = _WINDOW.total_seconds()
        if len(times) == times.maxlen and now - times[0] <= window:
            self._raise(
                issue,
                count=str(len(times)),
                minutes=f"{window / 60:g}",
                reason=str(broker_error(error)),
            )

    def _failed(self, error: BrokerError) -> None:
        if not isinstance(error, _PERSON_MUST_ACT):
            self._failures = 0
            self._clear(Issue.CANNOT_RECONNECT)
            return
        self._failures += 1
        if self._failures >= _ATTEMPTS:
            self._raise(Issue.CANNOT_RECONNECT, reason=str(broker_error(error)))

    # --- certificates ---

    async def _look(self, _now: datetime) -> None:
        async_check_configuration(self._hass, self._entry)
        if self._certificate_ends_soon() is not None:
            # It may have been renewed since this connection began.
            await self._broker.look_at_certificate()
        if self._broker.state is not ConnectionState.STOPPED:
            self._check_certificate()

    def _certificate_ends_soon(self) -> datetime | None:
        expiry = self._broker.certificate_expiry
        if expiry is None:
            return None
        end = datetime.fromtimestamp(expiry, UTC)
        return end if _is_soon(end) else None

    @callback
    def _check_certificate(self) -> None:
        end = self._certificate_ends_soon()
        if end is None:
            self._clear(Issue.CERTIFICATE_ENDS)
        else:
            self._raise(
                Issue.CERTIFICATE_ENDS,
                host=self._broker.settings.address.host,
                date=_date(end),
            )

    # --- subscriptions ---

    @callback
    def _refused_changed(self) -> None:
        refused = self._broker.refused
        if not refused:
            self._clear(Issue.SUBSCRIPTION_REFUSED)
            return
        lines = [
            # Strangers choose topics: nothing in them may become markup.
            f"- `{topic.replace('`', "'")}`: {refusal.details['reason']}"
            for topic, refusal in list(refused.items())[:_TOPICS_SHOWN]
        ]
        if len(refused) > _TOPICS_SHOWN:
            lines.append("- …")
        self._raise(
            Issue.SUBSCRIPTION_REFUSED,
            count=str(len(refused)),
            topics="\n".join(lines),
        )
