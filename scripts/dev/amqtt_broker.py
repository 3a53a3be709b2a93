"""An MQTT broker in Python, for machines without Mosquitto.

It is amqtt with two faults mended. It speaks MQTT 3.1.1 only, publishes retained
messages with QoS 1 and keeps nothing for absent clients: good enough to develop with,
not to judge protocol behaviour by.
"""

import argparse
import asyncio
import logging
import signal
import ssl
from typing import Any, override

from amqtt.broker import Broker

HOST = "127.0.0.1"


class MendedBroker(Broker):
    """amqtt 0.12.1 without the faults that a client notices at once."""

    @override
    async def _publish_retained_messages_for_subscription(
        self, subscription: Any, session: Any
    ) -> None:
        """Send retained messages for the client's own subscriptions only.

        amqtt sends a new client what matches anybody's.
        """
        mine = self._subscriptions.get(subscription[0], ())
        if any(other.client_id == session.client_id for other, _ in mine):
            await super()._publish_retained_messages_for_subscription(
                subscription, session
            )

    @staticmethod
    @override
    def _create_ssl_context(listener: Any) -> ssl.SSLContext:
        """Ask clients for no certificate: browsers break off where amqtt does."""
        context = Broker._create_ssl_context(listener)  # noqa: SLF001 - overridden here
        context.verify_mode = ssl.CERT_NONE
        return context


def _listeners(options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    listeners: dict[str, dict[str, Any]] = {
        "default": {"type": "tcp", "bind": f"{HOST}:{options.tcp}"},
        "ws": {"type": "ws", "bind": f"{HOST}:{options.ws}"},
    }
    if options.wss:
        listeners["wss"] = {
            "type": "ws",
            "bind": f"{HOST}:{options.wss}",
            "ssl": True,
            "certfile": options.certificate,
            "keyfile": options.key,
        }
    return listeners


async def serve(options: argparse.Namespace) -> None:
    """Run until SIGINT or SIGTERM; print ``listening`` when clients may come."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    anonymous = "amqtt.plugins.authentication.AnonymousAuthPlugin"
    broker = MendedBroker(
        {
            "listeners": _listeners(options),
            "plugins": {anonymous: {"allow_anonymous": True}},
        }
    )
    await broker.start()
    print("listening", flush=True)
    await stop.wait()
    await broker.shutdown()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tcp", type=int, required=True, metavar="PORT")
    parser.add_argument("--ws", type=int, required=True, metavar="PORT")
    parser.add_argument("--wss", type=int, metavar="PORT")
    parser.add_argument("--certificate", metavar="FILE")
    parser.add_argument("--key", metavar="FILE")
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
