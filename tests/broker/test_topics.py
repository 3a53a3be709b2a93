"""Topic names, filters, and the trie."""

from hypothesis import given, strategies as st
from paho.mqtt.client import topic_matches_sub
import pytest

from custom_components.mqtt_websocket.broker.errors import (
    InvalidShare,
    InvalidTopic,
    MisplacedWildcard,
    TopicEmpty,
    TopicHasControlCharacter,
    TopicHasWildcard,
    TopicTooLong,
)
from custom_components.mqtt_websocket.broker.topics import (
    TopicTrie,
    validate_filter,
    validate_topic,
    wildcards,
)

# Few words and levels, so that filters and topics meet.
_WORDS = st.sampled_from(["", "a", "b", "$c"])
TOPICS = st.lists(_WORDS, min_size=1, max_size=4).map("/".join).filter(bool)
FILTERS = (
    st.tuples(
        st.lists(st.one_of(_WORDS, st.just("+")), max_size=4),
        st.booleans(),
    )
    .map(lambda parts: "/".join([*parts[0], *(["#"] if parts[1] else [])]))
    .filter(bool)
)


def matches(topic_filter: str, topic: str) -> bool:
    """Compare a filter with a topic, by somebody else's code and section 4.7.2."""
    if topic.startswith("$") and topic_filter[0] in "+#":
        return False
    # paho's matcher has it that "a/#" does not match "a" only for an empty level.
    return bool(topic_matches_sub(topic_filter, topic))


@given(st.lists(FILTERS, max_size=12), st.lists(TOPICS, min_size=1, max_size=6))
def test_the_trie_finds_what_matches(filters: list[str], topics: list[str]) -> None:
    """Exactly the values of the filters that match, each as often as it stands there."""
    trie: TopicTrie[int] = TopicTrie()
    for number, topic_filter in enumerate(filters):
        trie.add(topic_filter, number)
    for topic in topics:
        expected = [n for n, f in enumerate(filters) if matches(f, topic)]
        assert sorted(trie.match(topic)) == expected


@given(st.lists(FILTERS, min_size=1, max_size=12), st.data())
def test_removed_values_are_gone(filters: list[str], data: st.DataObject) -> None:
    """A removed value matches no more; the others do as before."""
    trie: TopicTrie[int] = TopicTrie()
    for number, topic_filter in enumerate(filters):
        trie.add(topic_filter, number)
    topic = data.draw(TOPICS)
    trie.match(topic)
    gone = set(data.draw(st.lists(st.sampled_from(range(len(filters))), unique=True)))
    for number in gone:
        trie.remove(filters[number], number)
    expected = [n for n, f in enumerate(filters) if n not in gone and matches(f, topic)]
    assert sorted(trie.match(topic)) == expected


def test_an_emptied_trie_keeps_nothing() -> None:
    """Levels go with the last filter that needs them."""
    trie: TopicTrie[str] = TopicTrie()
    for topic_filter in ("a/b/c", "a/+/c", "a/b/#"):
        trie.add(topic_filter, topic_filter)
    for topic_filter in ("a/b/c", "a/+/c", "a/b/#"):
        trie.remove(topic_filter, topic_filter)
    assert trie.overlapping("#") == []
    with pytest.raises(KeyError):
        trie.remove("a/b/c", "a/b/c")


@given(FILTERS, FILTERS)
def test_overlapping_filters_share_a_topic(one: str, other: str) -> None:
    """Filters overlap if there is a topic that both match, and only then."""
    trie: TopicTrie[str] = TopicTrie()
    trie.add(one, one)
    levels = ["", "a", "b", "$c", "x"]
    topics = [[level] for level in levels]
    for _ in range(4):
        topics += [[*topic, level] for topic in topics for level in levels][:3905]
    common = any(
        matches(one, topic) and matches(other, topic)
        for topic in {"/".join(topic) for topic in topics}
        if topic
    )
    # No topic is empty; "+" and "/#" would share that one, and it does no harm.
    empty = matches(one, "") and matches(other, "")
    assert bool(trie.overlapping(other)) == common or empty


def test_a_topic_may_have_as_many_levels_as_bytes_allow() -> None:
    """Depth is bounded by MQTT alone, not by Python's stack."""
    deep = "/" * 65535
    trie: TopicTrie[int] = TopicTrie()
    trie.add(validate_filter(deep), 1)
    trie.add("#", 2)
    assert sorted(trie.match(deep)) == [1, 2]
    assert sorted(trie.overlapping("#")) == [1, 2]
    trie.remove(deep, 1)
    assert trie.match(deep) == (2,)


def test_a_shared_subscription_matches_by_its_filter() -> None:
    """The name of the share is not part of the topic."""
    trie: TopicTrie[int] = TopicTrie()
    trie.add("$share/group/a/+", 1)
    assert trie.match("a/b") == (1,)
    assert trie.match("$share/group/a/b") == ()


@pytest.mark.parametrize(
    ("topic", "error"),
    [
        ("", TopicEmpty),
        ("a/+/b", TopicHasWildcard),
        ("a/#", TopicHasWildcard),
        ("a\0b", TopicHasControlCharacter),
        ("a\nb", TopicHasControlCharacter),
        ("a\udc80b", TopicHasControlCharacter),
        ("\ufffe", TopicHasControlCharacter),
        ("é" * 32768, TopicTooLong),
    ],
)
def test_invalid_topics(topic: str, error: type[InvalidTopic]) -> None:
    """Each has its own error, which can be shown."""
    with pytest.raises(error) as caught:
        validate_topic(topic)
    str(caught.value).encode()


@pytest.mark.parametrize("topic", ["a", "/", "a//b", "$SYS/x", " ", "é" * 32767, "😀"])
def test_valid_topics(topic: str) -> None:
    """What MQTT allows is allowed."""
    assert validate_topic(topic) == topic
    assert validate_filter(topic) == topic


@pytest.mark.parametrize(
    ("topic_filter", "error"),
    [
        ("", TopicEmpty),
        ("a/b#", MisplacedWildcard),
        ("a/#/b", MisplacedWildcard),
        ("a+/b", MisplacedWildcard),
        ("++", MisplacedWildcard),
        ("##", MisplacedWildcard),
        ("$share/a", InvalidShare),
        ("$share//a", InvalidShare),
        ("$share/a/", InvalidShare),
        ("$share/+/a", InvalidShare),
        ("$share", InvalidShare),
    ],
)
def test_invalid_filters(topic_filter: str, error: type[InvalidTopic]) -> None:
    """Each has its own error."""
    with pytest.raises(error):
        validate_filter(topic_filter)


@pytest.mark.parametrize(
    "topic_filter", ["#", "+", "a/#", "+/+/#", "/+", "$share/a/#", "$share/a/b/+"]
)
def test_valid_filters(topic_filter: str) -> None:
    """What MQTT allows is allowed."""
    assert validate_filter(topic_filter) == topic_filter


@pytest.mark.parametrize(
    ("topic_filter", "topic", "found"),
    [
        ("a/+/c", "a/b/c", ["b"]),
        ("+/+", "a/", ["a", ""]),
        ("a/#", "a/b/c", ["b/c"]),
        ("a/#", "a", [""]),
        ("#", "a/b", ["a/b"]),
        ("$share/g/a/+", "a/b", ["b"]),
        ("a/b", "a/b", []),
    ],
)
def test_wildcards(topic_filter: str, topic: str, found: list[str]) -> None:
    """Each wildcard gives what it stands for."""
    assert wildcards(topic_filter, topic) == found
