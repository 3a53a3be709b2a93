"""What became of states and commands, in numbers."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Since the entry was loaded.

    ``dropped``: no room for a state, ``failed``: a state that the broker did not take
    or that no payload could be made of, ``commands``: carried out, ``command_errors``:
    not carried out, ``commands_ignored``: retained, or an echo of what we published.
    """

    published: int = 0
    failed: int = 0
    dropped: int = 0
    commands: int = 0
    command_errors: int = 0
    commands_ignored: int = 0
