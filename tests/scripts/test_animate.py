"""scripts/animate makes animations of a training's frames, and says what is wrong with them. The frames are made here, so
that what must come out is known; ffmpeg itself is tried only where it is installed."""

import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "reference"))
from support import ROOT, SpiralTest  # noqa: E402

FFMPEG = shutil.which("ffmpeg") and shutil.which("ffprobe")
COLOURS = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]


def png(width, height, colour):
    """A picture of one colour."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    rows = (b"\0" + bytes(colour) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Animate(SpiralTest):
    def animate(self, *arguments, code=0, path=None):
        environment = dict(os.environ, PATH=path) if path else None
        done = subprocess.run([str(ROOT / "scripts" / "animate"), *map(str, arguments)], cwd=self.folder, check=False,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def frames(self, *numbers, size=(41, 30), folder="run/frames"):
        target = self.folder / folder
        target.mkdir(parents=True, exist_ok=True)
        for i, number in enumerate(numbers):
            target.joinpath(f"frame-{number:06d}.png").write_bytes(png(*size, COLOURS[i % 3]))

    def assert_refused(self, reason, *arguments, code=1):
        done = self.animate(*arguments, code=code)
        self.assertIn(reason, done.stderr)
        self.assertEqual(done.stdout, "")

    def test_it_shows_text_as_the_other_scripts_do(self):
        """It is installed alone, with a copy of the function that they share."""
        shown = [re.search(r"^shown\(\) \{\n.*?^\}$", (ROOT / "scripts" / name).read_text(encoding="utf-8"), re.M | re.S).group()
                 for name in ("animate", "lib/shown.sh")]
        self.assertEqual(shown[0], shown[1])

    def test_the_help_fits_80_columns(self):
        self.assertEqual([line for line in self.animate("--help").stdout.splitlines() if len(line) > 80], [])

    def test_calls_that_are_none(self):
        self.frames(0)
        for reason, arguments in (("no folder", ()),
                                  ("unknown option '--speed'", ("run", "--speed", "2")),
                                  ("one folder is expected", ("run", "other")),
                                  ("-o takes a value", ("run", "-o")),
                                  ("the ending of 'a.avi' is none of", ("run", "-o", "a.avi")),
                                  ("--fps: found '0'", ("run", "--fps", "0")),
                                  ("--fps: found '1e3'", ("run", "--fps", "1e3")),
                                  ("--hold: found '61'", ("run", "--hold", "61")),
                                  ("--fps is given twice", ("run", "--fps", "5", "--fps", "7")),
                                  ("--hold is given twice", ("--hold", "1", "run", "--hold", "1")),
                                  ("--output is given twice", ("run", "-o", "a.png", "--output", "b.png"))):
            self.assert_refused(reason, *arguments, code=2)

    def test_no_frame_is_replaced(self):
        self.frames(0, 10)
        frames = self.folder / "run" / "frames"
        frames.joinpath("frame-000020.png").symlink_to("../kept.png")
        self.folder.joinpath("run", "kept.png").write_bytes(png(41, 30, COLOURS[2]))
        before = {path: path.read_bytes() for path in self.folder.rglob("*.png")}
        for reason, output in (("is the name of a frame", "run/frames/frame-000010.png"),
                               ("is the name of a frame", "run/../run/frames/frame-000099.png"),
                               ("is one of the frames", "run/kept.png")):
            self.assert_refused(f"'{output}' {reason}, expected an output that replaces no input", "run", "-o", output, code=2)
        self.assertEqual({path: path.read_bytes() for path in self.folder.rglob("*.png")}, before)

    def test_folders_without_frames_are_named(self):
        self.assert_refused("there is no folder 'missing'", "missing")
        (self.folder / "empty").mkdir()
        (self.folder / "empty" / "frame-x.png").write_bytes(b"")
        self.assert_refused("'empty' has no frames", "empty")
        self.frames(0)
        self.assert_refused("there is no folder 'nowhere' for 'nowhere/a.gif'", "run", "-o", "nowhere/a.gif")

    def test_frames_that_do_not_go_together_are_named(self):
        self.frames(0, 10)
        self.frames(20, size=(40, 30))
        self.assert_refused("'run/frames/frame-000020.png' has another size", "run")
        (self.folder / "run/frames/frame-000020.png").write_text("no picture at all, but long enough to be one")
        self.assert_refused("'run/frames/frame-000020.png' is no PNG", "run")

    def test_without_ffmpeg_it_is_asked_for(self):
        self.frames(0)
        tools = self.folder / "bin"
        tools.mkdir()
        for tool in ("bash", "dirname", "mktemp", "od", "tr", "ln", "sort", "rm", "cat"):
            tools.joinpath(tool).symlink_to(shutil.which(tool))
        done = subprocess.run([shutil.which("bash"), str(ROOT / "scripts" / "animate"), "run"], cwd=self.folder,
                              check=False, capture_output=True, text=True, env={"PATH": str(tools)})
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertEqual(done.stderr, "scripts/animate: ffmpeg is not installed; Debian and Ubuntu: apt-get install ffmpeg\n")
        self.assertFalse((self.folder / "run" / "animation.png").exists())

    @unittest.skipUnless(FFMPEG, "ffmpeg is not installed")
    def test_every_form_has_the_frames_in_their_order(self):
        # 1000000 has a digit more: as a text it would come before 999999
        self.frames(0, 999999, 1000000)
        for name, codec in (("a.png", "apng"), ("b.apng", "apng"), ("c.gif", "gif"), ("d.mp4", "h264")):
            done = self.animate("run", "-o", name, "--fps", "5", "--hold", "0")
            self.assertEqual(done.stdout, f"{name}: 3 frames\n")
            probed = json.loads(subprocess.run(
                ["ffprobe", "-v", "error", "-count_frames", "-of", "json", "-show_entries",
                 "stream=codec_name,width,height,nb_read_frames", name],
                cwd=self.folder, check=True, capture_output=True, text=True).stdout)["streams"][0]
            self.assertEqual((probed["codec_name"], int(probed["nb_read_frames"])), (codec, 3), name)
            self.assertEqual((probed["width"], probed["height"]), (42, 30) if codec == "h264" else (41, 30), name)
            raw = subprocess.run(["ffmpeg", "-v", "error", "-i", name, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
                                 cwd=self.folder, check=True, capture_output=True).stdout
            size = probed["width"] * probed["height"] * 3
            for i, colour in enumerate(COLOURS):
                middle = raw[i * size + 15 * probed["width"] * 3 + 60:][:3]
                self.assertTrue(all(abs(a - b) <= 12 for a, b in zip(middle, colour)), (name, i, middle, colour))

    @unittest.skipUnless(FFMPEG, "ffmpeg is not installed")
    def test_the_last_frame_is_held_and_the_same_frames_give_the_same_bytes(self):
        self.frames(0, 5, 10)
        self.animate("run")
        self.animate("run/frames", "-o", "second.png")
        first = (self.folder / "run/animation.png").read_bytes()
        self.assertEqual(first, (self.folder / "second.png").read_bytes())
        self.assertIn(b"acTL", first)
        self.assertEqual(struct.unpack(">I", first[first.index(b"acTL") + 4:][:4])[0], 3 + 20)  # 2 s at 10 a second
        self.assertEqual(sorted(path.name for path in (self.folder / "run").iterdir()), ["animation.png", "frames"])


if __name__ == "__main__":
    unittest.main()
