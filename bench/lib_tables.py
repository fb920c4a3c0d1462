"""Tables of results, as they are printed and as bench/RESULTS.md keeps them."""

import datetime
import re
import subprocess

import lib_bench
import lib_programs
from lib_bench import TOP

RESULTS = TOP / "bench" / "RESULTS.md"
HEAD = """# Measured

What operations cost, in instructions: the tables that `bench/run --record` and
`bench/create --record` appended, the newest last. README.md says what is measured and how.
"""


def plain(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [
            c.rjust(w) for c, w in zip(row[1:], widths[1:])
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def markdown(rows: list[list[str]]) -> str:
    ruler = ["---"] + ["---:"] * (len(rows[0]) - 2) + ["---"]
    lines = [rows[0], ruler] + rows[1:]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def first_line(*command: str) -> str:
    """The first line that a program prints, '' if it fails."""
    try:
        done = subprocess.run(
            command, cwd=TOP, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return (done.stdout.splitlines() or [""])[0]


def circumstances(command: str) -> list[str]:
    """What the numbers depend on; names no host and no path."""
    commit = first_line("git", "rev-parse", "--short", "HEAD")
    changed = first_line(
        *["git", "status", "--porcelain", "--"],
        *["hypervisor", "include", "tools", "bench", "tests"],
    )
    tree = f" ({commit}{', changed' if changed else ''})" if commit else ""
    with open("/proc/cpuinfo") as f:
        cpu = re.search(r"^model name\s*: (.*)$", f.read(), re.MULTILINE)
    qemu = first_line("qemu-system-x86_64", "--version")
    machine = lib_bench.setup("oracle")
    return [
        f"Xenolith {(TOP / 'VERSION').read_text().strip()}{tree}, built by "
        f"{first_line('gcc', '--version')}",
        f"Xen {machine.hypervisor().parent.name}; "
        f"Debian's Linux {lib_programs.kernel().parent.name} as dom0 and natively",
        f"Machine: {qemu}, {machine.machine}, CPU `{machine.cpu}`, one CPU, "
        f"`-icount shift=0,sleep=off`; on {cpu.group(1) if cpu else 'an unknown CPU'}",
        f"Command: `{command}`",
    ]


def record(command: str, tables: list[list[list[str]]]) -> None:
    """Append them to RESULTS.md, with what they depend on."""
    old = RESULTS.read_text() if RESULTS.exists() else HEAD
    lines = "\n".join(f"- {line}" for line in circumstances(command))
    today = datetime.date.today().isoformat()
    text = "\n\n".join(map(markdown, tables))
    RESULTS.write_text(f"{old}\n## {today}\n\n{lines}\n\n{text}\n")
