#!/usr/bin/env python3
"""Draws what quire-peers measured: `plot.py FOLDER REPORT.json [REPORT.json ...]` writes SVG files.

The first report becomes bars of ratios, a picture for each suite, and curves of latencies. The
others, when they are of three different numbers of entries or more, become curves over that number.
"""

import json
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullFormatter  # noqa: E402

# Told apart also by those who do not see all colours (M. Okabe and K. Ito, 2008).
colors = {"quire": "#1f2933", "quire+redo": "#7b8794", "LMDB": "#0072b2",
          "LMDB WRITEMAP": "#56b4e9", "RocksDB": "#d55e00",
          "LevelDB": "#e69f00", "SQLite": "#009e73", "WiredTiger": "#cc79a7"}
markers = {"quire": "o", "quire+redo": "*", "LMDB": "s", "LMDB WRITEMAP": "D", "RocksDB": "^",
           "LevelDB": "v",
           "SQLite": "P", "WiredTiger": "X"}
faint = "#7b8794"

# The pictures of bars: file, title, beginnings of the names of their workloads.
bar_pictures = [
    ("ratios-numbers", "64-bit keys, values of 100 bytes", ("u64: ",)),
    ("ratios-urls", "URLs as keys, values of 100 bytes", ("URL: ",)),
    ("ratios-large-values", "Values of 64 KiB", ("64 KiB: ",)),
    ("ratios-durable", "Durable commits, scattered keys, values of 100 bytes", ("durable: ",)),
    ("ratios-redb", "redb's benchmark", ("redb: ",)),
    ("ratios-ycsb", "YCSB, records of 1,000 bytes, not synced", ("YCSB ",)),
    ("ratios-disk", "From the disk, values of 1,000 bytes", ("cold: ", "larger than", "open: ")),
]
widest_ratio = 100  # bars that are longer are cut, and say so

latency_workloads = ["u64: random gets", "URL: random gets", "durable: commit of 1 key",
                     "durable: 1 key, 8 threads"]

plt.rcParams.update({
    "font.family": "DejaVu Sans", "font.size": 10, "axes.titlesize": 11, "axes.titleweight": "bold",
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": faint,
    "axes.labelcolor": "#1f2933", "xtick.color": "#3e4c59", "ytick.color": "#3e4c59",
    "grid.color": "#e4e8ec", "figure.facecolor": "white", "svg.hashsalt": "quire"})


def short(figure):
    """A ratio with about three figures."""
    return f"{figure:.2f}" if figure < 10 else f"{figure:.1f}" if figure < 100 else f"{figure:,.0f}"


def time_text(nanoseconds, _=None):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if nanoseconds >= size * 0.9995:
            return f"{nanoseconds / size:g} {unit}"
    return f"{nanoseconds:g} ns"


def count_text(count, _=None):
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if count >= size:
            return f"{count / size:g} {unit}"
    return f"{count:g}"


def save(figure, folder, name):
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(figure)


def others(workload):
    return [result for result in workload["engines"]
            if result["engine"] != "quire" and result["ratio"]["median"] > 0]


def draw_bar(axes, place, height, result):
    """One engine in one workload: from 1 to the ratio, with the lowest and the highest."""
    ratio = result["ratio"]
    shown = min(max(ratio["median"], 1 / widest_ratio), widest_ratio)
    axes.barh(place, shown - 1, left=1, height=height * 0.86, color=colors[result["engine"]],
              zorder=2)
    if ratio["highest"] > ratio["lowest"] and shown == ratio["median"]:
        ends = [min(max(ratio[end], 1 / widest_ratio), widest_ratio)
                for end in ("lowest", "highest")]
        axes.plot(ends, [place, place], color="#1f2933", linewidth=0.9, zorder=3)
    else:
        ends = [shown]
    cut = "" if shown == ratio["median"] else " >" if shown > 1 else "< "
    text = f"{short(ratio['median'])}{cut}" if shown > 1 else f"{cut}{short(ratio['median'])}"
    if shown >= 1:
        axes.text(max([*ends, shown]) * 1.05, place, text, va="center", fontsize=8)
    else:
        axes.text(min([*ends, shown]) / 1.05, place, text, va="center", ha="right", fontsize=8)


def scale_of_ratios(axes, workloads):
    ratios = [result["ratio"][end] for workload in workloads for result in others(workload)
              for end in ("lowest", "highest")]
    low = max(min([*ratios, 0.8]), 1 / widest_ratio) / 1.8
    high = min(max([*ratios, 1.25]), widest_ratio) * 1.8
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = [tick for tick in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
             if low <= tick <= high]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_minor_locator(FixedLocator([]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:g}x"))
    axes.axvspan(1, high, color="#eef6ee", zorder=0)
    axes.axvspan(low, 1, color="#fbeeee", zorder=0)


def above(axes, place, points, text, **more):
    """Writes so many points above the axes, so that the picture's size does not matter."""
    axes.annotate(text, (place, 1), xycoords="axes fraction", xytext=(0, points),
                  textcoords="offset points", **more)


def draw_ratios(folder, name, title, workloads, conditions):
    engines = [engine for engine in colors
               if any(engine == result["engine"] for w in workloads for result in others(w))]
    if not engines:
        return
    height = 0.84 / len(engines)
    inches = 0.9 + 0.165 * len(workloads) * (len(engines) + 1.2)
    figure, axes = plt.subplots(figsize=(8.6, inches))
    scale_of_ratios(axes, workloads)
    for row, workload in enumerate(workloads):
        for result in others(workload):
            place = row - 0.42 + (engines.index(result["engine"]) + 0.5) * height
            draw_bar(axes, place, height, result)
        if row:
            axes.axhline(row - 0.5, color="#cbd2d9", linewidth=0.8, zorder=1)
    axes.axvline(1, color=colors["quire"], linewidth=1.6, zorder=4)
    axes.set_yticks(range(len(workloads)))
    axes.set_yticklabels([workload["name"] for workload in workloads])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(workloads) - 0.5, -0.5)
    axes.grid(axis="x", zorder=1)
    axes.set_xlabel("time (or size) of the engine / that of quire, log scale; "
                    "lines: lowest to highest of the rounds")
    above(axes, 1, 5, "quire is better  >", ha="right", fontsize=9, color="#2f7d3c")
    above(axes, 0, 5, "<  the other is better", fontsize=9, color="#ad3a2e")
    above(axes, 0.38, 46, title, ha="center", fontsize=13, fontweight="bold")
    handles = [plt.Rectangle((0, 0), 1, 1, color=colors[engine]) for engine in engines]
    handles.append(plt.Line2D([], [], color=colors["quire"], linewidth=1.6))
    axes.legend(handles, [*engines, "quire = 1"], ncol=len(engines) + 1, loc="lower center",
                bbox_to_anchor=(0.38, 1), borderaxespad=2.2, frameon=False, fontsize=9,
                handlelength=1.2, columnspacing=1.2)
    axes.annotate(conditions, (1, 0), xycoords="axes fraction", xytext=(0, -40),
                  textcoords="offset points", ha="right", va="top", fontsize=8, color=faint)
    save(figure, folder, name)


def draw_curve(axes, engine, places, figures, **more):
    axes.plot(places, figures, color=colors[engine], marker=markers[engine], markersize=5,
              linewidth=2.4 if engine == "quire" else 1.4, label=engine,
              zorder=4 if engine == "quire" else 3, **more)


def finish_panels(figure, panels, title, conditions):
    figure.tight_layout()
    inches = figure.get_size_inches()[1]
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, ncol=len(labels), loc="lower center", frameon=False,
                  bbox_to_anchor=(0.5, 1))
    figure.text(0.5, 1 + 0.42 / inches, title, ha="center", fontsize=13, fontweight="bold")
    figure.text(0.99, -0.01, conditions, ha="right", va="top", fontsize=8, color=faint)


def make_panels(count):
    columns = min(2, count)
    rows = -(-count // columns)
    figure, grid = plt.subplots(rows, columns, figsize=(4.8 * columns, 3.3 * rows), squeeze=False)
    panels = list(grid.flat)
    for unused in panels[count:]:
        unused.set_visible(False)
    return figure, panels[:count]


def log_times(axes, axis):
    axis.set_major_formatter(FuncFormatter(time_text))
    axis.set_major_locator(LogLocator(10, subs=(1, 2, 5) if narrow(axes) else (1,)))
    axis.set_minor_formatter(NullFormatter())
    axes.grid(True, which="major", zorder=0)


def narrow(axes):
    low, high = axes.get_ylim()
    return high / low < 300


def draw_latencies(folder, workloads, conditions):
    """Over percentiles, the rare ones drawn wide: half, a tenth, a hundredth, a thousandth."""
    chosen = [workload for name in latency_workloads for workload in workloads
              if workload["name"] == name and any("latencies" in r for r in workload["engines"])]
    if not chosen:
        return
    figure, panels = make_panels(len(chosen))
    for axes, workload in zip(panels, chosen):
        for result in workload["engines"]:
            points = [(float(percentile), latency) for percentile, latency
                      in result.get("latencies", {}).items() if 50 <= float(percentile) < 99.99]
            draw_curve(axes, result["engine"], [100 / (100 - at) for at, _ in points],
                       [latency for _, latency in points])
        axes.set_xscale("log")
        axes.set_yscale("log")
        ticks = [50, 90, 99, 99.9]
        axes.xaxis.set_major_locator(FixedLocator([100 / (100 - at) for at in ticks]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{100 - 100 / at:.3g} %"))
        axes.xaxis.set_minor_locator(FixedLocator([]))
        log_times(axes, axes.yaxis)
        axes.set_title(workload["name"], loc="left")
        axes.set_xlabel("so many operations took no longer (percentile)")
        axes.set_ylabel("latency, log scale")
    finish_panels(figure, panels, "Latency of single operations: lower is better", conditions)
    save(figure, folder, "latencies")


def draw_scaling(folder, reports, conditions):
    by_entries = sorted(reports, key=lambda report: report["entries"])
    sizes = sorted({report["entries"] for report in by_entries})
    curves = {}
    for report in by_entries:
        for workload in report["workloads"]:
            for result in workload["engines"]:
                points = curves.setdefault(workload["name"], {}).setdefault(result["engine"], {})
                points[report["entries"]] = result["cost"]["median"]
    chosen = {name: engines for name, engines in curves.items()
              if name.startswith("u64: ") and ", files" not in name
              and any(len(points) > 2 for points in engines.values())}
    if len(sizes) < 3 or not chosen:
        return
    figure, panels = make_panels(len(chosen))
    for axes, (name, engines) in zip(panels, chosen.items()):
        for engine, points in engines.items():
            draw_curve(axes, engine, list(points), list(points.values()))
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.xaxis.set_major_locator(FixedLocator(sizes))
        axes.xaxis.set_minor_locator(FixedLocator([]))
        axes.xaxis.set_major_formatter(FuncFormatter(count_text))
        log_times(axes, axes.yaxis)
        axes.set_title(name, loc="left")
        axes.set_xlabel("entries in the store, log scale")
        axes.set_ylabel("time per operation, log scale")
    finish_panels(figure, panels, "Over the size of the store: lower is better", conditions)
    save(figure, folder, "scaling")


def conditions_of(report):
    versions = ", ".join(f"{engine['name']} {engine['version']}" for engine in report["engines"]
                         if engine["name"] != "LMDB WRITEMAP")
    return (f"{report['entries']:,} entries, median of {report['rounds']} rounds; "
            f"{report['environment']['processor']}\n{versions}")


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    reports = [json.loads(pathlib.Path(name).read_text()) for name in sys.argv[2:]]
    workloads = reports[0]["workloads"]
    conditions = conditions_of(reports[0])
    for name, title, beginnings in bar_pictures:
        chosen = [workload for workload in workloads if workload["name"].startswith(beginnings)]
        if chosen:
            draw_ratios(folder, name, title, chosen, conditions)
    draw_latencies(folder, workloads, conditions)
    draw_scaling(folder, reports[1:] or reports, conditions.split("\n")[1])


if __name__ == "__main__":
    main()
