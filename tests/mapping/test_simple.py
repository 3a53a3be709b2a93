"""Templates rendered without Jinja give what Jinja gives: text, failure and log."""

from collections.abc import Callable
from contextlib import suppress
import json
import re
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, event, example, given, settings, strategies as st
import pytest

from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template
from homeassistant.util.json import json_loads

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.mapping import payload as payload_module
from custom_components.mqtt_websocket.mapping.simple import simple_template, translator
from custom_components.mqtt_websocket.mapping.template import ValueTemplate

from .reference import assert_same

# --- as real projects write them ---------------------------------------------------

ZIGBEE2MQTT = (
    b'{"action":"single","battery":87.5,"brightness":254,"color_mode":"xy","color":'
    b'{"hue":12,"saturation":80,"x":0.3131,"y":0.3233},"last_seen":1761000000000,'
    b'"linkquality":120,"occupancy":false,"contact":true,"power":0,"energy":12.34,'
    b'"running_state":"heat","state":"ON","temperature":21.40,"update":{"installed_version":'
    b'16777241,"latest_version":16777249,"state":"available"},"voltage":3000,'
    b'"humidity":null,"lock_state":"not_fully_locked","permit_join":false,'
    b'"system_mode":"off","position":55}'
)
TASMOTA = (
    b'{"Time":"2026-10-20T10:00:00","AM2301":{"Temperature":18.3,"Humidity":"61.2"},'
    b'"ENERGY":{"Total":3.185,"Power":12,"Factor":0.97,"Period":[1,2]},'
    b'"Wifi":{"RSSI":"86","SSId":"home"},"POWER1":"ON","POWER":"OFF",'
    b'"StatusSNS":{"ENERGY":{"Power":17}},"UptimeSec":86461,"TempUnit":"C",'
    b'"ANALOG":{"A0":512}}'
)
SHELLY = (
    b'{"id":0,"source":"init","output":true,"apower":8.9,"voltage":237.5,'
    b'"aenergy":{"total":6.532,"by_minute":[45.199,47.141,88.397],"minute_ts":1626935779},'
    b'"temperature":{"tC":23.5,"tF":74.4},"params":{"ts":1.5,"switch:0":'
    b'{"apower":0,"output":false}},"method":"NotifyStatus"}'
)
ESPHOME = (
    b'{"detected":"yes","color":{"r":255,"g":0,"b":0},"state":"OFF","brightness":0}'
)
OPENMQTTGATEWAY = b'{"id":"AA:BB","name":"LYWSD03MMC","rssi":-71,"tempc":19.2,"hum":55}'
ZWAVE_JS = b'{"time":1626935779000,"value":1}'
PLAIN = b" 21.50\n"
LONG = b'{"x":"' + b"a" * 60_000 + b'"}'

REAL: list[tuple[bytes, str]] = [
    (ZIGBEE2MQTT, "{{ value_json.temperature }}"),
    (ZIGBEE2MQTT, "{{value_json.linkquality}}"),
    (ZIGBEE2MQTT, "{{ value_json['linkquality'] }}"),
    (ZIGBEE2MQTT, '{{ value_json["update"]["installed_version"] }}'),
    (ZIGBEE2MQTT, "{{ value_json.update.state }}"),
    (ZIGBEE2MQTT, "{{ value_json['update']['state'] == 'updating' }}"),
    (ZIGBEE2MQTT, "{{ value_json.humidity }}"),
    (ZIGBEE2MQTT, "{{ value_json.occupancy }}"),
    (ZIGBEE2MQTT, "{{ value_json.missing }}"),
    (ZIGBEE2MQTT, "{{ value_json.missing.deeper }}"),
    (ZIGBEE2MQTT, "{{ value_json.battery | round(0) }}"),
    (ZIGBEE2MQTT, "{{ value_json.battery | int }}"),
    (ZIGBEE2MQTT, "{{ value_json.humidity | float }}"),
    (ZIGBEE2MQTT, "{{ value_json.humidity | float(0) }}"),
    (ZIGBEE2MQTT, "{{ value_json.humidity | int(default=-1) }}"),
    (ZIGBEE2MQTT, "{{ value_json.voltage / 1000 }}"),
    (ZIGBEE2MQTT, "{{ value_json.voltage * 0.001 }}"),
    (ZIGBEE2MQTT, "{{ (value_json.energy * 1000) | round | int }}"),
    (ZIGBEE2MQTT, "{{ (value_json.brightness / 254 * 100) | round(1) }}"),
    (ZIGBEE2MQTT, "{{ 100 - value_json.position }}"),
    (ZIGBEE2MQTT, "{{ value_json.permit_join | lower }}"),
    (ZIGBEE2MQTT, "{{ value_json.color.x }},{{ value_json.color.y }}"),
    (ZIGBEE2MQTT, "{{ value_json.color }}"),
    (ZIGBEE2MQTT, "{{ 'ON' if value_json.contact else 'OFF' }}"),
    (ZIGBEE2MQTT, "{{ 'ON' if value_json.state == 'ON' else 'OFF' }}"),
    (ZIGBEE2MQTT, "{{ value_json.action if value_json.action is defined else '' }}"),
    (ZIGBEE2MQTT, "{{ value_json.x if value_json.x is defined else '' }}"),
    (ZIGBEE2MQTT, "{{ value_json.x if value_json.x is defined }}"),
    (ZIGBEE2MQTT, "{{ value_json.missing | default('unknown') }}"),
    (ZIGBEE2MQTT, "{{ value_json.missing | default(0) | float }}"),
    (ZIGBEE2MQTT, "{{ value_json.humidity | default('none', true) }}"),
    (ZIGBEE2MQTT, "{{ value_json.humidity | default(value_json.power, true) }}"),
    (ZIGBEE2MQTT, "{{ (value_json.last_seen / 1000) | int }}"),
    (
        ZIGBEE2MQTT,
        "{% if value_json.action is defined %}{{ value_json.action }}{% endif %}",
    ),
    (
        ZIGBEE2MQTT,
        "{%- if value_json.missing is defined -%} {{ value_json.missing }} {%- endif -%}",
    ),
    (
        ZIGBEE2MQTT,
        "{% if 'state' in value_json and value_json.state == 'ON' %} open "
        "{% elif value_json.state == 'OFF' %} closed {% else %} stopped {% endif %}",
    ),
    (
        ZIGBEE2MQTT,
        "{% set values = {None:None,'idle':'idle','heat':'heating','cool':'cooling'} %}"
        "{{ values[value_json.running_state] }}",
    ),
    (ZIGBEE2MQTT, "{{ value_json.system_mode in ['heat', 'auto'] }}"),
    (ZIGBEE2MQTT, "{{ value_json.lock_state not in ('locked', 'unlocked') }}"),
    (ZIGBEE2MQTT, "{{ not value_json.contact }}"),
    (ZIGBEE2MQTT, "{{ iif(value_json.occupancy, 'ON', 'OFF') }}"),
    (ZIGBEE2MQTT, "{{ value_json.occupancy | iif('ON', 'OFF') }}"),
    (ZIGBEE2MQTT, "{{ value_json.get('battery', 0) }}"),
    (ZIGBEE2MQTT, "{{ value_json.get('missing', 'none') }}"),
    (ZIGBEE2MQTT, "{{ value_json.humidity is none }}"),
    (ZIGBEE2MQTT, "{{ value_json.color is mapping and value_json.color.x > 0.3 }}"),
    (ZIGBEE2MQTT, "{{ value_json.state ~ ' at ' ~ value_json.temperature }}"),
    (ZIGBEE2MQTT, "{{ value_json | tojson }}"),
    (ZIGBEE2MQTT, "{{ value_json }}"),
    (TASMOTA, "{{ value_json.POWER1 }}"),
    (TASMOTA, "{{ value_json['AM2301'].Temperature }}"),
    (TASMOTA, "{{ value_json.AM2301.Humidity | float | round(1) }}"),
    (TASMOTA, "{{ value_json.ENERGY.Period[0] }}"),
    (TASMOTA, "{{ value_json.ENERGY.Period[-1] }}"),
    (TASMOTA, "{{ value_json.ENERGY.Period.0 }}"),
    (TASMOTA, "{{ value_json.ENERGY.Period[2] }}"),
    (TASMOTA, "{{ value_json['StatusSNS']['ENERGY']['Power'] }}"),
    (TASMOTA, "{{ (value_json.Wifi.RSSI | int) / 2 - 100 }}"),
    (TASMOTA, "{{ value_json.Wifi.RSSI }} %"),
    (TASMOTA, "{{ (value_json.ANALOG.A0 / 1024 * 100) | round(2) }}"),
    (TASMOTA, "{{ (value_json.UptimeSec // 3600) ~ ' h' }}"),
    (TASMOTA, "{{ value_json.Time[0:10] }}"),
    (TASMOTA, "{{ value_json.DS18B20.Temperature }}"),
    (SHELLY, "{{ value_json.params['switch:0'].output }}"),
    (SHELLY, "{{ value_json.output | lower }}"),
    (SHELLY, "{% if value_json.output %}ON{% else %}OFF{% endif %}"),
    (SHELLY, "{{ value_json.aenergy.total | float / 1000 }}"),
    (SHELLY, "{{ (value_json.aenergy.total | float(0) / 1000) | round(3) }}"),
    (SHELLY, "{{ value_json.aenergy.by_minute[0] | round(1) }}"),
    (SHELLY, "{{ value_json.temperature.tC }}"),
    (SHELLY, "{{ 'on' if value_json.params['switch:0'].output is true else 'off' }}"),
    (ESPHOME, "{{ value_json.detected == 'yes' }}"),
    (ESPHOME, "{{ value_json.color.r }}"),
    (ESPHOME, "{{ value_json.brightness or 'dark' }}"),
    (OPENMQTTGATEWAY, "{{ value_json.tempc | is_defined }}"),
    (OPENMQTTGATEWAY, "{{ value_json.batt | is_defined }}"),
    (
        OPENMQTTGATEWAY,
        "{% if value_json.get('rssi') -%}home{%- else -%}not_home{%- endif %}",
    ),
    (OPENMQTTGATEWAY, "{{ value_json.rssi | abs }}"),
    (OPENMQTTGATEWAY, "{{ value_json.name[:6] | upper }}"),
    (ZWAVE_JS, "{{ {0:'off',1:'heat'}[value_json.value] | default('off') }}"),
    (ZWAVE_JS, "{{ {0:'off'}[value_json.value] | default('off') }}"),
    (ZWAVE_JS, "{{ value_json.value | bitwise_and(1) }}"),
    (ZWAVE_JS, "{{ value_json.value == true }}"),
    (PLAIN, "{{ value }}"),
    (PLAIN, "{{value|float}}"),
    (PLAIN, "{{ value | float | round(1) }}"),
    (PLAIN, "{{ float(value) * 3.6 | round(2) }}"),
    (PLAIN, "{{ float(value|int(0)) * 99 + 1 }}"),
    (PLAIN, "{{ value | float / 60 / 1000 }}"),
    (PLAIN, "{{ value.split('.')[1] }}"),
    (PLAIN, "{{ value.strip() }}"),
    (PLAIN, "{{ value | trim }}"),
    (PLAIN, "{{ value_json }}"),
    (PLAIN, "{{ value_json | float(0) }}"),
    (PLAIN, "{{ value_json is defined }}"),
    (PLAIN, "{{ 'ON' if value | float > 20 else 'OFF' }}"),
    (b"online", "{{ 'ON' if value == 'online' else 'OFF' }}"),
    (b"online", "{{ value | upper }}"),
    (b"online", "{{ value_json.state }}"),
    (b"online", "{{ value_json.state | default('x') }}"),
    (b"online", "{{ value_json is defined }}"),
    (b"", "{{ value }}"),
    (b"", "{{ value_json.a }}"),
    (b"[1,2]", "{{ value_json[1] }}"),
    (b'"text"', "{{ value_json }}"),
    (b'"text"', "{{ value_json[0] }}"),
    (b'"text"', "{{ value_json.title }}"),
    (b"null", "{{ value_json.a }}"),
    (b"5", "{{ value_json.real }}"),
    (b"5", "{{ value_json.a | default('x') }}"),
]


async def test_real_templates(hass: HomeAssistant, subtests: pytest.Subtests) -> None:
    """Templates of real projects, with payloads of theirs and of others."""
    for payload, source in REAL:
        with subtests.test(source):
            assert_same(hass, source, payload)
            for other in (ZIGBEE2MQTT, TASMOTA, PLAIN, b"ON", b"[]", b"{}", b"\xff"):
                assert_same(hass, source, other)


def test_real_templates_are_simple(subtests: pytest.Subtests) -> None:
    """Nearly all of them need no Jinja."""
    for source in {source for _, source in REAL}:
        with subtests.test(source):
            # A function of Jinja's environment, a default that is no literal, and a
            # key that is the name of a dictionary's method.
            jinja = re.search(r"tojson|default\(value_json|\.update\.", source)
            assert (simple_template(source) is None) is (jinja is not None)


# --- traps -------------------------------------------------------------------------

SHADOWED = (
    b'{"items":1,"keys":2,"values":[3],"get":4,"copy":{"update":5},"pop":"6",'
    b'"__class__":7,"mro":8,"a.b":9,"a b":10,"":11,"0":12,"None":13,"title":14,'
    b'"split":"a,b","float":"1"}'
)


TRAPS = [
    "{{ value_json.items }}",
    "{{ value_json.values }}",
    "{{ value_json.values[0] }}",
    "{{ value_json.values() }}",
    "{{ value_json.keys() | list }}",
    "{{ value_json.get }}",
    "{{ value_json.get('get') }}",
    "{{ value_json.get }}",
    "{{ value_json.copy.update }}",
    "{{ value_json['items'] }}",
    "{{ value_json['values'][0] }}",
    "{{ value_json['update'] }}",
    "{{ value_json['update'] is defined }}",
    "{{ value_json['update'] | default('x') }}",
    "{{ value_json[value] | default('x') }}",
    "{{ value_json['setdefault'] is defined }}",
    "{{ value_json.setdefault is defined }}",
    "{{ value_json['copy']['update'] }}",
    "{{ value_json.pop | int }}",
    "{{ value_json.pop }}",
    "{{ value_json.__class__ }}",
    "{{ value_json['__class__'] }}",
    "{{ value_json['__len__'] }}",
    "{{ value_json.mro }}",
    "{{ value_json.a.b }}",
    "{{ value_json['a.b'] }}",
    "{{ value_json['a b'] }}",
    "{{ value_json[''] }}",
    "{{ value_json[0] }}",
    "{{ value_json.0 }}",
    "{{ value_json['0'] }}",
    "{{ value_json[none] }}",
    "{{ value_json[true] }}",
    "{{ value_json[1.0] }}",
    "{{ value_json[[1]] }}",
    "{{ value_json[1:2] }}",
    "{{ value_json[::0] }}",
    "{{ value_json.title }}",
    "{{ value_json.split }}",
    "{{ value_json.split(',') }}",
    "{{ value_json['split'].split(',')[1] }}",
    "{{ value_json.split.split(',')[0] }}",
    "{{ value.title() }}",
    "{{ value.format() }}",
    "{{ value['title'] is defined }}",
    "{{ value['upper'] }}",
    "{{ value.a is defined }}",
    "{{ value is defined }}",
    "{{ value is undefined }}",
    "{{ value_json is undefined }}",
    "{{ missing }}",
    "{{ missing is defined }}",
    "{{ value_json.a is defined }}",
    "{{ value_json.a.b is defined }}",
    "{{ value_json.a | default }}",
    "{{ value_json.a | default(default_value=[1]) }}",
    "{{ value_json.a | default('x', boolean=true) }}",
    "{{ value_json.a | d('x', 1, 2) }}",
    "{{ value_json.a | default(wrong='x') }}",
    "{{ value_json.a == value_json.b }}",
    "{{ value_json.a or 'x' }}",
    "{{ not value_json.a }}",
    "{{ value_json.a in ['x'] }}",
    "{{ 'a.b' in value_json }}",
    "{{ 'a.b' not in value_json }}",
    "{{ 'x' in value_json.pop }}",
    "{{ value_json['get'] < 5 < 6 }}",
    "{{ 1 < 2 }}",
    "{{ value_json['get'] > 'x' }}",
    "{{ value_json['get'] / 0 }}",
    "{{ value_json['get'] % 0 }}",
    "{{ value_json['get'] ** 2 }}",
    "{{ -value_json['get'] }}",
    "{{ 'x' * 3 }}{{ value_json['get'] * 'x' }}",
    "{{ '%s!' % value_json['get'] }}",
    "{{ value_json['get'] | round(-1) }}",
    "{{ -0.4 | round }} {{ -0.04 | round(1) }} {{ 2.675 | round(2) }}",
    "{{ value_json['get'] | round(1, 'ceil') }}",
    "{{ value_json['get'] | round(method='floor') }}",
    "{{ 'x' | round(1, default='d') }}",
    "{{ 'x' | round }}",
    "{{ 'x' | float('d') }}",
    "{{ '1e400' | float }}",
    "{{ '1e400' | float | int }}",
    "{{ '1_000' | int }}",
    "{{ '0x1F' | int(0, 16) }}",
    "{{ value_json.float | float }}",
    "{{ float }}",
    "{{ float() }}",
    "{{ float(value_json.float, 1, 2) }}",
    "{{ float(value=1) }}",
    "{{ float(*[1]) }}",
    "{{ value | float(*[1]) }}",
    "{{ value | float(**{'default': 1}) }}",
    "{% set float = 1 %}{{ float }}",
    "{% set value = 1 %}{{ value }}",
    "{% set value_json = {'a': 1} %}{{ value_json.a }}",
    "{% set x = value_json.missing.y %}1",
    "{% set x = 1 %}{% set x = 2 %}{{ x }}",
    "{{ x }}{% set x = 1 %}",
    "{% set x %}1{% endset %}{{ x }}",
    "{% set x, y = 1, 2 %}{{ x }}",
    "{% set x = {[1]: 2} %}1",
    "{% set x = {'items': 2} %}{{ x['items'] }}{{ x.items }}",
    "{% if true %}{% set x = 1 %}{% endif %}{{ x }}",
    "{% if value_json.missing %}1{% else %}2{% endif %}",
    "{% if value_json.missing.y %}1{% else %}2{% endif %}",
    "{% if value_json %}{% if value_json['get'] == 4 %}yes{% endif %}{% endif %}",
    "{% for x in value_json %}{{ x }}{% endfor %}",
    "{{ 'a' if false }}",
    "{{ ('a' if false) ~ 'b' }}",
    "{{ ('a' if false) | default('c') }}",
    "{{ [1, 'a', none] }}",
    "{{ {'a': [1]} }}",
    "{{ (1, 2) }}",
    "{{ (1, 2)[0] }}",
    "{{ 'abc'[1] }}",
    "{{ 'abc'.upper }}",
    "{{ 'abc'.upper() }}",
    "{{ 1.0 }} {{ 1e3 }} {{ 1e22 }} {{ 10000000000000000000000 }} {{ -1 }} {{ -1.50 }}",
    "{{ none }} {{ true }} {{ false }} {{ None }} {{ True }}",
    "{{ 5 }}",
    "5",
    "",
    " text \n",
    "{# only a comment #}",
    "{{ value_json['get'] }}{# a comment #}",
    "{{ ' a ' }}",
    " {{- ' a ' -}} ",
    "a\r\n{{ value_json['get'] }}\r\n",
    "  {{ value_json['get'] }}\n\n x \n",
    "{{ value_json['get'] -}}   x",
    "{{+ value_json['get'] +}}",
    "{% raw %}{{ value }}{% endraw %}",
    "{{ value | lower | upper | title | capitalize }}",
    "{{ value | length }}",
    "{{ value_json | length }}",
    "{{ value_json['values'] | length }}",
    "{{ value_json['values'] | first }}",
    "{{ value_json['values'] | last }}",
    "{{ value_json['values'] | string }}",
    "{{ value_json['values'] | upper }}",
    "{{ value_json['values'] | to_json }}",
    "{{ value_json['copy'] | to_json }}",
    "{{ value | from_json }}",
    "{{ (value | from_json)['get'] }}",
    "{{ value_json['get'] | multiply(2.5) | add(1) }}",
    "{{ value_json['pop'] | bool }}",
    "{{ value_json['get'] is number and value_json['pop'] is string }}",
    "{{ value_json['get'] is eq 4 }} {{ value_json['get'] is not ge(5) }}",
    "{{ value_json['get'] is in [4] }}",
    "{{ value_json['get'] is odd }}",
    "{{ value_json['pop'] is odd }}",
    "{{ value_json['values'] is sequence }}",
    "{{ value_json['get'] is divisibleby 2 }}",
    "{{ value_json['get'] | iif }}",
    "{{ value_json['x'] | iif('a', 'b', 'c') }}",
    "{{ none | iif('a', 'b', 'c') }}",
    "{{ value_json['get'] ~ none ~ [1] }}",
    "{{ entity_id }}",
    "{{ this }}",
    "{{ self }}",
    "{{ loop }}",
    "{% set loop = 1 %}{{ loop }}",
    "{% set self = 1 %}{{ self }}",
    "{{ value_json.a.b.c }}",
    "{{ " + "(" * 60 + "value" + ")" * 60 + " }}",
    "{{ value" + " ~ 'x'" * 300 + " }}",
    "{{ " + "not " * 90 + "value }}",
]


async def test_traps(hass: HomeAssistant, subtests: pytest.Subtests) -> None:
    """Where look-ups and Jinja could part, they don't."""
    payloads = (
        SHADOWED,
        b"update",
        b"{}",
        b"[1, [2]]",
        b'{"a": {"b": {}, "copy": 1}}',
        b"1e400",
        b'"a"',
        b"null",
        b"\xff",
        b"\xef\xbb\xbf{}",
    )
    for source in TRAPS:
        with subtests.test(source):
            for payload in payloads:
                assert_same(hass, source, payload)


async def test_deep_json(hass: HomeAssistant) -> None:
    """JSON that Home Assistant could not write again is none, for Jinja neither."""
    most = payload_module.MAX_DEPTH
    template = ValueTemplate(hass, "{{ value_json is defined }}")
    for levels, expected in ((most, "True"), (most + 1, "False"), (700, "False")):
        message = Message("t", b"[" * levels + b"]" * levels)
        assert template.render(message) == expected
    assert_same(hass, "{{ value_json[0] }}", b"[" * most + b"]" * most)


@pytest.mark.parametrize(
    "source",
    [
        "{{ value_json.a",
        "{{ value_json | nosuch }}",
        "{{ value_json is nosuch }}",
        "{% if value %}",
        "{% frobnicate %}",
        "{{ 9" + "9" * 5000 + " }}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    ],
)
def test_wrong_syntax_is_not_simple(source: str) -> None:
    """What Jinja refuses is left to it."""
    assert simple_template(source) is None


# --- any template of the grammar, any payload --------------------------------------

ODD_KEYS = ["items", "get", "update", "a b", "a.b", "0", "_x", "__class__"]
# Most of what a template asks for is there, and is what it seems: else nearly all
# would be left to Jinja, and this would compare Jinja with itself.
KEYS = ["n", "f", "s", "o", "l", "x", *ODD_KEYS]
NAMES = [key for key in KEYS if key.isidentifier()]

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1000, 1000),
    st.sampled_from([2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1, 0.1, -0.0, 1e22, 1e-7]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        ["", " ", "ON", "off", " 21.5 ", "1_0", "-0", "0x1F", "nan", "inf", "True", "é"]
    ),
    st.text(max_size=5),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    ),
    max_leaves=12,
)
NUMBERS = st.one_of(st.integers(-300, 300), st.floats(-1e6, 1e6), st.just(0))
TYPED = st.fixed_dictionaries(
    {
        "n": st.integers(-300, 300),
        "f": NUMBERS,
        "s": st.sampled_from(["ON", "OFF", "21.5", "a,b", " x "]),
        "o": st.fixed_dictionaries({"n": NUMBERS, "s": SCALARS}),
        "l": st.lists(NUMBERS, min_size=2, max_size=3),
    },
    optional={"x": SCALARS, "items": JSON, "a b": SCALARS, "_x": SCALARS},
)
OBJECTS = st.one_of(TYPED, st.dictionaries(st.sampled_from(KEYS), JSON, max_size=8))
AS_JSON = OBJECTS.map(lambda value: json.dumps(value, ensure_ascii=False).encode())
PAYLOADS = st.one_of(
    AS_JSON,
    AS_JSON,
    AS_JSON,
    JSON.map(lambda value: json.dumps(value).encode()),
    st.one_of(
        st.text(max_size=8).map(lambda value: value.encode(errors="replace")),
        st.binary(max_size=8),
    ),
)

LITERALS = st.sampled_from(
    [
        "0",
        "1",
        "10",
        "-1",
        "0.1",
        "2.5",
        "1e3",
        "true",
        "none",
        "''",
        "'ON'",
        "'n'",
        '"x y"',
    ]
)
STEPS = st.one_of(
    st.sampled_from(NAMES).map(lambda key: f".{key}"),
    st.sampled_from(KEYS).map(lambda key: f"['{key}']"),
    st.sampled_from(KEYS).map(lambda key: f'["{key}"]'),
    st.sampled_from(["[0]", "[1]", "[-1]", ".0", "[1:]", "[:2]"]),
)
PATHS = st.one_of(
    st.sampled_from(
        [
            "value_json.n", "value_json['n']", "value_json.f", "value_json.f",
            'value_json["s"]', "value_json.s", "value_json.o.n", "value_json['o'].s",
            "value_json.l[0]", "value_json.l[-1]", "value_json.l", "value_json.x",
            "value", "value_json",
        ]
    ),
    st.builds(
        lambda steps: f"value_json{''.join(steps)}", st.lists(STEPS, max_size=3)
    ),
)  # fmt: skip
FILTERS = st.sampled_from(
    [
        "float(0)", "int(0)", "round(1, default=0)", "default(0)",
        "float", "float(0)", "float(default='x')", "int", "int(0)", "int(-1)", "round",
        "round(1)", "round(2)", "round(0)", "round(-1)", "round(1, 'floor')",
        "round(1, default=0)", "default('x')", "default(0)", "default('x', true)", "d(none)",
        "upper", "lower", "title", "capitalize", "trim", "string", "length", "abs", "bool",
        "bool(false)", "is_defined", "is_number", "iif('y', 'n')", "iif('y', 'n', 'none')",
        "multiply(2)", "add(1.5)", "bitwise_and(1)", "to_json", "from_json", "ord",
        # Not simple: a template with these is Jinja's as a whole.
        "tojson", "first", "list", "replace('a', 'b')",
    ]
)  # fmt: skip
TESTS = st.sampled_from(
    ["defined", "not defined", "none", "not none", "number", "string", "mapping",
     "sequence", "true", "boolean", "eq(1)", "in ['ON', 1]", "odd", "integer"]
)  # fmt: skip
METHODS = st.sampled_from(
    [".get('n')", ".get('x', 0)", ".get('items', none)", ".split(',')", ".split(',')[0]",
     ".strip()", ".upper()", ".startswith('O')", ".replace('O', 'x')", ".find('N')"]
)  # fmt: skip


COMPARISONS = st.sampled_from(["==", "!=", "<", ">=", "in", "not in", "and", "or"])


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({})".format, inner),
        st.builds("{} | {}".format, inner, FILTERS),
        st.builds("({}) | {}".format, inner, FILTERS),
        st.builds(
            "({} | float(0) {} {})".format, inner, st.sampled_from("+-*/"), LITERALS
        ),
        st.builds("({} | float(0)) | round({})".format, inner, st.integers(-1, 3)),
        st.builds("'ON' if {} {} {} else 'OFF'".format, PATHS, COMPARISONS, LITERALS),
        st.builds("({}){}".format, inner, METHODS),
        st.builds("({}){}".format, inner, STEPS),
        st.builds(
            "{} {} {}".format,
            inner,
            st.sampled_from(["+", "-", "*", "/", "//", "%", "~"]),
            LITERALS,
        ),
        st.builds("{} {} {}".format, LITERALS, st.sampled_from("+-*/~"), inner),
        st.builds("({}) {} ({})".format, inner, st.sampled_from("+-/~"), inner),
        st.builds(
            "{} {} {}".format,
            inner,
            COMPARISONS,
            st.one_of(LITERALS, inner, st.just("['ON', 1, none]")),
        ),
        st.builds("not {}".format, inner),
        st.builds("{} is {}".format, inner, TESTS),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("{} if {} is defined else ''".format, inner, PATHS),
        st.builds("{} if {}".format, inner, inner),
        st.builds("float({})".format, inner),
        st.builds("int({}, 0)".format, inner),
        st.builds("iif({}, 'ON', 'OFF')".format, inner),
        st.builds("{{1: 'one', none: 3}}[{}]".format, inner),
        st.builds("{{1: 'one', 'ON': 2}}[{}] | default('?')".format, inner),
    )


USUAL = st.one_of(
    st.builds("{} | {}".format, PATHS, FILTERS),
    st.builds("{} | {} | {}".format, PATHS, FILTERS, FILTERS),
    st.builds("({} | float(0) {} {})".format, PATHS, st.sampled_from("+-*/"), LITERALS),
    st.builds("({} | float(0)) | round({})".format, PATHS, st.integers(-1, 3)),
    st.builds("'ON' if {} {} {} else 'OFF'".format, PATHS, COMPARISONS, LITERALS),
    st.builds("{} if {} is {} else 'x'".format, PATHS, PATHS, TESTS),
    st.builds("{} | default({})".format, PATHS, LITERALS),
    st.builds("{}{}".format, PATHS, METHODS),
)
EXPRESSIONS = st.one_of(
    USUAL,
    st.recursive(st.one_of(PATHS, USUAL, LITERALS), _compound, max_leaves=4),
)
WRITTEN = st.builds(
    "{}{}{}".format,
    st.sampled_from(["{{ ", "{{", "{{- "]),
    EXPRESSIONS,
    st.just(""),
).flatmap(
    lambda begun: st.sampled_from([f"{begun} }}}}", f"{begun}}}}}", f"{begun} -}}}}"])
)
TEXTS = st.sampled_from(["", " ", "x", " x\n", "\r\n", "é ", "{# c #}"])
BODIES = st.lists(st.one_of(WRITTEN, TEXTS), min_size=1, max_size=3).map("".join)
TEMPLATES = st.one_of(
    WRITTEN,
    WRITTEN,
    BODIES,
    st.builds("{{% if {} %}}{}{{% endif %}}".format, EXPRESSIONS, BODIES),
    st.builds(
        "{{%- if {} -%}}{}{{% elif {} %}}{}{{%- else %}}{}{{% endif -%}}".format,
        EXPRESSIONS,
        BODIES,
        EXPRESSIONS,
        BODIES,
        BODIES,
    ),
    st.builds(
        "{{% set m = {{'ON': 1, 'a': [2], 1: 'x'}} %}}{{{{ m[{}] }}}}".format,
        EXPRESSIONS,
    ),
)


PROPERTY = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@PROPERTY
@example(source="{{ value_json.x | replace('a', 'b') }}", payload=b"{}")
@example(source="{{ value_json.x | indent }}", payload=b"{}")
@example(source="{{ value_json.x | wordwrap(5) }}", payload=b"{}")
@example(source="{{ value_json.x | regex_findall('a') }}", payload=b"{}")
@example(source="{{ value_json.x ~ value_json.x }}", payload=LONG)
@example(source="{{ value_json.x + 'b' }}", payload=b'{"x":"a"}')
@example(source="{{ value_json.x.zfill(5) }}", payload=b'{"x":"a"}')
@example(source="{{ value_json.x.replace('a', 'bb') }}", payload=b'{"x":"a"}')
@example(source="{{ value_json.x.replace('a', 'bb') }}", payload=LONG)
@example(source="{{ value_json.x | replace('a', 'bb') }}", payload=LONG)
@given(source=TEMPLATES, payload=PAYLOADS)
def test_any_template(hass: HomeAssistant, source: str, payload: bytes) -> None:
    """Ours gives what core gives, and Home Assistant's templates log the same."""
    assert_same(hass, source, payload)


NUMBER_PATHS = st.sampled_from(
    [
        "value_json.n", "value_json['n']", "value_json.f", "value_json.o.n",
        "value_json['o']['n']", "value_json.l[0]", "value_json.l[-1]", "value_json.l.1",
    ]
)  # fmt: skip
NUMBER_FILTERS = st.sampled_from(
    ["float", "float(0)", "int", "int(0)", "round", "round(1)", "round(2)", "round(0)",
     "round(-1)", "round(1, 'floor')", "round(3, default=0)", "abs", "multiply(0.1)",
     "add(1)", "string", "is_number", "default(1)", "is_defined", "bool(true)",
     "iif('y', 'n')", "bitwise_and(3)"]
)  # fmt: skip
NUMERIC = st.recursive(
    NUMBER_PATHS,
    lambda inner: st.one_of(
        st.builds("({} | {})".format, inner, NUMBER_FILTERS),
        st.builds("({} | float(0)) | round({})".format, inner, st.integers(-1, 3)),
        st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from("+-*/%"),
            st.sampled_from(["10", "0.1", "1000", "-3", "1.8"]),
        ),
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), NUMBER_PATHS),
    ),
    max_leaves=4,
)
OTHER = st.sampled_from(
    ["value_json.s", "value_json.o.s", "value_json.s | lower", "value_json.s.split(',')[0]",
     "value_json.x | default('none')", "value_json.x if value_json.x is defined else ''",
     "value_json.x if value_json.x is defined", "value_json.get('x')", "value_json['a b'] | d",
     "value_json.s | upper | trim", "value_json.x is defined", "value_json.s ~ value_json.n",
     "{'ON': 'on', 'OFF': 'off'}[value_json.s] | default('?')", "value_json.s in ['ON', '']",
     "value_json.l | length", "value_json.o.s is none", "value_json.s == 'ON'", "value",
     "value_json is defined", "value_json.s if value_json.n else value_json.f"]
)  # fmt: skip
CONDITIONS = st.one_of(
    st.builds(
        "{} {} {}".format,
        NUMERIC,
        st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
        st.sampled_from(["0", "10", "value_json.n"]),
    ),
    st.sampled_from(
        ["value_json.x is defined", "value_json.x is not defined and value_json.n",
         "value_json.s == 'ON'", "not value_json.o.s", "'x' in value_json",
         "value_json.s in ['ON', 'x'] or value_json.f > 3"]
    ),
)  # fmt: skip
USUAL_TEMPLATES = st.one_of(
    st.builds("{{{{ {} }}}}".format, NUMERIC),
    st.builds("{{{{{}}}}}".format, OTHER),
    st.builds("{{{{ 'ON' if {} else 'OFF' }}}}".format, CONDITIONS),
    st.builds("{{{{ {} if {} else {} }}}}".format, NUMERIC, CONDITIONS, OTHER),
    st.builds(
        "{{% if {} %}} {{{{ {} }}}} {{%- else -%}} {{{{ {} }}}} x{{% endif %}}".format,
        CONDITIONS,
        OTHER,
        NUMERIC,
    ),
    st.builds("{{{{ {} }}}}, {{{{- {} }}}}!".format, NUMERIC, OTHER),
)


@PROPERTY
@given(source=USUAL_TEMPLATES, value=TYPED)
def test_usual_template(hass: HomeAssistant, source: str, value: object) -> None:
    """Templates that fit their payloads: these seldom need Jinja."""
    payload = json.dumps(value).encode()
    reader = simple_template(source)
    assert reader is not None
    with suppress(Exception):
        reader(Message("topic", payload))
        event("without Jinja")
    assert_same(hass, source, payload)


@PROPERTY
@given(path=PATHS, value=OBJECTS)
def test_any_path(hass: HomeAssistant, path: str, value: dict[str, Any]) -> None:
    """Paths, the commonest templates, into objects."""
    assert_same(hass, f"{{{{ {path} }}}}", json.dumps(value).encode())


# --- what it is for ----------------------------------------------------------------


async def test_without_jinja(hass: HomeAssistant) -> None:
    """A simple template neither renders nor compiles, and parses JSON once for all."""
    message = Message("t", ZIGBEE2MQTT)
    sources = ["{{ value_json.state }}", "{{ value_json.color.x }}", "{{ value }}"]
    templates = [ValueTemplate(hass, source) for source in sources]
    with (
        patch.object(Template, "ensure_valid", side_effect=AssertionError),
        patch.object(Template, "async_render", side_effect=AssertionError),
        patch.object(payload_module, "json_loads", wraps=json_loads) as parse,
    ):
        values = [template.render(message) for template in templates]
    assert values == ["ON", "0.3131", ZIGBEE2MQTT.decode()]
    assert parse.call_count == 1


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf8", "U8"])
async def test_any_name_of_utf8(hass: HomeAssistant, encoding: str) -> None:
    """UTF-8 has many names, and is simple under each."""
    with patch.object(Template, "async_render", side_effect=AssertionError):
        template = ValueTemplate(hass, "{{ value_json.a }}", encoding=encoding)
        assert template.render(Message("t", b'{"a": "\xc3\xa9"}')) == "é"


async def test_variables_leave_it_to_jinja(hass: HomeAssistant) -> None:
    """Variables may hide the functions that a simple template uses."""
    template = ValueTemplate(hass, "{{ float(value) }}")
    message = Message("t", b"1")
    assert template.render(message) == "1.0"
    assert template.render(message, variables={"float": lambda value: "mine"}) == "mine"


def test_functions_that_want_jinja(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that asks for Jinja's context, or is gone, is not called without."""
    monkeypatch.setattr(translator, "FILTERS", frozenset({"tojson", "gone", "float"}))
    assert simple_template("{{ value | float | tojson }}") is None
    assert simple_template("{{ value | float | gone }}") is None
    assert simple_template("{{ value | float | float }}") is not None


def test_one_translation_per_text() -> None:
    """A thousand entities with the same template share one translation."""
    readers: set[Callable[[Message], str] | None] = {
        simple_template("{{ value_json.shared }}") for _ in range(3)
    }
    assert len(readers) == 1
