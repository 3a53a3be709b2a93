"""Against real parts: other brokers, reverse proxies and forward proxies."""
