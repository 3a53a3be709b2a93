"""Tables: what is known of topics, keys, units and values. Data, no decisions."""

from .families import FAMILIES
from .rule import Command, Family, Rule, Shape, Whole
from .values import VALUES

__all__ = ["FAMILIES", "VALUES", "Command", "Family", "Rule", "Shape", "Whole"]
