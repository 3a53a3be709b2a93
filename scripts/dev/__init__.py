"""The stack that scripts/develop starts: a broker, simulated devices and Home Assistant."""
