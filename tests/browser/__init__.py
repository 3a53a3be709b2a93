"""Tests in the real user interface: Home Assistant's frontend in headless Chromium."""
