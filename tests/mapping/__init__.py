"""The room between bytes and values, with core's MQTT integration as the reference.

``homeassistant.components.mqtt`` is imported here and nowhere else: what it does with a
payload, a template or a config is what ours must do.
"""
