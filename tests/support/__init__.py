"""What tests share: a real MQTT server, an independent client, certificates, translation checks."""
