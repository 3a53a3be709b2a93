"""What the errors of URLs and topics tell, and where exactly characters are refused."""

import pytest

from custom_components.mqtt_websocket.broker.address import parse_url
from custom_components.mqtt_websocket.broker.errors import (
    BrokerError,
    InvalidPort,
    InvalidShare,
    InvalidUrl,
    MisplacedWildcard,
    TopicEmpty,
    TopicHasControlCharacter,
    TopicHasWildcard,
    TopicTooLong,
    UnsupportedScheme,
)
from custom_components.mqtt_websocket.broker.topics import (
    TopicTrie,
    forbidden_character,
    matched_part,
    validate_filter,
    validate_topic,
)


@pytest.mark.parametrize(
    ("url", "error", "details"),
    [
        ("mqtt://h", UnsupportedScheme, {"scheme": "mqtt://"}),
        ("h/mqtt", UnsupportedScheme, {"scheme": ""}),
        ("mqtt://h/ws://x", UnsupportedScheme, {"scheme": "mqtt://"}),
        ("ws://h:99999/", InvalidPort, {"port": "99999"}),
        ("ws://[::1]:99999/", InvalidPort, {"port": "99999"}),
        ("ws://h:secret/", InvalidPort, {"port": "?"}),
        ("ws://h:0/", InvalidPort, {"port": "0"}),
        ("ws://.h/", InvalidUrl, {}),
    ],
)
def test_what_is_wrong_with_a_url(
    url: str, error: type[BrokerError], details: dict[str, str]
) -> None:
    """The part that is wrong is told; a password that looks like a port is not."""
    with pytest.raises(error) as caught:
        parse_url(url)
    assert caught.value.details == details


@pytest.mark.parametrize(
    ("topic", "error", "details"),
    [
        ("", TopicEmpty, {"topic": ""}),
        ("a/+", TopicHasWildcard, {"topic": "a/+"}),
        ("a\nb", TopicHasControlCharacter, {"topic": r"'a\nb'", "character": "U+000A"}),
        ("é" * 40_000, TopicTooLong, {"topic": "é" * 40 + "…"}),
    ],
)
def test_what_is_wrong_with_a_topic(
    topic: str, error: type[BrokerError], details: dict[str, str]
) -> None:
    """The topic is told, readable and not too long."""
    with pytest.raises(error) as caught:
        validate_topic(topic)
    assert caught.value.details == details


@pytest.mark.parametrize(
    ("topic_filter", "error"),
    [
        ("a/#/b", MisplacedWildcard),
        ("a+", MisplacedWildcard),
        ("$share/g", InvalidShare),
        ("$share//a", InvalidShare),
        ("$share/g+/a", InvalidShare),
        ("$share/#g/a", InvalidShare),
    ],
)
def test_what_is_wrong_with_a_filter(
    topic_filter: str, error: type[BrokerError]
) -> None:
    """The whole filter is told."""
    with pytest.raises(error) as caught:
        validate_filter(topic_filter)
    assert caught.value.details == {"topic": topic_filter}


def test_a_share_may_have_any_other_name() -> None:
    """Only wildcards are not allowed in it (section 4.8.2)."""
    assert validate_filter("$share/X/a/#") == "$share/X/a/#"
    assert matched_part("$share/X/a/#") == "a/#"


def test_forbidden_characters() -> None:
    """Control characters, surrogates and non-characters; their neighbours are fine."""
    forbidden = [
        *range(0x20),
        *range(0x7F, 0xA0),
        *range(0xD800, 0xE000),
        *range(0xFDD0, 0xFDF0),
        *(plane * 0x10000 + last for plane in range(17) for last in (0xFFFE, 0xFFFF)),
    ]
    found = [code for code in range(0x110000) if forbidden_character(chr(code))]
    # NUL is its own number: 0.
    assert forbidden_character("\0") == 0
    assert found == forbidden[1:]


def test_wildcards_in_a_topic_are_letters_to_the_trie() -> None:
    """No server sends such a topic; it would not reach all that is below."""
    trie: TopicTrie[str] = TopicTrie()
    trie.add("a/b", "b")
    assert trie.match("a/+") == ()
    assert trie.match("a/#") == ()


def test_overlaps_of_several_branches() -> None:
    """A filter with a wildcard in the middle meets what is below all that it is for."""
    trie: TopicTrie[str] = TopicTrie()
    for topic_filter in ("a/x/1", "a/y/1", "+/z/1", "$SYS/x/1"):
        trie.add(topic_filter, topic_filter)
    assert sorted(trie.overlapping("a/+/1")) == ["+/z/1", "a/x/1", "a/y/1"]
    assert sorted(trie.overlapping("+/+/1")) == ["+/z/1", "a/x/1", "a/y/1"]
    assert sorted(trie.overlapping("#")) == ["+/z/1", "a/x/1", "a/y/1"]
    assert trie.overlapping("$SYS/#") == ["$SYS/x/1"]


def test_the_trie_forgets_its_branches() -> None:
    """Filters that come and go leave nothing behind, those with "#" neither."""
    trie: TopicTrie[int] = TopicTrie()
    for number, topic_filter in enumerate(("a/b/#", "a/+/c", "#", "a/b")):
        trie.add(topic_filter, number)
    for number, topic_filter in enumerate(("a/b/#", "a/+/c", "#", "a/b")):
        trie.remove(topic_filter, number)
    assert trie._root.children == {}


def test_matches_are_remembered_for_a_while() -> None:
    """More topics than are kept find their filters all the same."""
    trie: TopicTrie[str] = TopicTrie()
    trie.add("many/+", "each")
    trie.add("many/0", "first")
    for _ in range(2):
        for number in range(20_000):
            expected = {"each", "first"} if number == 0 else {"each"}
            assert set(trie.match(f"many/{number}")) == expected
    assert len(trie._known) < 20_000
