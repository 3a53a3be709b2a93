"""Render the images: `python -m scripts.brand` after a change of the drawings.

Needs Chromium. The dark variants are for dark backgrounds.
"""

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from ..dev.browser import CHROMIUM, CHROMIUM_ARGUMENTS

_DRAWINGS = Path(__file__).parent
_IMAGES = _DRAWINGS.parents[1] / "custom_components" / "mqtt_websocket" / "brand"
_HEIGHT = 256  # of a plain image; @2x has twice that
# What changes on dark backgrounds: lighter mark, white text.
_DARK = {"#14b8a6": "#2dd4bf", "#4338ca": "#6366f1", "#1e1b4b": "#ffffff"}


def _render(page: Page, drawing: str, height: int, image: Path) -> None:
    page.set_content(f"<style>body {{ margin: 0 }}</style>{drawing}")
    svg = page.locator("svg")
    svg.evaluate(f"svg => {{ svg.style.height = '{height}px' }}")
    svg.evaluate("svg => { svg.style.display = 'block'; svg.style.width = 'auto' }")
    svg.screenshot(path=image, omit_background=True)
    with Image.open(image) as rendered:
        rendered.save(image, optimize=True)


def main() -> None:
    """Render each drawing in two sizes for light and dark backgrounds."""
    _IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS
        )
        page = browser.new_page(viewport={"width": 2400, "height": 600})
        for name in ("icon", "logo"):
            light = dark = (_DRAWINGS / f"{name}.svg").read_text()
            for color, replacement in _DARK.items():
                dark = dark.replace(color, replacement)
            for prefix, drawing in ("", light), ("dark_", dark):
                for suffix, factor in ("", 1), ("@2x", 2):
                    image = _IMAGES / f"{prefix}{name}{suffix}.png"
                    _render(page, drawing, _HEIGHT * factor, image)
        browser.close()


if __name__ == "__main__":
    main()
