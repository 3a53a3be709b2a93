"""Where Chromium is, and how it starts here."""

import os
import shutil

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
# Chromium's sandbox does not work for root, as in a container.
CHROMIUM_ARGUMENTS = ["--no-sandbox"] if os.geteuid() == 0 else []
