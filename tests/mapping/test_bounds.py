"""What one step of a stranger's template may make: up to each bound, and no further."""

from typing import Any

import pytest

from custom_components.mqtt_websocket.mapping.bounds import (
    BoundedEnvironment,
    LimitError,
)

ENVIRONMENT = BoundedEnvironment()
LARGE = "a" * 1_000_000
MEGABYTES = 1024 * 1024


def rendered(source: str, **variables: Any) -> str:
    """Return what a template makes, with a large text in ``value``."""
    template = ENVIRONMENT.from_string(source)
    return template.render({"value": LARGE, **variables})


def length(expression: str, **variables: Any) -> int:
    """Return how long what an expression makes is."""
    return int(rendered(f"{{{{ ({expression}) | length }}}}", **variables))


@pytest.mark.parametrize(
    ("expression", "most"),
    [
        # A repetition: 4 MiB of characters or bytes, 200,000 items.
        ("'a' * n", 4 * MEGABYTES),
        ("n * 'a'", 4 * MEGABYTES),
        ("('a' | e) * n", 4 * MEGABYTES),
        ("'a'.encode() * n", 4 * MEGABYTES),
        ("[1] * n", 200_000),
        ("n * (1,)", 200_000),
        ("('a,' * n).split(',')[:-1]", 4 * MEGABYTES // 2),
        # A width.
        ("'a' | center(n)", 10_000),
        ("'a' | center(width=n)", 10_000),
        ("'a'.ljust(n)", 10_000),
        ("'a'.rjust(n)", 10_000),
        ("'a'.center(n)", 10_000),
        ("'1'.zfill(n)", 10_000),
        ("'\\t'.expandtabs(n)", 10_000),
        ("(1).to_bytes(n)", 10_000),
        ("[1] | batch(n, 1) | first", 10_000),
        ("[1] | slice(n) | list", 10_000),
        ("'%%%dd' % n % 1", 9999),
        ("'x' * 3 ~ ' ' * n", 4 * MEGABYTES - 3),
    ],
)
def test_most(expression: str, most: int) -> None:
    """Up to the bound there is no difference; what is one more, is refused."""
    assert length(expression, n=most) in (most, most + 3)
    with pytest.raises(LimitError):
        length(expression, n=most + 1)


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [
        # A sum of two texts: 8 MiB; of two lists: 200,000 items.
        ("a" * 4 * MEGABYTES, "a" * 4 * MEGABYTES, False),
        ("a" * 4 * MEGABYTES, "a" * (4 * MEGABYTES - 2), True),
        ([1] * 100_000, [1] * 100_000, True),
        ([1] * 100_000, [1] * 100_001, False),
        ((1,) * 100_000, (1,) * 100_001, False),
    ],
)
def test_sums(one: Any, other: Any, fits: bool) -> None:
    """Nor do two that fit alone make one that does not."""
    if fits:
        assert length("one + other", one=one, other=other) == len(one) + len(other)
    else:
        with pytest.raises(LimitError):
            length("one + other", one=one, other=other)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ 2 ** 2048 > 1 }}", "True"),
        ("{{ 2 ** 2049 > 1 }}", None),
        ("{{ n * n > 1 }}", "True"),
        ("{{ n * n * 4 > 1 }}", None),
        ("{{ 2.5 ** 2 }} {{ 2.5 * 2 }} {{ 2 ** -1 }}", "6.25 5.0 0.5"),
        ("{{ 1.5 + 1 }} {{ [1] + [2] }} {{ 7 % 4 }}", "2.5 [1, 2] 3"),
    ],
)
def test_numbers(source: str, expected: str | None) -> None:
    """Whole numbers have 4,096 bits at most."""
    if expected is None:
        with pytest.raises(LimitError):
            rendered(source, n=1 << 2047)
    else:
        assert rendered(source, n=1 << 2047) == expected


@pytest.mark.parametrize(
    "source",
    [
        # Compared and not measured: a filter would look at what was made already.
        # A list holds the same text often; written out it would be gigabytes.
        "{{ ([value] * 200000) | string == '' }}",
        "{{ (([value] * 200000) ~ '') == '' }}",
        "{{ [value] * 200000 }}",
        "{{ ((value,) * 200000) | tojson == '' }}",
        "{{ ([value] * 200000) | to_json == '' }}",
        "{{ ([value] * 200000) | pprint == '' }}",
        "{{ ([[value] * 200000]) | join == '' }}",
        "{{ ([value] * 200000) | map('upper') | list == '' }}",
        "{{ ([[1] * 100000] * 2000) | sum(start=[]) == '' }}",
        "{{ ([[1] * 100000] * 2000) | flatten == '' }}",
        "{{ 'a'.join([value] * 20) == '' }}",
        "{{ range(99999) | map('string') | map('replace', '', value) | list == '' }}",
        "{% set n = namespace(x=['aaaa']) %}{% for a in range(40) %}"
        "{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
        "{% set n = namespace(x=['aaaa']) %}{% for a in range(40) %}"
        "{% set n.x = {1: n.x, 2: (n.x, n.x)} %}{% endfor %}{{ n.x | string }}",
        # A text is put in as often as a format names it.
        "{{ (('%s' * 200000) % ((value,) * 200000)) == '' }}",
        "{{ (('%(a)s' * 200000) % {'a': value}) == '' }}",
        "{{ ('%s' * 9) | format(value, value) == '' }}",
        "{{ ('{0}' * 200000).format(value) == '' }}",
        "{{ ('{a}' * 200000).format(a=value) == '' }}",
        "{{ ('{a}' * 200000).format_map({'a': value}) == '' }}",
        "{{ ('%9999d' * 2000) % ((1,) * 2000) }}",
        "{{ ('{:9999}' * 2000).format(*([1] * 2000)) }}",
        "{{ 1 | pack('9999x' * 999) == '' }}",
        "{{ 0 | timestamp_custom('%9999Y' * 9999) == '' }}",
        # And as often as there are lines, words, links, tabs or matches.
        "{{ ('\n' * 99999) | indent(9999, true, true) == '' }}",
        "{{ ('\n' * 999) | indent(value, true, true) == '' }}",
        "{{ ('\t' * 99999).expandtabs(9999) == '' }}",
        "{{ ('\t' * 99999).encode().expandtabs(tabsize=9999) == '' }}",
        "{{ ('a ' * 999) | wordwrap(1, wrapstring=value) == '' }}",
        "{{ ('http://a.de ' * 999) | urlize(target=value) == '' }}",
        "{{ ([1] * 99999) | tojson(indent=9999) == '' }}",
        "{{ ([1] * 99999) | tojson(indent=value) == '' }}",
        "{{ ([1] * 99999) | to_json(pretty_print=true) == '' }}",
        "{{ ([1] * 99999) | pprint == '' }}",
        "{{ value | regex_findall('(?=(.*))') == '' }}",
        "{{ value | regex_findall('(?<=a)(a*)') == '' }}",
        "{{ value | regex_replace('a', 'aaaa') == '' }}",
        "{{ value.replace('', 'aaaaaaaa') == '' }}",
        "{{ value.encode().replace('a'.encode(), ('a' * 9).encode()) == '' }}",
        "{{ value | truncate(10001) }}",
        "{{ value | regex_findall('(((((((((.)))))))))') == '' }}",
    ],
)
def test_much_of_little(source: str) -> None:
    """What holds or names the same often counts as often."""
    with pytest.raises(LimitError):
        rendered(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ ', '.join([1, 2] | map('string')) }}", "1, 2"),
        ("{{ ', '.join(['a', 'b'] | map('upper')) }}", "A, B"),
        ("{{ [1, none] | map('string') | join('-') }}", "1-None"),
        ("{{ 'abc' | join('.') }} {{ {'a': 1} | join }}", "a.b.c a"),
        ("{{ 'a\nb' | indent }} {{ 'a\nb' | indent('> ', true) }}", "a\n    b > a\n> b"),
        ("{{ 'a\tb'.expandtabs(4) }}{{ 'a\tb'.expandtabs() }}", "a   ba       b"),
        ("{{ 'a b' | wordwrap(1, wrapstring='|') }}", "a|b"),
        ("{{ [1, [2]] | tojson }} {{ [1] | tojson(indent=1) }}", "[1, [2]] [\n 1\n]"),
        ("{{ {'a': 1} | to_json }} {{ [1] | to_json(pretty_print=true) }}",
         '{"a":1} [\n  1\n]'),
        ("{{ [1] | pprint }} {{ ([1] * 99999) | tojson | length }}", "[1] 299997"),
        ("{{ 'ab' | replace('', '-') }} {{ 'ab'.replace('b', 'c') }}", "-a-b- ac"),
        ("{{ 'ab'.encode().replace('b'.encode(), 'c'.encode()) }}", "b'ac'"),
        ("{{ 'ab' | regex_replace('b', 'cc') }} {{ ('a' * 20) | truncate(5) }}", "acc aa..."),
        ("{{ 'a1b22' | regex_findall('[0-9]+') }}", "['1', '22']"),
        ("{{ 'a1b22' | regex_findall_index('(?<=b)([0-9]+)') }}", "22"),
        ("{{ '%s %05.1f %%' % ('a', 2) }}{{ '{:>4}{a}'.format(1, a=2) }}",
         "a 002.0 %   12"),
        ("{{ '{a}'.format_map({'a': value}) | length }}", "1000000"),
        ("{{ (value ~ value) | length }} {{ value | replace('a', 'b') | length }}",
         "2000000 1000000"),
        ("{{ [value, value] | list | string | length }}", "2000008"),
        ("{{ value is search('(?=(a))') }} {{ value | length }}", "True 1000000"),
        ("{{ [3, 1] | sort }} {{ range(3) | reverse | list }}", "[1, 3] [2, 1, 0]"),
        ("{{ missing }}{{ missing | default('x') }}", "x"),
    ],
)  # fmt: skip
def test_what_is_usual(source: str, expected: str) -> None:
    """None of it harms what templates are written for."""
    assert rendered(source) == expected
