"""Words in topics and keys: how they are written in names, and which say nothing."""

from collections.abc import Mapping
from typing import Final

WRITTEN: Final[Mapping[str, str]] = {
    "ac": "AC", "ap": "AP", "aqi": "AQI", "bt": "Bluetooth", "ble": "BLE", "bssid": "BSSID",
    "co": "CO", "co2": "CO₂", "cpu": "CPU", "dc": "DC", "dhw": "DHW", "dtu": "DTU",
    "eco2": "eCO₂", "ev": "EV", "fer": "fertility", "fps": "FPS", "freq": "frequency", "gps": "GPS", "hum": "humidity",
    "humi": "humidity", "id": "ID", "ip": "IP", "led": "LED", "lqi": "LQI",
    "batt": "battery", "bat": "battery", "l1": "L1", "l2": "L2", "l3": "L3",
    "linkquality": "link quality", "lux": "illuminance", "kw": "kW", "kwh": "kWh", "mac": "MAC", "moi": "moisture", "mqtt": "MQTT",
    "pf": "power factor", "pm1": "PM1", "pm10": "PM10", "pm25": "PM2.5", "pv": "PV",
    "rh": "humidity", "rssi": "RSSI", "snr": "SNR", "soc": "state of charge",
    "ssid": "SSID", "temp": "temperature", "tempc": "temperature",
    "tempf": "temperature °F", "tvoc": "TVOC", "uv": "UV", "voc": "VOC",
    "volt": "voltage", "wifi": "Wi-Fi", "yieldday": "yield today",
    "yieldtotal": "yield total", "aenergy": "energy", "apower": "power",
}  # fmt: skip

VAGUE: Final = frozenset(
    {
        "actual", "available", "avg", "average", "count", "current", "day", "enabled",
        "factor", "forward", "get", "id", "level", "max", "min", "mode", "name", "now",
        "output", "percent", "reverse", "state", "status", "system", "t", "time", "today", "total",
        "user",
        "type", "unit", "v", "val", "value", "version", "yesterday", "signal",
    }
)  # fmt: skip
"""These need the word before them to be a name."""

STATE_LEAVES: Final = frozenset({"state", "status", "stat", "value", "get"})
"""Last levels of topics that carry the value of the level before."""

OBJECT_LEAVES: Final = STATE_LEAVES | {
    "attributes", "data", "info", "json", "sensor", "sensors", "telemetry", "values",
}  # fmt: skip
"""Last levels of topics that carry a device's JSON object."""

COMMAND_LEAVES: Final = frozenset({"set", "command", "cmnd", "cmd", "switch"})
"""Last levels of topics to which commands are sent."""

PLACES: Final = frozenset(
    {"home", "house", "haus", "mqtt", "sensors", "devices", "iot"}
)
"""First levels of topics that say nothing about a device."""

ON_OFF: Final = (
    ("ON", "OFF"), ("on", "off"), ("On", "Off"), ("true", "false"), ("True", "False"),
    ("TRUE", "FALSE"), ("yes", "no"), ("YES", "NO"), ("Yes", "No"),
)  # fmt: skip
"""Texts that mean one of two."""

AVAILABILITY_LEAVES: Final = frozenset(
    {
        "LWT",
        "lwt",
        "availability",
        "available",
        "connected",
        "connection",
        "online",
        "status",
    }
)
AVAILABILITY: Final = (
    ("online", "offline"), ("Online", "Offline"), ("ONLINE", "OFFLINE"),
    ("connected", "disconnected"), ("available", "unavailable"), ("up", "down"),
)  # fmt: skip
AVAILABILITY_FLAGS: Final = (("true", "false"), ("1", "0"), ("2", "0"))
"""Only where the topic itself is clear: not "status"."""

DIFFERENCES: Final = frozenset(
    {
        "adjustment", "calibration", "deadband", "delta", "diff", "difference",
        "gradient", "hysteresis", "offset", "rate", "slope", "tolerance", "trend",
    }
)  # fmt: skip
"""With these a key is not about what its unit measures: an offset is no temperature."""
