"""Tests of MQTT over WebSocket."""
