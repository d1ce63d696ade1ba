"""A headless Chromium that tests talk to by the W3C WebDriver protocol (https://www.w3.org/TR/webdriver2/), with nothing to install for it in Python."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip


def missing() -> str:
    """Return why there is no browser, or nothing."""
    absent = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"no {' and no '.join(absent)} here (apt-get install chromium chromium-driver)" if absent else ""


class Browser:
    """One window; `run` evaluates JavaScript in the page, `messages` are what the console said, `requests` the addresses that were asked for."""

    def __init__(self, port: int, folder: Path) -> None:
        arguments = [*QUIET, f"--user-data-dir={folder}"]
        options = {"args": arguments, "binary": shutil.which("chromium")}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        self.root = f"http://127.0.0.1:{port}/session"
        self.root += "/" + str(self._post("", {"capabilities": {"alwaysMatch": wanted}})["sessionId"])

    def open(self, page: Path, width: int = 1280, height: int = 900) -> None:
        """Open a file in a window of a size."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self._post("/url", {"url": page.resolve().as_uri()})

    def run(self, script: str, *arguments: object) -> Any:
        """Return what a script returns."""
        return self._post("/execute/sync", {"script": script, "args": list(arguments)})

    def command(self, name: str, **parameters: object) -> Any:
        """Return what a command of the DevTools protocol returns."""
        return self._post("/goog/cdp/execute", {"cmd": name, "params": parameters})

    def messages(self) -> list[str]:
        """Return what the console has said since it was last asked."""
        return [entry["message"] for entry in self._post("/se/log", {"type": "browser"})]

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since it was last asked."""
        entries = [json.loads(entry["message"])["message"] for entry in self._post("/se/log", {"type": "performance"})]
        return [entry["params"]["request"]["url"] for entry in entries if entry["method"] == "Network.requestWillBeSent"]

    def close(self) -> None:
        """Close the window."""
        urlopen(Request(self.root, method="DELETE"), timeout=20).close()

    def _post(self, path: str, data: dict[str, Any]) -> Any:
        request = Request(self.root + path, json.dumps(data).encode(), {"Content-Type": "application/json"}, method="POST")
        with urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]


@contextmanager
def browser(folder: Path, port: int) -> Iterator[Browser]:
    """Give a browser of its own, and end it."""
    with subprocess.Popen(["chromedriver", f"--port={port}", "--silent"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as driver:
        try:
            _wait(port)
            window = Browser(port, folder)
            try:
                yield window
            finally:
                window.close()
        finally:
            driver.terminate()


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            urlopen(f"http://127.0.0.1:{port}/status", timeout=5).close()
        except URLError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("chromedriver does not answer")
