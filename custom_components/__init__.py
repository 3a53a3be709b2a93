"""Home for the integration; Home Assistant's loader and the tests need it to be a package."""
