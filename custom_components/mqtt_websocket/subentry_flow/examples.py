"""Examples in the texts of forms: braces can't stand there, being placeholders."""

from typing import Final


def _read(key: str) -> str:
    return f"{{{{ value_json.{key} }}}}"


def _write(key: str) -> str:
    return f'{{"{key}": {{{{ value }}}}}}'


def _write_text(key: str) -> str:
    return f'{{"{key}": "{{{{ value }}}}"}}'


_READ: Final = {
    "action": "action", "blue": "color.b", "brightness": "brightness",
    "color_mode": "color_mode", "color_temp": "color_temp", "direction": "direction",
    "effect": "effect", "fan_mode": "fan_mode", "green": "color.g",
    "high": "target_high", "humidity": "humidity", "hvac_mode": "mode",
    "installed": "installed", "latest": "latest", "light_state": "state",
    "low": "target_low", "mode": "mode", "position": "position", "preset": "preset",
    "red": "color.r", "speed": "speed", "swing": "swing",
    "swing_horizontal": "swing_horizontal", "target": "target",
    "template": "temperature", "tilt": "tilt",
}  # fmt: skip
_WRITE: Final = {
    "brightness": "brightness", "color_temp": "color_temp", "high": "target_high",
    "humidity": "humidity", "low": "target_low", "speed": "speed", "target": "target",
}  # fmt: skip
_WRITE_TEXT: Final = {
    "direction": "direction", "effect": "effect", "fan_mode": "fan_mode",
    "hvac_mode": "mode", "mode": "mode", "preset": "preset", "swing": "swing",
    "swing_horizontal": "swing_horizontal",
}  # fmt: skip


def _joined(before: str, *keys: str) -> str:
    """Return a template that puts values with commas between."""
    return ",".join(f"{{{{ {before}{key} }}}}" for key in keys)


EXAMPLES: Final[dict[str, str]] = {
    **{f"example_{name}": _read(key) for name, key in _READ.items()},
    **{f"example_{name}_command": _write(key) for name, key in _WRITE.items()},
    **{
        f"example_{name}_command": _write_text(key) for name, key in _WRITE_TEXT.items()
    },
    "example_attributes": "{{ value_json.details | tojson }}",
    "example_availability": "{{ 'online' if value_json.battery > 5 else 'offline' }}",
    "example_brightness_json": '{"brightness": 128}',
    "example_command": '{"power": "{{ value }}"}',
    "example_command_off": '{"state": "off"}',
    "example_command_on": '{"state": "on"{% if brightness is defined %}, '
    '"level": {{ brightness }}{% endif %}}',
    "example_device_url": "http://192.168.1.23/",
    "example_event": '{"event_type": "{{ value_json.action }}"}',
    "example_hs": _joined("value_json.color.", "h", "s"),
    "example_hs_command": '{"h": {{ hue }}, "s": {{ sat }}}',
    "example_last_reset": "{{ value_json.reset_at }}",
    "example_light_json": '{"state": "ON", "brightness": 128}',
    "example_lock_command": '{"command": "{{ value }}", "code": "{{ code }}"}',
    "example_payload": "homeassistant/sensor/kitchen/config "
    '{"name": "Temperature", "stat_t": "kitchen/temperature"}',
    "example_picture": "https://example.com/washer.png",
    "example_release": "https://example.com/releases/1.4.2",
    "example_rgb": _joined("value_json.color.", "r", "g", "b"),
    "example_rgb_command": '{"r": {{ red }}, "g": {{ green }}, "b": {{ blue }}}',
    "example_rgbw": _joined("value_json.color.", "r", "g", "b", "w"),
    "example_rgbww": _joined("value_json.color.", "r", "g", "b", "c", "w"),
    "example_set_position": '{"position": {{ position }}}',
    "example_state_on_off": "{{ 'on' if value_json.power else 'off' }}",
    "example_tilt_command": '{"tilt": {{ tilt_position }}}',
    "example_xy": _joined("value_json.color.", "x", "y"),
    "example_xy_command": '{"x": {{ x }}, "y": {{ y }}}',
    "example_yaml": "mqtt:\n  sensor:\n    - name: Temperature\n"
    "      state_topic: kitchen/temperature\n      unit_of_measurement: °C",
}
"""By the name of the placeholder."""
