"""A small disk that can be filled: a tmpfs in a mount namespace of this process, or, where none can be had, a limit of the size of
the program's files."""

import ctypes
import errno
import os
import resource
import subprocess

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000


def leave_mounts():
    """Gives this process (of one thread) mounts of its own. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWNS | (CLONE_NEWUSER if user != 0 else 0)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    if user != 0:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)


class Disk:
    def __init__(self, folder, megabytes):
        self.folder = folder
        self.ballast = folder / "ballast"
        self.why_none = None
        folder.mkdir()
        try:
            leave_mounts()
            subprocess.run(["mount", "--make-rprivate", "/"], check=True, capture_output=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            self.why_none = f"{error}"

    def unmount(self):
        if self.why_none is None:
            subprocess.run(["umount", self.folder], check=True)

    def fill(self, process, room):
        """Leaves so many bytes free; without a disk of its own the process gets no file longer than that."""
        if self.why_none is not None:
            self._limit(process, room)
            return
        with open(self.ballast, "wb", buffering=0) as file:
            try:
                while file.write(bytes(1 << 20)):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
            file.truncate(max(0, file.tell() - room))

    def empty(self, process):
        if self.why_none is not None:
            self._limit(process, resource.RLIM_INFINITY)
        elif self.ballast.exists():
            self.ballast.unlink()

    @staticmethod
    def _limit(process, size):
        try:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        except ProcessLookupError:
            pass
