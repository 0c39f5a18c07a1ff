"""What the tests of pages in a browser share."""

import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from browser import Browser, find_browser  # noqa: E402
from support import SpiralTest  # noqa: E402

# Pictures of the pages, to be looked at: SPIRAL_PICTURES=folder
PICTURES = os.environ.get("SPIRAL_PICTURES")


def number(text):
    return float(text.replace("\u2212", "-").replace(" %", "e-2"))


@unittest.skipUnless(find_browser(), "no Chromium was found (chromium)")
class PageTest(SpiralTest):
    @classmethod
    def setUpClass(cls):
        cls.browser = Browser().__enter__()
        cls.addClassCleanup(cls.browser.__exit__, None, None, None)

    def open(self, path, **options):
        page = self.browser.open(self.folder / path, **options)
        self.addCleanup(page.close)
        self.assertEqual(page.complaints(), [])
        return page

    def check_widths(self, path, name, prepare=lambda page: None):
        """The page fits the window in three widths, in light and dark."""
        for width in (360, 800, 1600):
            for dark in (False, True):
                page = self.browser.open(self.folder / path, width=width, dark=dark)
                prepare(page)
                self.assertLessEqual(page.run("document.documentElement.scrollWidth"), width, (name, width))
                if PICTURES:
                    page.screenshot(pathlib.Path(PICTURES) / f"{name}-{width}-{'dark' if dark else 'light'}.png")
                self.assertEqual(page.complaints(), [])
                page.close()
