"""Constants of MQTT over WebSocket: the names that entries, flows, actions and automations share."""

from typing import Final

DOMAIN: Final = "mqtt_websocket"

# The broker's form; also the keys of the entry's data.
CONF_URL: Final = "url"
CONF_USERNAME: Final = "username"
CONF_PASSWORD: Final = "password"
CONF_DISCOVERY: Final = "discovery"

CONF_SECURITY: Final = "security"
CONF_VERIFY_SSL: Final = "verify_ssl"
CONF_CA_CERTIFICATE: Final = "ca_certificate"
CONF_CLIENT_CERTIFICATE: Final = "client_certificate"
CONF_CLIENT_KEY: Final = "client_key"
CONF_CLIENT_KEY_PASSWORD: Final = "client_key_password"

CONF_CONNECTION: Final = "connection"
CONF_CLIENT_ID: Final = "client_id"
CONF_PROTOCOL: Final = "protocol"
CONF_KEEPALIVE: Final = "keepalive"
CONF_HEADERS: Final = "headers"
CONF_PROXY: Final = "proxy"
CONF_PING: Final = "ping"
CONF_SESSION_EXPIRY: Final = "session_expiry"

PROTOCOL_AUTO: Final = "auto"
PROTOCOL_5: Final = "5"
PROTOCOL_311: Final = "3.1.1"

DEFAULT_KEEPALIVE: Final = 60

# Options of an entry.
CONF_DISCOVERY_PREFIX: Final = "discovery_prefix"
CONF_BIRTH: Final = "birth"
CONF_WILL: Final = "will"
CONF_LIMITS: Final = "limits"
CONF_CONNECT_TIMEOUT: Final = "connect_timeout"
CONF_MAX_FRAME: Final = "max_frame"
DEFAULT_DISCOVERY_PREFIX: Final = "homeassistant"
DEFAULT_CONNECT_TIMEOUT: Final = 10
"""In seconds."""
DEFAULT_MAX_FRAME: Final = 16
"""In MiB."""

SUBENTRY_DEVICE: Final = "device"
SUBENTRY_PUBLISH_RULE: Final = "publish_rule"

ATTR_CONFIG_ENTRY_ID: Final = "config_entry_id"
ATTR_TOPIC: Final = "topic"

EVENT_COMMAND: Final = "mqtt_websocket_command"
"""A command for a published entity is about to be carried out."""
