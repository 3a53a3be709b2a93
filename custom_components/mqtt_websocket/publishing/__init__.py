"""Home Assistant's states on the broker."""

from .publisher import Publishing

__all__ = ["Publishing"]
