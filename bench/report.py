#!/usr/bin/env python3
"""Writes report.md and environment.json of a benchmark run: `report.py FOLDER`.

The folder holds what tools/bench left there: peers.json, quire-bench.json, scaling-*.json, and the
pictures that plot.py drew.
"""

import json
import pathlib
import subprocess
import sys

source = pathlib.Path(__file__).resolve().parent.parent
packages = ["liblmdb-dev", "librocksdb-dev", "libleveldb-dev", "libsqlite3-dev",
            "libwiredtiger-dev", "g++"]
pictures = [("scaling", "Time per operation over the number of entries"),
            ("latencies", "Latencies of single operations")]


def output_of(*command):
    """What a command prints, or nothing when it cannot be run."""
    try:
        done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def time_text(nanoseconds):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def size_text(size):
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size:.0f} B"


def cost_text(result, unit):
    cost = result["cost"]["median"]
    return size_text(cost) if unit == "bytes" else time_text(cost)


def ratio_text(ratio):
    if ratio["median"] == 0:
        return "-"
    return f"{ratio['median']:.2f} ({ratio['lowest']:.2f}-{ratio['highest']:.2f})"


def environment_of(report):
    environment = dict(report["environment"])
    environment["commit"] = output_of("git", "describe", "--always", "--dirty")
    versions = {package: output_of("dpkg-query", "-W", "-f=${Version}", package)
                for package in packages}
    environment["packages"] = {name: version for name, version in versions.items() if version}
    environment["engines"] = report["engines"]
    return environment


def table(header, rows):
    yield "| " + " | ".join(header) + " |"
    yield "|" + " --- |" * len(header)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def ratio_table(report):
    """One row for each workload, one column for each engine."""
    engines = [engine["name"] for engine in report["engines"]]
    peers = [engine for engine in engines if engine != "quire"]
    rows = []
    for workload in report["workloads"]:
        results = {result["engine"]: result for result in workload["engines"]}
        quire = results.get("quire")
        unit = "" if workload["unit"] == "bytes" else " / " + workload["unit"].split("/")[1]
        row = [workload["name"], cost_text(quire, workload["unit"]) + unit if quire else "-"]
        row += [ratio_text(results[engine]["ratio"]) if engine in results else "-"
                for engine in peers]
        rows.append(row)
    yield from table(["workload", "quire", *peers], rows)


def writing_table(report):
    """Syncs and bytes for each operation, where anything was synced or much was written."""
    engines = [engine["name"] for engine in report["engines"]]
    rows = []
    for workload in report["workloads"]:
        results = {result["engine"]: result for result in workload["engines"]}
        is_durable = workload["name"].startswith(("durable: ", "redb: individual", "redb: batch"))
        if not is_durable:
            continue
        rows.append([workload["name"]] + [
            f"{results[engine]['syncs']:.2f}, {size_text(results[engine]['written'])}"
            if engine in results else "-" for engine in engines])
    if rows:
        yield "## Syncs and bytes for each commit\n"
        yield ("Bytes are those that the device was given, by all processes on the machine: "
               "see docs/benchmarks.md.\n")
        yield from table(["workload", *engines], rows)


def bench_table(report):
    """What quire-bench measured."""
    rows = [[row["name"], row["unit"], f"{row['ratio']:.2f}",
             f"{row['lowest']:.2f}-{row['highest']:.2f}"] for row in report["rows"]]
    yield "## quire-bench: quire against LMDB, row by row\n"
    yield "LMDB's time (or size) over quire's; above 1 quire is better.\n"
    yield from table(["row", "unit", "ratio", "lowest-highest"], rows)


def lines_of(folder, peers, environment):
    yield "# Benchmark report\n"
    yield ("Each ratio is the engine's time (or size) over quire's in the same round: the median "
           "of the rounds, with the lowest and the highest; above 1 quire is better. "
           "docs/benchmarks.md says how it is measured.\n")
    facts = [[name, value] for name, value in environment.items() if isinstance(value, str)]
    yield from table(["", ""], facts)
    yield from table(["engine", "version", "how it is set up"],
                     [[engine["name"], engine["version"], engine["configuration"]]
                      for engine in environment["engines"]])
    yield "## All workloads\n"
    yield from ratio_table(peers)
    for name in sorted(picture.stem for picture in folder.glob("ratios-*.svg")):
        yield f"![{name.replace('-', ' ')}]({name}.svg)\n"
    for name, title in pictures:
        if (folder / f"{name}.svg").exists():
            yield f"## {title}\n\n![{title}]({name}.svg)\n"
    yield from writing_table(peers)
    bench = folder / "quire-bench.json"
    if bench.exists():
        yield from bench_table(json.loads(bench.read_text()))


def main():
    folder = pathlib.Path(sys.argv[1])
    peers = json.loads((folder / "peers.json").read_text())
    environment = environment_of(peers)
    (folder / "environment.json").write_text(json.dumps(environment, indent=2) + "\n")
    text = "\n".join(lines_of(folder, peers, environment))
    (folder / "report.md").write_text(text.rstrip() + "\n")
    print(f"{folder / 'report.md'}")


if __name__ == "__main__":
    main()
