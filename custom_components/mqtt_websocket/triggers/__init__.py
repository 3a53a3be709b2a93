"""The triggers of MQTT over WebSocket, one kind a module."""
