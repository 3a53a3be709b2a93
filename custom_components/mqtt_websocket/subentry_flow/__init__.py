"""The forms for what is added to a broker: devices and publish rules."""

from .device import DeviceSubentryFlow
from .publish_rule import PublishRuleSubentryFlow

__all__ = ["DeviceSubentryFlow", "PublishRuleSubentryFlow"]
