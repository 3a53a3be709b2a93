"""The components of devices that are no entities: device triggers and tag scanners."""

from .listeners import ListenerPlan, Listeners

__all__ = ["ListenerPlan", "Listeners"]
