"""MQTT over WebSocket. Imports nothing of Home Assistant."""
