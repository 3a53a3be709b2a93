"""Tests of the broker room: MQTT over WebSocket without Home Assistant."""
