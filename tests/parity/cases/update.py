"""Updates: every key of core's."""

from typing import Any

from ..case import Announce, Announced, Before, Case, Do, Say, announce

_INSTALL = {"command_topic": "it/set", "payload_install": "INSTALL"}


def _update(**config: Any) -> Announced:
    return announce("update", **{"state_topic": "it", **config})


_SAY = (
    *(
        Say("it", said)
        for said in (
            "1.0", "", "{}", "[]", "5", '"1.5"', "null", "None", "a b c",
            {"installed_version": "1.0", "latest_version": "1.1"},
            {"latest_version": "1.2"},
            {"title": "It", "release_summary": "More", "release_url": "https://a/b"},
            {"entity_picture": "https://a/b.png"},
            {"update_percentage": 50},
            {"update_percentage": 12.5},
            {"in_progress": False},
            {"update_percentage": 60, "in_progress": False},
            {"in_progress": True},
            {"update_percentage": None},
            {"update_percentage": 101},
            {"update_percentage": "x"},
            {"release_url": "x"},
            {"unheard_of": 1, "latest_version": "9"},
            {"latest_version": None},
            {"installed_version": 2, "latest_version": 3.5},
            {"in_progress": "perhaps"},
            {"installed_version": "3.5"},
        )
    ),
    Say("it/latest", "4.0"),
    Say("it/latest", ""),
    Say("it/latest", "3.5"),
    Say("it/latest", "5.0"),
)  # fmt: skip
_DO = (
    Do("install"),
    Do("skip"),
    Do("clear_skipped"),
    Do("install", version="2.0"),
    Do("install", backup=True),
)

CASES = [
    Case("told", _update(), *_SAY, *_DO),
    Case("latest on a topic of its own", _update(latest_version_topic="it/latest"), *_SAY, *_DO),
    Case("install", _update(**_INSTALL, latest_version_topic="it/latest"), *_SAY, *_DO),
    Case(
        # With templates: without them core's order of reading decides, which is random.
        "one topic",
        _update(
            latest_version_topic="it",
            value_template="{{ value_json.i }}",
            latest_version_template="{{ value_json.l }}",
        ),
        Say("it", {"i": "1", "l": "2"}),
        Say("it", {"i": "2"}),
        Say("it", {"l": "3"}),
    ),
    Case("no payload", _update(**_INSTALL | {"payload_install": ...}, latest_version_topic="it/latest"),
         *_SAY, *_DO),
    Case(
        "templates",
        _update(
            value_template="{{ {'installed_version': value_json.i, 'latest_version': value_json.l} | to_json }}",
            latest_version_topic="it/latest",
            latest_version_template="{{ value_json.v }}",
        ),
        Say("it", {"i": "1", "l": "2"}),
        Say("it", {"i": "1"}),
        Say("it", {}),
        Say("it", "no JSON"),
        Say("it/latest", {"v": "7"}),
        Say("it/latest", {}),
        Say("it/latest", "no JSON"),
    ),
    Case(
        "template that fails",
        _update(value_template="{{ value_json.a.b }}"),
        Say("it", {"a": {"b": "1"}}),
        Say("it", {}),
        Say("it", "no JSON"),
    ),
    Case(
        "all of it",
        _update(
            **_INSTALL,
            title="Title",
            release_summary="Summary",
            release_url="https://example.com",
            device_class="firmware",
            display_precision=2,
            entity_picture="https://example.com/a.png",
            latest_version_topic="it/latest",
        ),
        *_SAY,
        *_DO,
    ),
    Case("no class", _update(device_class=None)),
    Case("no name", _update(name=...)),
    Case("class without name", _update(name=..., device_class="firmware")),
    Case("quality of service", _update(**_INSTALL, qos=1, retain=True), *_SAY, *_DO),
    Case("raw", _update(encoding="", latest_version_topic="it/latest"), *_SAY),
    Case(
        "attributes",
        _update(json_attributes_topic="it/more"),
        Say("it/more", {"a": 1, "entity_picture": 5}),
    ),
    Case(
        "restored",
        _update(),
        Say("it", {"installed_version": "1", "latest_version": "2"}),
        restored=[Before("update.device_it", "off", {"skipped_version": "2"})],
    ),
    Case("changes", _update(), Say("it", "1", retain=True), Announce(_update(title="X", icon="mdi:x"))),
    Case("no state topic", _update(state_topic=...), refused=True),
    Case("wrong class", _update(device_class="x"), refused=True),
    Case("wrong precision", _update(display_precision=-1), refused=True),
]  # fmt: skip
