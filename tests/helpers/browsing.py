"""A headless browser for tests: Chromium, driven by selenium, both from this machine."""

from __future__ import annotations

import base64
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

#: Nothing from the network, nothing of a first run; WebGL by the processor.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--force-device-scale-factor=1",
)


@contextmanager
def browser(profile: Path, width: int = 1200, height: int = 900) -> Iterator[Any]:
    """A browser with a profile of its own in an empty folder; skips where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="drives a browser")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs Chromium and chromedriver (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # With the driver's path, selenium looks for none in the network.
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        started.set_script_timeout(60)
        yield started
    finally:
        started.quit()


def open_page(driver: Any, path: Path) -> None:
    """Open a page of the explorer, and wait until it is drawn."""
    driver.get(path.as_uri())
    until(lambda: driver.execute_script("return document.documentElement.dataset.ready"))


def until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Wait until something is true, and return it."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)
    return found


def errors(driver: Any) -> list[str]:
    """What the page has written to the console as errors since the last call."""
    return [line["message"] for line in driver.get_log("browser") if line["level"] == "SEVERE"]


def screenshot(driver: Any) -> bytes:
    """The window as a PNG."""
    return base64.b64decode(driver.get_screenshot_as_base64())
