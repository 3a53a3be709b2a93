"""All that is meant to differ from core's integration, with the reason."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final


@dataclass(frozen=True)
class Found:
    """One value in which the worlds differ.

    ``path`` is where: ``entities/switch.x/attributes/icon``, ``devices/dev/via``,
    ``commands/0/payload``, ``error``.
    """

    table: str
    case: str
    step: str
    path: str
    core: Any
    ours: Any


ANY: Final = object()


@dataclass(frozen=True, eq=False)
class Difference:
    """What may differ, and why. Patterns are those of fnmatch; ANY is any value.

    One of a certain table has to occur in it, so that none outlives its reason.
    """

    why: str
    path: str
    table: str = "*"
    case: str = "*"
    step: str = "*"
    core: Any = ANY
    ours: Any = ANY

    def explains(self, found: Found) -> bool:
        """Whether this is the reason of a difference."""
        return (
            all(
                fnmatchcase(getattr(found, name), getattr(self, name))
                for name in ("table", "case", "step", "path")
            )
            and (self.core is ANY or self.core == found.core)
            and (self.ours is ANY or self.ours == found.ours)
        )


DIFFERENCES: Final = (
    Difference(
        "What others are reached through, and has not announced itself yet, is called by "
        "its identifier; in core by the title of the entry, as is the broker.",
        path="devices/*/name",
        core="Mock Title",
    ),
    Difference(
        "Core has one broker, ours any number: each device hangs on its broker's.",
        path="devices/*/via",
        core=None,
        ours="the broker",
    ),
    Difference(
        "A changed icon or unit is one for the registry at once, not after a restart.",
        path="entities/*/registered/original_icon",
        case="changes*",
    ),
    Difference(
        "A changed icon or unit is one for the registry at once, not after a restart.",
        path="entities/*/registered/unit_of_measurement",
        case="changes*",
    ),
    Difference(
        "So is a changed category.",
        path="entities/*/registered/entity_category",
        case="changes*",
    ),
    Difference(
        "Another unique id on the same topic is another entity. Core goes on with the"
        " one it has until the restart.",
        table="common",
        case="taken over by another unique id",
        path="entities/sensor.device_it/registered/unique_id",
        core="it",
        ours="new",
    ),
    Difference(
        "A component that its device does not name any more goes at once (issue 4);"
        " core keeps it until the restart.",
        table="common",
        case="device",
        step="*Announce*",
        path="entities/button.device_mqtt_button",
        ours="nothing",
    ),
    Difference(
        "An entity id without a domain still says what a person wishes; core makes"
        " `<platform>.unnamed_device` of it.",
        table="common",
        case="*: entity id without domain",
        path="entities/*",
    ),
    Difference(
        "We publish nothing on the topics of announcements. Core takes back what was"
        " taken back already: of entities that are disabled.",
        step="withdrawn",
        path="commands",
        ours=[],
    ),
    Difference(
        "A device that only others named goes with the last of them; core keeps it.",
        step="withdrawn",
        path="devices/*",
        ours="nothing",
    ),
    Difference(
        "Where the topic, the template or the payloads change, what was heard before"
        " means nothing any more: it is forgotten, and what is retained is read anew."
        " Core shows the old state until the next message.",
        path="entities/*/state",
        case="changes of meaning*",
    ),
    Difference(
        "A command that can't be a payload fails the action; core only logs it.",
        path="error",
        case="raw command*",
        core=None,
        ours="HomeAssistantError",
    ),
    Difference(
        "A new announcement changes what it says, not what was told before.",
        table="fan",
        case="changes",
        path="entities/*/attributes/oscillating",
        core=False,
    ),
    Difference(
        "An error with a text, where core's is that of a missing key.",
        table="update",
        case="no payload",
        path="error",
        core="KeyError",
        ours="ServiceValidationError",
    ),
    Difference(
        "A payload that is too long for a state changes nothing (design 7); core's"
        " sensors become unknown.",
        table="sensor",
        path="entities/*/state",
        step="*zzzzzzzzzz*",
        core="unknown",
    ),
    Difference(
        "A command that can't be encoded fails the action (design 7). Core logs it, and"
        " believes that the command was published.",
        table="switch",
        case="commands that can't be encoded*",
        path="error",
        core=None,
        ours="HomeAssistantError",
    ),
    Difference(
        "What was not published is not believed.",
        table="switch",
        case="commands that can't be encoded*",
        step="* Do(*",
        path="entities/switch.device_it/state",
    ),
    Difference(
        "What triggers a device trigger is a device trigger, as Home Assistant's"
        " documentation of trigger data says; core says `mqtt`.",
        table="device_automation",
        path="happened/*/platform",
        core="mqtt",
        ours="device",
    ),
    Difference(
        "A retained message says what was, not what happens: as with events, it"
        " triggers nothing, so that no automation runs because Home Assistant started.",
        table="device_automation",
        case="retained",
        step="* Automate(*",
        path="happened",
        ours=[],
    ),
    Difference(
        "Nor is a tag scanned then.",
        table="tag",
        case="retained",
        step="* Announce(*",
        path="happened",
        ours=[],
    ),
    Difference(
        "A changed payload counts at once; in core when the automation starts anew.",
        table="device_automation",
        case="changes payload",
        path="happened",
    ),
    Difference(
        "An automation with a trigger that is not announced any more waits for it, at"
        " once and after a restart. Core goes on with the renamed trigger until then.",
        table="device_automation",
        case="changes name",
        path="happened",
        ours=[],
    ),
    Difference(
        "Core does not read anew what is retained when an attribute template changes.",
        path="entities/*/attributes/*",
        case="changes of meaning*",
    ),
)
