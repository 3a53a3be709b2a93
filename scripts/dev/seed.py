"""A Home Assistant configuration folder that starts onboarded, with a user and a token.

The files are those that the onboarding wizard leaves behind. Its REST interface would do
too, but sets up integrations that nobody asked for and that want the internet.
"""

import base64
from datetime import UTC, datetime
import hashlib
import hmac
import json
from pathlib import Path
import secrets
import time
from typing import Any
import uuid

import bcrypt

USER = PASSWORD = "dev"
TOKEN_FILE = "dev-token"
_TEN_YEARS = 3650 * 24 * 3600

CONFIGURATION = """\
homeassistant:
  name: Development
  latitude: 52.37
  longitude: 4.89
  elevation: 0
  unit_system: metric
  time_zone: Europe/Amsterdam
  country: NL
  currency: EUR
  language: en

# Not default_config: it loads twenty more packages. The helpers, automations, scripts and
# scenes come without being named.
automation: !include automations.yaml
config:
frontend:
history:
logbook:
recorder:
  commit_interval: 1
scene: !include scenes.yaml
script: !include scripts.yaml

logger:
  default: warning
  logs:
    custom_components.mqtt_websocket: debug
    # Neither ffmpeg nor libturbojpeg has to be there.
    haffmpeg.core: critical
    haffmpeg.tools: critical
    homeassistant.components.camera.img_util: critical
    # Each start would warn that a custom integration was found.
    homeassistant.loader: error
"""
_INCLUDED = {"automations.yaml": "[]\n", "scenes.yaml": "[]\n", "scripts.yaml": "{}\n"}


def seed(config: Path, host: str, port: int) -> str:
    """Make or complete the folder and return a long-lived access token.

    What is there already stays as it is, but for the address to listen on. Home
    Assistant must not be running.
    """
    storage = config / ".storage"
    storage.mkdir(parents=True, exist_ok=True)
    for name, content in {"configuration.yaml": CONFIGURATION, **_INCLUDED}.items():
        if not (config / name).exists():
            (config / name).write_text(content)
    # In the oldest form, which every release migrates. An `http:` in the configuration
    # would be tried for five minutes only, after which Home Assistant restarts.
    _store(storage, "http", 1, {"server_host": [host], "server_port": port})
    token_file = config / TOKEN_FILE
    if not (storage / "auth").exists():
        token_file.touch(mode=0o600)
        token_file.write_text(_onboard(storage))
    return token_file.read_text()


def _store(storage: Path, key: str, version: int, data: dict[str, Any]) -> None:
    path = storage / key
    path.touch(mode=0o600)
    content = {"version": version, "minor_version": 1, "key": key, "data": data}
    path.write_text(json.dumps(content, indent=2))


def _onboard(storage: Path) -> str:
    """Write what the wizard writes: an owner who can log in, and one token."""
    user_id, credential_id, token_id = (uuid.uuid4().hex for _ in range(3))
    jwt_key = secrets.token_hex(64)
    steps = ["user", "core_config", "analytics", "integration"]
    _store(storage, "onboarding", 4, {"done": steps})
    _store(
        storage,
        "core.analytics",
        1,
        {"onboarded": True, "preferences": {}, "uuid": None},
    )
    # Few rounds: a development password, and a quick log-in.
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds=4))
    login = {"username": USER, "password": base64.b64encode(hashed).decode()}
    _store(storage, "auth_provider.homeassistant", 1, {"users": [login]})
    auth = {
        "groups": [
            {"id": "system-admin", "name": "Administrators"},
            {"id": "system-users", "name": "Users"},
            {"id": "system-read-only", "name": "Read Only"},
        ],
        "users": [
            {
                "id": user_id,
                "group_ids": ["system-admin"],
                "is_owner": True,
                "is_active": True,
                "name": "Developer",
                "system_generated": False,
                "local_only": False,
            }
        ],
        "credentials": [
            {
                "id": credential_id,
                "user_id": user_id,
                "auth_provider_type": "homeassistant",
                "auth_provider_id": None,
                "data": {"username": USER},
            }
        ],
        "refresh_tokens": [
            {
                "id": token_id,
                "user_id": user_id,
                "client_id": None,
                "client_name": "scripts/develop",
                "client_icon": None,
                "token_type": "long_lived_access_token",
                "created_at": datetime.now(UTC).isoformat(),
                "access_token_expiration": float(_TEN_YEARS),
                "token": secrets.token_hex(64),
                "jwt_key": jwt_key,
                "last_used_at": None,
                "last_used_ip": None,
                "expire_at": None,
                "credential_id": None,
                "version": None,
            }
        ],
    }
    _store(storage, "auth", 1, auth)
    return _access_token(token_id, jwt_key)


def _access_token(refresh_token_id: str, key: str) -> str:
    """Return the JSON Web Token (HS256) that Home Assistant expects for a token of its."""

    def encode(data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    now = int(time.time())
    claims = {"iss": refresh_token_id, "iat": now, "exp": now + _TEN_YEARS}
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    head = b".".join(encode(json.dumps(part).encode()) for part in parts)
    signature = hmac.new(key.encode(), head, hashlib.sha256).digest()
    return (head + b"." + encode(signature)).decode()
