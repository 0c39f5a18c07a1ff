"""A headless Chromium, driven over its DevTools protocol through a pair of pipes (--remote-debugging-pipe): messages are
JSON, each ended by a NUL byte. No package is needed but the browser."""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time
import unittest

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
SECONDS = 60  # for any one answer


def find_browser():
    """The path of a Chromium, or None."""
    return os.environ.get("SPIRAL_BROWSER") or next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """with Browser() as browser: page = browser.open(path)"""

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="spiral-browser-")
        theirs_in, self.to = os.pipe()
        self.back, theirs_out = os.pipe()
        options = ["--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.profile}", "--disable-gpu",
                   "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking",
                   "--disable-component-update", "--hide-scrollbars", "--force-device-scale-factor=1"]
        options.append("--no-sandbox")  # it has none as root, nor in most containers, and would not start
        # Chromium reads descriptor 3 and writes descriptor 4.
        shell = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self.process = subprocess.Popen(["bash", "-c", shell, "bash", find_browser(), *options, "about:blank"],
                                        pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, env={**os.environ, "HOME": self.profile})
        os.close(theirs_in)
        os.close(theirs_out)
        self.buffer, self.number, self.pages = b"", 0, {}
        try:
            self.call("Browser.getVersion")
        except (OSError, RuntimeError) as error:
            self.__exit__()
            raise unittest.SkipTest(f"{find_browser()} does not start here: {error}") from None
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
        except (OSError, RuntimeError):
            self.process.kill()
        self.process.wait(timeout=SECONDS)
        os.close(self.to)
        os.close(self.back)
        shutil.rmtree(self.profile, ignore_errors=True)

    def read(self, deadline):
        """The next message."""
        while b"\0" not in self.buffer:
            if not select.select([self.back], [], [], max(0, deadline - time.monotonic()))[0]:
                raise RuntimeError("the browser does not answer")
            piece = os.read(self.back, 1 << 20)
            if not piece:
                raise RuntimeError("the browser has ended")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def take(self, deadline):
        """Reads a message; an event goes to its page."""
        message = self.read(deadline)
        page = self.pages.get(message.get("sessionId"))
        if "method" in message and page:
            page.events.append(message)
        return message

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + SECONDS
        while True:
            answer = self.take(deadline)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, path, width=1280, height=900, dark=False):
        """Opens a file from the disk, in a window of this size, and waits until it is loaded."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session, target)
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            page.call(domain + ".enable")
        page.resize(width, height)
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        page.call("Page.navigate", url=pathlib.Path(path).resolve().as_uri())
        page.wait_for("Page.loadEventFired")
        return page


class Page:
    def __init__(self, browser, session, target):
        self.browser, self.session, self.target, self.events = browser, session, target, []

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)
        del self.browser.pages[self.session]

    def wait_for(self, method):
        deadline = time.monotonic() + SECONDS
        while not any(event["method"] == method for event in self.events):
            self.browser.take(deadline)

    def resize(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def run(self, script):
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)}).textContent")

    def set(self, selector, value, event="input"):
        """Gives a slider or a choice a value, as the reader would."""
        self.run(f"""(() => {{ const found = document.querySelector({json.dumps(selector)});
                     found.value = {json.dumps(str(value))}; found.dispatchEvent(new Event({json.dumps(event)}, {{bubbles: true}})); }})()""")

    def key(self, key, code=None):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=code or key,
                      windowsVirtualKeyCode={"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9, " ": 32,
                                             "Home": 36, "End": 35, "Enter": 13}.get(key, 0), text=" " if key == " " else "")

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def box(self, selector):
        """Left, top, width, height in the window, once the element is in view."""
        return self.run(f"""(() => {{ const found = document.querySelector({json.dumps(selector)});
                     found.scrollIntoView({{block: 'center', behavior: 'instant'}}); const box = found.getBoundingClientRect();
                     return [box.left, box.top, box.width, box.height]; }})()""")

    def screenshot(self, path):
        """The whole page as a PNG."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 8000), "scale": 1}
        answer = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        pathlib.Path(path).write_bytes(base64.b64decode(answer["data"]))

    def complaints(self):
        """What the page has written on the console, exceptions, and all that it asked for but its own file."""
        found = []
        for event in self.events:
            parameters = event["params"]
            if event["method"] == "Runtime.consoleAPICalled":
                found.append(str(parameters["args"]))
            elif event["method"] == "Runtime.exceptionThrown":
                found.append(str(parameters["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded":
                found.append(parameters["entry"]["text"])
            elif event["method"] == "Network.requestWillBeSent" and parameters.get("type") != "Document":
                found.append("asks for " + parameters["request"]["url"])
        return found

    def accessible(self):
        """(role, name) of all that a screen reader is told of."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(node.get("role", {}).get("value"), node.get("name", {}).get("value", "")) for node in nodes if not node.get("ignored")]
