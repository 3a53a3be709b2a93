"""Value templates and command templates mean what core's do."""

import hashlib
import logging
import time
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest
import voluptuous as vol

from homeassistant.components.mqtt.models import (
    MqttCommandTemplate,
    convert_outgoing_mqtt_payload,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.template import MAX_TEMPLATE_OUTPUT, Template

from custom_components.mqtt_websocket.broker.message import Message
from custom_components.mqtt_websocket.mapping.payload import PayloadError
from custom_components.mqtt_websocket.mapping.schemas.common import (
    template as template_schema,
)
from custom_components.mqtt_websocket.mapping.template import (
    CommandTemplate,
    CommandTemplateError,
    Published,
    TemplateScope,
    ValueTemplate,
    ValueTemplateError,
    bytes_literal,
)

from .reference import DEFAULT, core_outcome, our_outcome


class _Meter(Entity):
    _attr_name = "Power"
    entity_id = "sensor.power"


@pytest.fixture
def entity(hass: HomeAssistant) -> Entity:
    """Return an entity that has a state."""
    hass.states.async_set("sensor.power", "12", {"unit_of_measurement": "W"})
    hass.states.async_set("sensor.other", "secret")
    meter = _Meter()
    meter.hass = hass
    return meter


# --- values ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "encoding", "expected"),
    [
        (b" 21.5\n", "utf-8", " 21.5\n"),
        (b'{"a": 1}', "utf-8", '{"a": 1}'),
        (b"\xb0", "latin-1", "°"),
        (b"\xff\x00", "", b"\xff\x00"),
    ],
)
async def test_without_template(
    hass: HomeAssistant, payload: bytes, encoding: str, expected: str | bytes
) -> None:
    """Without a template the value is the payload, not even stripped."""
    template = ValueTemplate(hass, None, encoding=encoding)
    assert template.source is None
    assert template.render(Message("t", payload)) == expected
    assert template.render(Message("t", payload), DEFAULT) == expected


@pytest.mark.parametrize(
    "source", [None, "{{ value }}", "{{ value_json.a }}", "5", "{{ 5 }}"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "klingon"])
async def test_not_decoded(
    hass: HomeAssistant, source: str | None, encoding: str
) -> None:
    """A payload that is not text in the encoding has no value, whatever the template."""
    template = ValueTemplate(hass, source, encoding=encoding)
    for default in ([], [DEFAULT]):
        with pytest.raises(PayloadError, match=encoding):
            template.render(Message("t", b"\xff"), *default)


@pytest.mark.parametrize("scope", TemplateScope)
@pytest.mark.parametrize(
    ("payload", "encoding"),
    [
        (b'{"a": "\xe9", "b": [1]}', "latin-1"),
        ('{"a": "é"}'.encode("utf-16"), "utf-16"),
        (b'{"a": "\xc3\xa9"}', ""),
        (b'{"a": "\xe9"}', ""),
        (b"\x01\x02", ""),
        (b"\x01\x02", "latin-1"),
    ],
)
@pytest.mark.parametrize(
    "source",
    [
        "{{ value }}",
        "{{ value_json.a }}",
        "{{ value_json.b }}",
        "{{ value | length }}",
        "{{ value_json is defined }}",
        "{{ value | unpack('>H') }}",
        "{{ value[0] }}",
    ],
)
async def test_encodings(
    hass: HomeAssistant,
    source: str,
    payload: bytes,
    encoding: str,
    scope: TemplateScope,
) -> None:
    """With the encoding "" the value is bytes; JSON is read in any encoding."""
    assert our_outcome(
        hass, source, Message("t", payload), encoding=encoding, scope=scope
    ) == core_outcome(hass, source, payload, encoding=encoding)


@pytest.mark.parametrize("scope", TemplateScope)
@pytest.mark.parametrize("default", [False, True])
@pytest.mark.parametrize(
    "source",
    [
        "{{ entity_id }}",
        "{{ name }}",
        "{{ this.state }} {{ this.attributes.unit_of_measurement }}",
        "{{ this.entity_id }} {{ this.name }} {{ this.domain }}",
        "{{ this._hass }}",
        "{{ this.hass }}",
        "{{ this }}",
        "{{ (this.state | float) + value_json.a }}",
        "{{ value_json.a if value_json.a is defined else this.state }}",
        "{{ value_json.b if value_json.b is defined else this.state }}",
        "{{ value_json.b.c }}",
        "{{ value_json.b | float }}",
        "{{ value_json.s | float }}",
        "{{ 1 / 0 }}",
        "{{ value_json.a / 0 }}",
        "{{ value_json.s * 1.5 }}",
        "{{ [1][5].x }}",
        "{{ value | nosuch }}",
        "{{ value",
        "{% for i in range(1000000000) %}{% endfor %}",
        "static",
        " static {} ",
    ],
)
async def test_entity(
    hass: HomeAssistant,
    entity: Entity,
    source: str,
    default: bool,
    scope: TemplateScope,
) -> None:
    """A template sees its entity; it fails where core's fails, and defaults there too."""
    payload = b'{"a": 1, "s": "x"}'
    assert our_outcome(
        hass,
        source,
        Message("t", payload),
        entity=entity,
        default=default,
        scope=scope,
    ) == core_outcome(hass, source, payload, entity=entity, default=default)


@pytest.mark.parametrize("payload", [b'{"a": 1}', b"no json"])
@pytest.mark.parametrize(
    "variables",
    [
        None,
        {},
        {"position": 5},
        {"value": "hidden", "value_json": {"a": "mine"}, "entity_id": "mine"},
    ],
)
@pytest.mark.parametrize(
    "source",
    ["{{ value_json.a }}", "{{ position }}{{ value }}", "{{ entity_id }} {{ name }}"],
)
async def test_variables(
    hass: HomeAssistant,
    entity: Entity,
    source: str,
    variables: dict[str, Any] | None,
    payload: bytes,
) -> None:
    """What the caller gives is hidden by the entity's and the payload's own."""
    given_variables = None if variables is None else dict(variables)
    assert our_outcome(
        hass, source, Message("t", payload), entity=entity, variables=given_variables
    ) == core_outcome(hass, source, payload, entity=entity, variables=variables)
    assert given_variables == variables


async def test_a_name_may_change(hass: HomeAssistant, entity: Entity) -> None:
    """An entity's variables are those of now."""
    template = ValueTemplate(hass, "{{ name }} {{ this.state }}", entity=entity)
    message = Message("t", b"")
    assert template.render(message) == "Power 12"
    entity._attr_name = "Energy"
    hass.states.async_set("sensor.power", "13")
    assert template.render(message) == "Energy 13"


ASKS_HOME_ASSISTANT = [
    "{{ states('sensor.other') }}",
    "{{ 'sensor.other' | states }}",
    "{{ value | states }}",
    "{{ ['sensor.other'] | map('states') | list }}",
    "{{ 'sensor.other' | state_translated }}",
    "{{ is_state('sensor.other', 'secret') }}",
    "{{ 'sensor.other' is is_state('secret') }}",
    "{{ state_attr('sensor.other', 'x') }}",
    "{{ 'sensor.other' is has_value }}",
    "{{ expand('sensor.other') }}",
    "{{ areas() }}",
    "{{ labels() }}",
    "{{ issues() }}",
    "{{ floors() }}",
    "{{ integration_entities('sensor') }}",
    "{{ 'x' | device_entities }}",
    "{{ config_entry_attr('x', 'title') }}",
    "{{ device_id('sensor.other') }}",
    "{% set f = labels %}{{ f() }}",
]


@pytest.mark.parametrize("source", ASKS_HOME_ASSISTANT)
async def test_limited(hass: HomeAssistant, entity: Entity, source: str) -> None:
    """A stranger's template is told no state but its entity's, and no registry."""
    message = Message("t", b"sensor.other")
    limited = ValueTemplate(hass, source, scope=TemplateScope.LIMITED, entity=entity)
    for default in ([], [DEFAULT]):
        with pytest.raises(ValueTemplateError, match="not supported in limited") as err:
            limited.render(message, *default)
        assert "sensor.power" in err.value.reason


@pytest.mark.parametrize(
    "source",
    [
        "{{ states.sensor.other.state }}",
        "{{ states['sensor.other'] }}",
        "{{ this.hass.states }}",
        "{{ this._hass }}",
        "{{ this.__class__ }}",
        "{{ this['_hass'] }}",
        "{{ now.__globals__ }}",
        "{{ float.__globals__ }}",
        "{{ now.__wrapped__ }}",
        "{{ self._TemplateReference__context }}",
        "{% import 'secret.jinja' as m %}{{ m }}",
        "{% include 'secret.jinja' %}",
    ],
)
async def test_no_way_round(hass: HomeAssistant, entity: Entity, source: str) -> None:
    """Nor does it get there by attributes or files."""
    limited = ValueTemplate(hass, source, scope=TemplateScope.LIMITED, entity=entity)
    try:
        rendered = limited.render(Message("t", b""), "")
    except ValueTemplateError:
        return
    assert rendered == ""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("now().year > 2000", "True"),
        ("utcnow() > now() - timedelta(hours=1)", "True"),
        ("today_at('10:00').hour", "10"),
        ("this.last_changed <= now()", "True"),
        ("relative_time(now() - timedelta(days=2, hours=3))", "2 days"),
        ("time_since(now() - timedelta(days=2, hours=3))", "2 days"),
        ("time_until(now() + timedelta(days=2, hours=3))", "2 days"),
        ("timedelta_string(timedelta(hours=5))", "5 hours"),
        ("value | base64_decode", "online"),
        ("value | base64_encode", "YjI1c2FXNWw="),
        ("md5(value)", hashlib.md5(b"b25saW5l").hexdigest()),
        ("sha1(value)", hashlib.sha1(b"b25saW5l").hexdigest()),
        ("sha256(value)", hashlib.sha256(b"b25saW5l").hexdigest()),
        ("value | sha512", hashlib.sha512(b"b25saW5l").hexdigest()),
    ],
)
async def test_limited_has_what_tells_nothing(
    hass: HomeAssistant, entity: Entity, expression: str, expected: str
) -> None:
    """Clock, base64 and hashes are a stranger's too."""
    source = f"{{{{ {expression} }}}}"
    message = Message("t", b"b25saW5l")
    full = ValueTemplate(hass, source, entity=entity).render(message)
    limited = ValueTemplate(hass, source, entity=entity, scope=TemplateScope.LIMITED)
    assert limited.render(message) == full == expected


async def test_limited_command(hass: HomeAssistant) -> None:
    """Nor is its command template."""
    command = CommandTemplate(
        hass, "{{ states('sensor.x') }}{{ value }}", scope=TemplateScope.LIMITED
    )
    with pytest.raises(CommandTemplateError, match="not supported in limited"):
        command.render("ON")
    plain = CommandTemplate(hass, "{{ value }}!", scope=TemplateScope.LIMITED)
    assert plain.render("ON") == "ON!"


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}"
        "{{ f(40) }}",
        "{{ ('a' * 64 + 'b') is match('(a+)+$') }}",
        "{{ ('a' * 64 + 'b') | regex_findall('(a|a)+$') }}",
        "{{ range(99999) | map('string') | map('sort') | map('join') | sort | list"
        " | map('reverse') | map('list') | map('sort') | map('join') | join }}",
    ],
)
async def test_too_slow(hass: HomeAssistant, source: str) -> None:
    """A stranger's template can't keep the event loop, in Jinja or in C."""
    limited = ValueTemplate(hass, source, scope=TemplateScope.LIMITED)
    started = time.thread_time()
    for default in ([], [DEFAULT]):
        with pytest.raises(ValueTemplateError, match=r"more than 0\.25 s"):
            limited.render(Message("t", b"aaaa"), *default)
    assert time.thread_time() - started < 20
    # What comes next has time of its own.
    assert (
        ValueTemplate(
            hass, "{% for a in range(999) %}{% endfor %}x", scope=TemplateScope.LIMITED
        ).render(Message("t", b""), "")
        == "x"
    )


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a' * 10 ** 10 }}",
        "{{ 10 ** 10 * value }}",
        "{{ [1] * 10 ** 9 }}",
        "{{ 9 ** (9 ** 9) }}",
        "{% set n = namespace(x=9 ** 99) %}{% for a in range(99) %}"
        "{% set n.x = n.x * n.x %}{% endfor %}",
        "{% set n = namespace(x='a') %}{% for a in range(40) %}"
        "{% set n.x = n.x + n.x %}{% endfor %}",
        "{% set n = namespace(x='a') %}{% for a in range(40) %}"
        "{% set n.x = n.x ~ n.x %}{% endfor %}",
        "{% set n = namespace(x=[1]) %}{% for a in range(40) %}"
        "{% set n.x = n.x + n.x %}{% endfor %}",
        "{% set n = namespace(x='a') %}{% for a in range(40) %}"
        "{% set n.x %}{{ n.x }}{{ n.x }}{% endset %}{% endfor %}",
        "{% set n = namespace(x='aa') %}{% for a in range(40) %}"
        "{% set n.x = n.x | replace('a', 'aa') %}{% endfor %}",
        "{% set n = namespace(x='aa') %}{% for a in range(40) %}"
        "{% set n.x = n.x.replace('a', 'aa') %}{% endfor %}",
        "{% set n = namespace(x='aa') %}{% for a in range(40) %}"
        "{% set n.x = [n.x, n.x] | join %}{% endfor %}",
        "{% set n = namespace(x='aa') %}{% for a in range(40) %}"
        "{% set n.x = ''.join([n.x, n.x]) %}{% endfor %}",
        "{% set n = namespace(x='aa') %}{% for a in range(40) %}"
        "{% set n.x = n.x | regex_replace('a', 'aa') %}{% endfor %}",
        "{{ 'a' | center(10 ** 10) }}",
        "{{ 'a'.center(10 ** 10) }}",
        "{{ 'a'.zfill(9999999999) }}",
        "{{ 'a' | indent(10 ** 10, true) }}",
        "{{ [1] | batch(10 ** 9, 'x') | list }}",
        "{{ {'a': 1} | tojson(indent=10 ** 9) }}",
        "{{ '%10000000000d' % 1 }}",
        "{{ '%*d' % (10 ** 10, 1) }}",
        "{{ '%10000000000d' | format(1) }}",
        "{{ '{:10000000000}'.format(1) }}",
        "{{ '{:{}}'.format(1, 10 ** 10) }}",
        "{{ (1).to_bytes(10 ** 10) }}",
        "{{ 1 | pack('>1000000000x') }}",
        "{{ 'aa'.translate({97: 'a' * 99999}) }}",
        "{{ value ~ value ~ value ~ value ~ value ~ value ~ value ~ value }}",
        "{% if value %}{{ value * 8 }}{% endif %}",
        "{{ value + value + value + value + value + value + value + value }}",
        "{{ value.replace('a', 'aaaaaaaaaaaaaaaaaaaaaa') }}",
    ],
)
async def test_too_large(hass: HomeAssistant, source: str) -> None:
    """Nor can it fill the memory, not even for a moment."""
    message = Message("t", b"a" * 1_000_000)
    limited = ValueTemplate(hass, source, scope=TemplateScope.LIMITED)
    with pytest.raises(
        ValueTemplateError, match="makes too much|exceeded maximum|not supported"
    ):
        limited.render(message, DEFAULT)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ '%.1f' % 2.34 }} {{ '%05d' % 7 }} {{ 7 % 4 }}", "2.3 00007 3"),
        (
            "{{ '%s-%s' | format('a', 1) }} {{ '{:.2f} {}'.format(1, 'x') }}",
            "a-1 1.00 x",
        ),
        (
            "{{ 2 ** 10 }} {{ 3 * 4 }} {{ 'ab' * 3 }} {{ [1, 2] + [3] }}",
            "1024 12 ababab [1, 2, 3]",
        ),
        ("{{ [1, 'a'] | join('-') }} {{ ', '.join(['a', 'b']) }}", "1-a a, b"),
        ("{{ [{'n': 1}, {'n': 2}] | join(';', 'n') }}", "1;2"),
        ("{{ value | replace('a', 'b') | center(5) }}|", "b  |"),
        ("{{ value | regex_replace('(a)', '\\\\1\\\\1') }}", "aa"),
        ("{{ 1 | pack('>B') }} {{ value ~ 1 ~ none }}", "b'\\x01' a1None"),
        (
            "{% set x %}{{ value }}b{% endset %}{{ x }}{{ range(3) | list }}",
            "ab[0, 1, 2]",
        ),
        ("{{ {'a': 1} | tojson(indent=2) | length }}", "12"),
    ],
)
async def test_not_too_large(hass: HomeAssistant, source: str, expected: str) -> None:
    """What is bounded is as it was below the bound."""
    message = Message("t", b"a")
    limited = ValueTemplate(hass, source, scope=TemplateScope.LIMITED)
    assert limited.render(message) == expected
    assert ValueTemplate(hass, source).render(message) == expected


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a' | center(10 ** 10) }}",
        "{{ 'a' * 10 ** 10 }}",
        "{{ range(99999) | map('string') | map('sort') | map('join') | sort | list }}",
    ],
)
async def test_nothing_is_evaluated_by_a_check(
    hass: HomeAssistant, source: str
) -> None:
    """A schema looks at what is written, not at what becomes of it."""
    assert template_schema(source) == source


async def test_what_is_no_template(hass: HomeAssistant) -> None:
    """A check finds what Jinja can't read."""
    with pytest.raises(vol.Invalid, match="unexpected end of template"):
        template_schema("{{ value ")


async def test_too_much_is_written(hass: HomeAssistant) -> None:
    """A template has an end, too."""
    with pytest.raises(vol.Invalid, match="32768"):
        template_schema("{{ value }}" * 3000)


async def test_too_long(hass: HomeAssistant) -> None:
    """A stranger's template may write only so much; core's, and so ours, as it likes."""
    source = (
        f"{{% for _ in range(10) %}}{{{{ 'x' * {MAX_TEMPLATE_OUTPUT} }}}}{{% endfor %}}"
    )
    message = Message("t", b"")
    assert len(ValueTemplate(hass, source).render(message)) == 10 * MAX_TEMPLATE_OUTPUT
    with pytest.raises(ValueTemplateError, match="maximum size"):
        ValueTemplate(hass, source, scope=TemplateScope.LIMITED).render(message)
    most = ValueTemplate(
        hass, f"{{{{ 'x' * {MAX_TEMPLATE_OUTPUT} }}}}", scope=TemplateScope.LIMITED
    )
    assert len(most.render(message)) == MAX_TEMPLATE_OUTPUT


async def test_failure_is_told_once(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    """Without a default the payload passes, and the log says so, once and shortly."""
    template = ValueTemplate(hass, "{{ value_json.a.b }}")
    payload = b"x" * 10_000
    caplog.set_level(logging.INFO)
    for _ in range(3):
        assert template.render(Message("t", payload)) == payload.decode()
    assert caplog.text.count("Error parsing value") == 1
    assert len(caplog.text) < 5_000
    caplog.clear()
    assert template.render(Message("t", payload), DEFAULT) == DEFAULT
    assert "Error parsing value" not in caplog.text


async def test_error_is_short(hass: HomeAssistant) -> None:
    """An error's text shows little of what it failed on."""
    template = ValueTemplate(hass, "{{ value | float }}" + " " * 10_000)
    with pytest.raises(ValueTemplateError) as caught:
        template.render(Message("t", b"x" * 10_000))
    assert len(caught.value.reason) < 600
    assert isinstance(caught.value.cause, ValueError)


async def test_json_stays_as_it_is(hass: HomeAssistant) -> None:
    """Readers share the parsed JSON: no template can change it for the next."""
    message = Message("t", b'{"a": [1, 2], "b": {"c": 3}}')
    for source in (
        "{% do value_json.update({'a': 5}) %}",
        "{% do value_json.a.append(3) %}",
        "{% do value_json.b.pop('c') %}",
        "{% do value_json.__setitem__('a', 5) %}",
        "{{ value_json.a | sort(reverse=true) | list }}{{ value_json.a | reverse | list }}",
        "{{ combine(value_json, {'b': {'c': 4}}, recursive=True) }}",
        "{{ value_json.a | shuffle(seed=1) }}",
        "{% set x = value_json %}{% set ns = namespace(x=value_json) %}{% set ns.x = 1 %}",
    ):
        template = ValueTemplate(hass, source, scope=TemplateScope.LIMITED)
        template.render(message, None)
        assert ValueTemplate(hass, "{{ value_json | to_json }}").render(message) == (
            '{"a":[1,2],"b":{"c":3}}'
        )


# --- commands ----------------------------------------------------------------------


def _core_command(
    hass: HomeAssistant,
    source: str | None,
    value: Published,
    entity: Entity | None,
    variables: dict[str, Any] | None,
) -> tuple[str, Published]:
    template = None if source is None else Template(source, hass)
    try:
        return "rendered", MqttCommandTemplate(template, entity=entity).async_render(
            value, variables
        )
    except ServiceValidationError:
        return "failed", None


def _our_command(
    hass: HomeAssistant,
    source: str | None,
    value: Published,
    entity: Entity | None,
    variables: dict[str, Any] | None,
    scope: TemplateScope,
) -> tuple[str, Published]:
    template = CommandTemplate(hass, source, entity=entity, scope=scope)
    try:
        return "rendered", template.render(value, variables)
    except CommandTemplateError:
        return "failed", None


COMMANDS = [
    None,
    "{{ value }}",
    " {{ value }} ",
    '{"state": "{{ value }}", "id": {{ value | length }}}',
    '{{ {"state": value} | tojson }}',
    "{{ value + 1 }}",
    "{{ value | float }}",
    "{{ value.missing.deeper }}",
    "{{ missing }}",
    "{{ entity_id }} {{ name }} {{ this.state }}",
    "{{ value }} {{ brightness }}",
    "b'{{ value }}'",
    "b'\\x01\\xff'",
    'b"\\x01"',
    "{{ pack(0, '>I') }}",
    "{{ pack(3735928559, '>I') }}",
    "b'no end",
    "b'1' + b'2'",
    "b'1', b'2'",
    "b''",
    "{{ value is string }}",
    "static",
    "{{ 1 / 0 }}",
]


@pytest.mark.parametrize("scope", TemplateScope)
@pytest.mark.parametrize("source", COMMANDS)
async def test_commands(
    hass: HomeAssistant, entity: Entity, source: str | None, scope: TemplateScope
) -> None:
    """Commands become the payloads that core makes of them, of the same type."""
    values: list[Published] = ["ON", b"\x01\xff", 5, 2.5, None, "b'1'", "", "é", " x "]
    for value in values:
        for owner in (None, entity):
            for variables in (None, {"brightness": 5}, {"value": "other"}):
                expected = _core_command(hass, source, value, owner, variables)
                outcome = _our_command(hass, source, value, owner, variables, scope)
                assert outcome == expected
                assert type(outcome[1]) is type(expected[1])


async def test_command_error(hass: HomeAssistant, entity: Entity) -> None:
    """A failed command is translated, and names its entity and template."""
    command = CommandTemplate(hass, "{{ value / 0 }}", entity=entity)
    with pytest.raises(CommandTemplateError) as caught:
        command.render(5)
    error = caught.value
    assert error.translation_key == "command_template_error"
    assert error.translation_placeholders == {
        "error": "ZeroDivisionError: division by zero",
        "entity_id": "sensor.power",
        "command_template": "{{ value / 0 }}",
    }


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(
    payload=st.one_of(
        st.binary().map(repr),
        st.text().map(lambda text: f"b'{text}'"),
        st.text(),
        st.binary(),
        st.integers(),
        st.none(),
    )
)
def test_bytes_literals(payload: Published) -> None:
    """Texts that look like Python's bytes are bytes."""
    assert bytes_literal(payload) == convert_outgoing_mqtt_payload(payload)
