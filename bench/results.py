"""What the scripts here share: running a program and measuring it, a town in a ledger, and RESULTS.md, of which each writes its own part."""

import json
import os
import pathlib
import platform
import shutil
import sqlite3
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]

HEAD = """# Results

Written by the scripts in this folder, not by hand. How and why so: [README](README.md).
Absolute times vary from machine to machine and from run to run; look at the ratios. Medians, the least in brackets.
"""


class Failed(Exception):
    """What went wrong, for the person at the terminal."""


def run(command, codes=(0,)):
    """Runs a program; gives its output, its wall time in µs and its peak memory in KiB."""
    shown = " ".join(str(part) for part in command)
    print("·", shown, flush=True)
    started = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = round((time.perf_counter() - started) * 1e6)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise Failed(f"{shown}\nended with {process.returncode}\n{output}")
    return output, wall, usage.ru_maxrss // 1024 if sys.platform == "darwin" else usage.ru_maxrss


def town(taizhang, folder, people):
    """The demo's town in a folder, made unless it is there: what it found, how long it took and how large the ledger is."""
    done = folder / "made"
    if not done.exists():
        # 1 means that some answer differs from the town's truth; the time is still a time, and the difference is told.
        command = [taizhang, "--lang", "en", "--json", "demo", "--data", folder, "--people", people, "--no-serve"]
        output, wall, peak = run(command, codes=(0, 1))
        sizes = stored(folder / "ledger")
        done.write_text(json.dumps({"found": json.loads(output), "wall_us": wall, "peak_rss_kib": peak, "sizes": sizes}, ensure_ascii=False))
    return json.loads(done.read_text())


def differ(made):
    """How many answers and figures of a town differ from its truth."""
    found = made["found"]
    return len(found["differences"]) + len(found["wrong_figures"]) + abs(found["rejected"] - found["planted"])


def root(rosters):
    """The unit that all communities of a town are under: the ledger's own."""
    communities = sorted(path.name for path in rosters.iterdir() if path.is_dir())
    common = next(n for n in (9, 6, 4, 2) if len({code[:n] for code in communities}) == 1)
    return communities[0][:common].ljust(12, "0")


def copied(ledger, to):
    """A copy of a ledger, on disk, for something to be written into it."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(ledger, to)
    os.sync()
    return to


def stored(ledger):
    """Bytes of each file of a ledger, its journals written into them."""
    sizes = {}
    for path in sorted(ledger.glob("*.sqlite")):
        connection = sqlite3.connect(path)
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.close()
        sizes[path.name] = path.stat().st_size
    return sizes


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
