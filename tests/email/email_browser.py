"""Headless Chromium over its debugging pipe: screenshots, dark mode, accessibility, network requests.

Nothing to install: Chromium's protocol is JSON between null bytes on two file descriptors.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)


def executable() -> str | None:
    """Return the path of a Chromium, or None where there is none, or no pipe to talk to it through (Windows)."""
    if os.name == "nt":
        return None
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome", "chrome"))
    return next((path for path in found if path), None)


class Browser:
    """One running Chromium with one page."""

    def __init__(self, profile: Path) -> None:
        import fcntl  # not on Windows, where `executable` finds nothing

        here_reads, chromium_writes = os.pipe()
        chromium_reads, here_writes = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4; copies further up keep the two from covering each other.
        reads, writes = (fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (chromium_reads, chromium_writes))

        def connect() -> None:
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        self._process = subprocess.Popen(
            [str(executable()), *FLAGS, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=connect,  # noqa: PLW1509 (no threads touch these descriptors)
            pass_fds=(3, 4),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (reads, writes):
            os.close(end)
        os.close(chromium_reads)
        os.close(chromium_writes)
        self._in, self._out = os.fdopen(here_reads, "rb", 0), os.fdopen(here_writes, "wb", 0)
        self._rest, self._number, self._session = b"", 0, None
        self.requests: list[str] = []
        self._loaded = False
        target = self._send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            self._send(f"{domain}.enable")

    def open(self, file: Path, width: int, dark: bool = False, forced_dark: bool = False) -> None:
        """Open a page at a width; `forced_dark` inverts its colours as some mail programs do."""
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._send("Emulation.setEmulatedMedia", features=scheme)
        self._send("Emulation.setAutoDarkModeOverride", enabled=forced_dark)
        self._send(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500
        )
        self.requests, self._loaded = [], False
        self._send("Page.navigate", url=file.as_uri())
        while not self._loaded:
            self._next()

    def screenshot(self, file: Path, tallest: int = 20_000, scale: float = 1) -> None:
        """Write the whole page as a PNG."""
        size = self._send("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], tallest), "scale": scale}
        shot = self._send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        file.write_bytes(base64.b64decode(shot["data"]))

    def evaluate(self, script: str) -> Any:
        """Run a script in the page and return its value; promises are awaited."""
        answer = self._send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def close(self) -> None:
        """End the browser."""
        self._process.terminate()
        self._process.wait(timeout=20)
        self._in.close()
        self._out.close()

    def _send(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        mine = self._number
        message: dict[str, Any] = {"id": mine, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == mine:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return dict(answer["result"])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = self._in.read(1 << 20)
            if not more:
                raise AssertionError("Chromium ended")
            self._rest += more
        text, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        if message.get("method") == "Page.loadEventFired":
            self._loaded = True
        return message


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Start a browser with an empty profile, and end it."""
    running = Browser(profile)
    try:
        yield running
    finally:
        running.close()
