"""The documentation: it is complete, its examples are right, its links lead somewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
import re
from typing import Any, Final

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from homeassistant.components.automation.config import async_validate_config_item
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.util import yaml as yaml_util

from custom_components.mqtt_websocket import PLATFORMS
from custom_components.mqtt_websocket.actions import ACTIONS
from custom_components.mqtt_websocket.admission import MAX_NAMES
from custom_components.mqtt_websocket.announcements import MAX_ENTITIES
from custom_components.mqtt_websocket.broker.address import parse_url
from custom_components.mqtt_websocket.broker.settings import Settings
from custom_components.mqtt_websocket.condition import async_get_conditions
from custom_components.mqtt_websocket.const import DOMAIN
from custom_components.mqtt_websocket.mapping.discovery import (
    MAX_AVAILABILITY,
    MAX_COMPONENTS,
    MAX_PAYLOAD,
)
from custom_components.mqtt_websocket.publishing.command_table import COMMANDS, PLAIN
from custom_components.mqtt_websocket.publishing.outbox import MAX_TOPICS
from custom_components.mqtt_websocket.subentry_flow.exchange import read_pasted
from custom_components.mqtt_websocket.trigger import TRIGGERS

from .support.translations import INTEGRATION, english

ROOT: Final = Path(__file__).parents[1]
DOCS: Final = ROOT / "docs"
PAGES: Final = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]

_BLOCK: Final = re.compile(
    r"^(?P<core><!-- core -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_LINK: Final = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_ENTRY_ID: Final = re.compile(r"\b01[0-9A-Z]{24}\b")
_RESPONSES: Final = (
    {"brokers"},
    {"count", "complete", "stopped_by", "messages"},
)
"""What actions return: shown, but nothing that Home Assistant reads."""


def page(name: str) -> str:
    """Return the text of a page."""
    return (DOCS / f"{name}.md").read_text()


def chapter(text: str, title: str, level: int = 2) -> str:
    """Return what stands below a heading."""
    marks = "#" * level
    found = re.search(
        rf"^{marks} {re.escape(title)}$(.*?)(?=^#{{2,{level}}} |\Z)",
        text,
        re.MULTILINE | re.DOTALL,
    )
    assert found is not None, title
    return found[1]


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables in a text."""
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def described(text: str) -> set[str]:
    """Return all that has a row of a table, or stands out in bold."""
    first = [row[0] for row in rows(text)]
    names = {*first, *re.findall(r"\*\*([^*]+)\*\*", text)}
    return names | {part for cell in first for part in cell.split(", ")}


# --- everything is there -----------------------------------------------------------------


def labels(step: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the fields and sections of a form."""
    yield from step.get("data", {}).values()
    for section in step.get("sections", {}).values():
        yield from section["data"].values()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("broker", "config"),
        ("broker", "options"),
        ("devices", "config_subentries.device"),
        ("publishing", "config_subentries.publish_rule"),
    ],
)
def test_forms(name: str, path: str) -> None:
    """Each field of each form is on the page about it, each section too."""
    text = page(name)
    flow: Any = english()
    for part in path.split("."):
        flow = flow[part]

    wanted = {label for step in flow["step"].values() for label in labels(step)}
    assert not wanted - described(text)
    sections = {
        section["name"]
        for step in flow["step"].values()
        for section in step.get("sections", {}).values()
    }
    assert not {each for each in sections if each not in text}


@pytest.mark.parametrize("kind", ["services", "triggers", "conditions"])
async def test_automation(hass: HomeAssistant, kind: str) -> None:
    """Each action, trigger and condition has a chapter, with all fields and an example."""
    text = page("actions" if kind == "services" else kind)
    known = {
        "services": {name for name, *_ in ACTIONS},
        "triggers": set(TRIGGERS),
        "conditions": set(await async_get_conditions(hass)),
    }[kind]
    texts = english()[kind]
    assert texts.keys() == known

    for key, each in texts.items():
        part = chapter(text, each["name"])
        assert f"`{DOMAIN}.{key}`" in part
        assert f": {DOMAIN}.{key}" in part
        names = {field["name"] for field in each["fields"].values()}
        assert not names - described(part)
        # With one field of all there is no table.
        if len(names) > 1:
            assert not {field for field in each["fields"] if f"`{field}`" not in part}


def test_platforms() -> None:
    """Each platform is listed, and whether there is a form for it."""
    device = english()["config_subentries"]["device"]
    listed = {}
    for name, form, pasted in (
        row for row in rows(chapter(page("entities"), "Platforms")) if len(row) == 3
    ):
        if link := re.match(r"\[([^\]]+)\]", name):
            listed[link[1].lower().replace(" ", "_")] = form == "yes"
            assert pasted == "yes"

    with_form = device["step"]["add_entity"]["menu_options"]
    assert listed == {str(each): each in with_form for each in PLATFORMS}


def test_platform_forms() -> None:
    """The form of each platform has a chapter with the fields that it alone has."""
    text = page("devices")
    steps = english()["config_subentries"]["device"]["step"]
    common = described(chapter(text, "Fields that all entities have", 3))
    for platform, title in steps["add_entity"]["menu_options"].items():
        found = described(chapter(text, title, 3))
        forms = steps[platform].get("menu_options", [platform])
        for form in forms:
            assert not set(labels(steps[form])) - found - common


def test_own_entities() -> None:
    """The broker's own entities are listed."""
    names = {
        entity["name"]
        for entities in english()["entity"].values()
        for entity in entities.values()
    }
    assert not names - described(page("entities"))


def test_payloads() -> None:
    """Each payload of publish rules is listed."""
    options = english()["selector"]["publish_payload"]["options"].values()
    assert not set(options) - described(chapter(page("publishing"), "Payloads"))


def test_commands() -> None:
    """Each command for published entities is listed, and no other."""
    listed: dict[str, set[str]] = {}
    for row in rows(chapter(page("publishing"), "Commands back")):
        names, _, more = row
        for name in names.partition(" (")[0].lower().split(", "):
            listed[name.replace(" ", "_")] = set(re.findall(r"`(\w+)`", more))

    assert {domain: listed.get(domain) for domain in COMMANDS} == {
        domain: commands.keys() - {PLAIN} for domain, commands in COMMANDS.items()
    }


def test_limits() -> None:
    """The limits are those of the code."""
    text = page("limits")
    address, _, _ = parse_url("ws://broker.example.com")
    frame = Settings(address=address).max_frame
    for limit in (
        f"{MAX_ENTITIES:,} may come from announcements",
        f"Frames up to {frame >> 20} MiB",
        f"{MAX_TOPICS:,} states that wait",
        f"{MAX_PAYLOAD >> 10} KiB each",
        f"{MAX_COMPONENTS:,} components and {MAX_AVAILABILITY} availability topics",
        f"{MAX_NAMES:,} different names",
    ):
        assert limit in text


def quotes(text: str) -> Iterator[re.Pattern[str]]:
    """Yield a pattern for each text that a table of symptoms quotes."""
    quoting = False
    for row in rows(text):
        if set(row[0]) <= {"-"}:
            continue
        if row[0] == "What it says":
            quoting = True
        elif quoting:
            for quote in row[0].split("<br>"):
                parts = [re.escape(part.strip()) for part in quote.split("…")]
                yield re.compile(r"\s*.*".join(parts))


def test_errors() -> None:
    """What a form, an action or a repair says is explained, and quoted as it is."""
    texts = english()
    said = {
        *texts["config"]["error"].values(),
        texts["config"]["abort"]["already_configured"],
        *(each["message"] for each in texts["exceptions"].values()),
        *(each["title"] for each in texts["issues"].values()),
    }
    found = list(quotes(page("troubleshooting")))
    assert len(found) > 50
    assert not {text for text in said if not any(each.search(text) for each in found)}
    # This one is Home Assistant's own.
    assert {
        each.pattern for each in found if not any(each.search(text) for text in said)
    } == {"Unauthorized"}


def test_blueprints() -> None:
    """Each blueprint is listed under its name."""
    text = page("examples")
    for path in sorted((INTEGRATION / "blueprints" / "automation").glob("*.yaml")):
        name = yaml_util.load_yaml_dict(path)["blueprint"]["name"]
        assert f"[{name}](../{path.relative_to(ROOT)})" in text


# --- examples ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """A block of code on a page."""

    language: str
    text: str
    is_core: bool


def examples(*languages: str) -> list[Any]:
    """Return the blocks of these languages, named by page and line."""
    found = []
    for path in PAGES:
        text = path.read_text()
        for block in _BLOCK.finditer(text):
            if block["language"] in languages:
                line = text.count("\n", 0, block.start("text")) + 1
                example = Example(
                    block["language"], block["text"], block["core"] is not None
                )
                found.append(pytest.param(example, id=f"{path.name}:{line}"))
    return found


def our_actions(config: Any) -> Iterator[tuple[str, Any]]:
    """Yield our actions within an automation, however deep, with their data."""
    if isinstance(config, dict):
        action = str(config.get("action"))
        if action.startswith(f"{DOMAIN}."):
            yield action.removeprefix(f"{DOMAIN}."), config.get("data", {})
        config = list(config.values())
    if isinstance(config, list):
        for each in config:
            yield from our_actions(each)


@pytest.mark.parametrize("example", examples("yaml"))
async def test_yaml(hass: HomeAssistant, example: Example) -> None:
    """Home Assistant takes each automation, and we each block to paste."""
    content = yaml_util.parse_yaml(example.text)
    assert isinstance(content, dict)
    if "mqtt" in content:
        assert read_pasted(example.text).entities
        return
    if not content.keys() & {"triggers", "conditions", "actions"}:
        assert content.keys() in _RESPONSES
        return

    # What names no broker works where there is one.
    for entry_id in dict.fromkeys(_ENTRY_ID.findall(example.text)) or [None]:
        MockConfigEntry(domain=DOMAIN, entry_id=entry_id).add_to_hass(hass)
    if not example.is_core:
        assert await async_validate_config_item(
            hass, "docs", {"alias": "x", "triggers": [], "actions": [], **content}
        )
    schemas = {name: schema for name, _, schema, _ in ACTIONS}
    for name, data in our_actions(content):
        schemas[name](data)


@pytest.mark.parametrize(
    "wrong",
    [
        {"triggers": {"trigger": f"{DOMAIN}.message_received", "topic": "a"}},
        {"conditions": {"condition": f"{DOMAIN}.broker_is_connected", "options": 1}},
    ],
)
async def test_wrong_examples_are_found(
    hass: HomeAssistant, wrong: dict[str, Any]
) -> None:
    """What is checked above can fail."""
    MockConfigEntry(domain=DOMAIN).add_to_hass(hass)
    with pytest.raises(vol.Invalid):
        await async_validate_config_item(
            hass, "docs", {"alias": "x", "triggers": [], "actions": [], **wrong}
        )


@pytest.mark.parametrize("example", examples("jinja"))
async def test_templates(hass: HomeAssistant, example: Example) -> None:
    """Each template can be compiled."""
    cv.template(example.text)


def test_languages() -> None:
    """No block of code is written in a language that nobody checks."""
    found = {example.values[0].language for example in examples("", "yaml", "jinja")}
    assert found == {"", "yaml", "jinja"}
    others = {
        block["language"]
        for path in PAGES
        for block in _BLOCK.finditer(path.read_text())
    }
    assert others - found <= {"nginx"}


# --- links -------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """Return what GitHub calls the headings of a page."""
    outside = _BLOCK.sub("", text)
    headings = re.findall(r"^#+ (.+)$", outside, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links(path: Path) -> None:
    """Each link to a page or a picture of this project leads there."""
    broken = []
    for link in _LINK.finditer(_BLOCK.sub("", path.read_text())):
        target, _, anchor = link["target"].partition("#")
        if target.startswith(("http://", "https://")):
            continue
        file = (path.parent / target).resolve() if target else path
        leads_there = file.is_relative_to(ROOT) and file.exists()
        if not leads_there or (anchor and anchor not in anchors(file.read_text())):
            broken.append(link["target"])
    assert not broken


def test_index() -> None:
    """Every page can be found from the index, and the index from the front page."""
    index = page("README")
    pages = [path.name for path in PAGES if path.parent == DOCS]
    assert [name for name in pages if f"]({name}" not in index] == ["README.md"]
    assert "](docs/README.md)" in (ROOT / "README.md").read_text()
