"""RESULTS.md, part by part: each script writes its own and leaves the others as they are."""

import os
import pathlib
import platform

HEAD = """# Results

Written by the scripts in this folder, not by hand. How and why so: [README](README.md).
Absolute times vary from machine to machine and from run to run; look at the ratios. Medians, the least in brackets.
"""


def put(path, part, text):
    """Puts a part in the place of its earlier self, or at the end."""
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->\n"
    old = path.read_text(encoding="utf-8") if path.exists() else HEAD
    new = f"{begin}{text.rstrip()}\n{end}"
    if begin in old:
        before, rest = old.split(begin, 1)
        path.write_text(before + new + rest.split(end, 1)[1], encoding="utf-8")
    else:
        path.write_text(f"{old.rstrip()}\n\n{new}", encoding="utf-8")


def machine():
    lines = dict(
        line.split(":", 1) for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if ":" in line
    ) if pathlib.Path("/proc/cpuinfo").exists() else {}
    processor = next((value.strip() for key, value in lines.items() if key.strip() == "model name"), platform.processor() or platform.machine())
    meminfo = pathlib.Path("/proc/meminfo")
    total = f", {int(meminfo.read_text().split()[1]) / 1024 / 1024:.0f} GiB of memory" if meminfo.exists() else ""
    return f"{os.cpu_count()} cores ({processor}){total}, {platform.system()}"
