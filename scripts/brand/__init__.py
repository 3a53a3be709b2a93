"""The images of the integration: drawn in SVG, shipped as PNG."""
