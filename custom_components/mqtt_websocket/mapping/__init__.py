"""From bytes to values and back. Knows the schemas, knows no entity class."""
