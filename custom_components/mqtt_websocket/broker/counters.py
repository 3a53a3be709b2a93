"""What went through a broker's connections."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Counted since the broker was made. Sizes are those of payloads, in bytes."""

    received: int = 0
    bytes_received: int = 0
    published: int = 0
    bytes_published: int = 0
    connections: int = 0
    handler_errors: int = 0
