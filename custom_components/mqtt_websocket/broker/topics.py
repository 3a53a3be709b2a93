"""Topic names, topic filters, and the trie that finds what a topic concerns (MQTT 5 section 4.7)."""

from typing import Final

from .errors import (
    InvalidShare,
    MisplacedWildcard,
    TopicEmpty,
    TopicHasControlCharacter,
    TopicHasWildcard,
    TopicTooLong,
)

MAX_STRING_BYTES: Final = 65535
"""A UTF-8 string of MQTT has a two-byte length (MQTT 5 section 1.5.4)."""

_SHARED: Final = "$share/"
_MATCHES_KEPT: Final = 16384


def forbidden_character(text: str) -> int | None:
    """Return the first character that no string of MQTT should have, as its number.

    Section 1.5.4 forbids U+0000 and surrogates, and lets a server close the connection
    on control characters and non-characters: better to hear it here, from a sentence.
    """
    for char in text:
        code = ord(char)
        if (
            code < 0x20
            or 0x7F <= code < 0xA0
            or 0xD800 <= code <= 0xDFFF
            or 0xFDD0 <= code <= 0xFDEF
            or code & 0xFFFE == 0xFFFE
        ):
            return code
    return None


def _validate_string(text: str) -> None:
    if not text:
        raise TopicEmpty(topic=text)
    if (code := forbidden_character(text)) is not None:
        raise TopicHasControlCharacter(topic=ascii(text), character=f"U+{code:04X}")
    if len(text.encode()) > MAX_STRING_BYTES:
        raise TopicTooLong(topic=f"{text[:40]}…")


def validate_topic(topic: str) -> str:
    """Return the topic name, or raise InvalidTopic: no wildcards, no control characters."""
    _validate_string(topic)
    if "+" in topic or "#" in topic:
        raise TopicHasWildcard(topic=topic)
    return topic


def validate_filter(topic_filter: str) -> str:
    """Return the topic filter, or raise InvalidTopic.

    ``+`` and ``#`` must stand alone in their level and ``#`` comes last (section 4.7.1).
    A shared subscription is ``$share/<name>/<filter>`` (section 4.8.2).
    """
    _validate_string(topic_filter)
    levels = topic_filter.split("/")
    if levels[0] == "$share":
        name, levels = levels[1:2], levels[2:]
        if not any(name) or not any(levels) or set("+#") & set(name[0]):
            raise InvalidShare(topic=topic_filter)
    for position, level in enumerate(levels, start=1):
        if "#" in level and (level != "#" or position != len(levels)):
            raise MisplacedWildcard(topic=topic_filter)
        if "+" in level and level != "+":
            raise MisplacedWildcard(topic=topic_filter)
    return topic_filter


def matched_part(topic_filter: str) -> str:
    """Return what of a filter is compared with topics: all but a share's name."""
    if topic_filter.startswith(_SHARED):
        return topic_filter.split("/", 2)[2]
    return topic_filter


def wildcards(topic_filter: str, topic: str) -> list[str]:
    """Return what each wildcard of the filter stands for in a topic that it matches.

    One string a wildcard, in their order; ``#`` gives the rest with its slashes (the
    empty string where it matched the parent level).
    """
    levels = topic.split("/")
    found = []
    for position, level in enumerate(matched_part(topic_filter).split("/")):
        if level == "+":
            found.append(levels[position])
        elif level == "#":
            found.append("/".join(levels[position:]))
    return found


class _Node[T]:
    """A level of the filters."""

    __slots__ = ("children", "ending", "rest")

    def __init__(self) -> None:
        self.children: dict[str, _Node[T]] = {}
        self.ending: list[T] = []  # of filters that end here
        self.rest: list[T] = []  # of filters that go on with "#"


class TopicTrie[T]:
    """Finds the values whose filter matches a topic.

    The cost of a match grows with the levels of the topic and the number of matches,
    not with the number of filters; a topic seen before costs one look-up. A value
    stands once under a filter.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._root: _Node[T] = _Node()
        self._known: dict[str, tuple[T, ...]] = {}

    def add(self, topic_filter: str, value: T) -> None:
        """Add a value under a valid filter."""
        self._known.clear()
        node = self._root
        for level in matched_part(topic_filter).split("/"):
            if level == "#":
                node.rest.append(value)
                return
            child = node.children.get(level)
            if child is None:
                child = node.children[level] = _Node()
            node = child
        node.ending.append(value)

    def remove(self, topic_filter: str, value: T) -> None:
        """Remove a value; KeyError or ValueError if it is not there."""
        self._known.clear()
        path: list[tuple[_Node[T], str]] = []
        node = self._root
        for level in matched_part(topic_filter).split("/"):
            if level == "#":
                node.rest.remove(value)
                break
            path.append((node, level))
            node = node.children[level]
        else:
            node.ending.remove(value)
        while path and not (node.children or node.ending or node.rest):
            node, level = path.pop()
            del node.children[level]

    def match(self, topic: str) -> tuple[T, ...]:
        """Return the values of all filters that match the topic name."""
        found = self._known.get(topic)
        if found is None:
            found = tuple(self._find(topic.split("/"), wild=False))
            if len(self._known) >= _MATCHES_KEPT:
                self._known.clear()
            self._known[topic] = found
        return found

    def overlapping(self, topic_filter: str) -> list[T]:
        """Return the values of all filters that share a topic with this one.

        Itself is among them if it is there. The cost grows with what is found, for a
        filter with ``+`` with the breadth of that level as well.
        """
        return self._find(matched_part(topic_filter).split("/"), wild=True)

    def _find(self, levels: list[str], *, wild: bool) -> list[T]:
        """Walk all branches that fit. Not recursive: a topic may have 32,768 levels."""
        found: list[T] = []
        nodes = [self._root]
        # A wildcard in the first level leaves topics with "$" alone (section 4.7.2).
        hidden = levels[0].startswith("$")
        first = True
        for level in levels:
            following: list[_Node[T]] = []
            for node in nodes:
                if not hidden:
                    found += node.rest
                if wild and level == "#":
                    found += node.ending  # "a/#" matches "a" as well
                    _collect(_children(node, first), found)
                elif wild and level == "+":
                    following += _children(node, first)
                else:
                    if not hidden and (child := node.children.get("+")) is not None:
                        following.append(child)
                    if (child := node.children.get(level)) is not None:
                        following.append(child)
            nodes = following
            hidden = first = False
        for node in nodes:
            found += node.ending
            found += node.rest
        return found


def _children[T](node: _Node[T], first: bool) -> list[_Node[T]]:
    """Return what a wildcard stands for below a node."""
    return [
        child
        for level, child in node.children.items()
        if not (first and level.startswith("$"))
    ]


def _collect[T](nodes: list[_Node[T]], found: list[T]) -> None:
    """Add all values at and below the nodes."""
    while nodes:
        node = nodes.pop()
        found += node.ending
        found += node.rest
        nodes += node.children.values()
