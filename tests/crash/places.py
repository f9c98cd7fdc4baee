"""Disks on which nothing can be written: read-only for us, or full."""

import ctypes
import os
import subprocess
from contextlib import contextmanager

import pytest

_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def obey_permissions():
    """Let a new process of root be held to the permissions of files, as any other user's is."""
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(_CAPBSET_DROP, capability, 0, 0, 0)


@contextmanager
def read_only(*paths):
    """Make files and folders read-only for the block."""
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@contextmanager
def small_disk(folder, size):
    """Put a disk of its own at a folder; skip the test where that is not allowed."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def full(folder, *, but=0):
    """Fill the disk of a folder, all but so many bytes, for the block."""
    filler = folder / "filler"
    space = os.statvfs(folder)
    filler.write_bytes(bytes(max(0, space.f_bavail * space.f_frsize - but)))
    try:
        yield
    finally:
        filler.unlink()
