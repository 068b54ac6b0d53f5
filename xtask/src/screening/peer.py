"""Scores names by nomenklatura's logic-v2 and by its emulation of OFAC's tool.

peer.py NAME_BENCH NAMES.csv LISTED.txt SAMPLE: F1 over the pairs of name_bench, pairs a second, and how many of the first
SAMPLE names have a hit among listed names. Comparing each with all would take days, so each name is compared with
the 50 that rapidfuzz finds most like it; what comes out is the least that the peer would hit.
"""

import csv
import sys
import time

import numpy
from rapidfuzz import fuzz, process, utils
from followthemoney import model
from nomenklatura.matching import get_algorithm
from nomenklatura.matching.types import ScoringConfig

CANDIDATES = 50
BATCH = 100


def entity(schema, name):
    return model.get_proxy({"id": name, "schema": schema, "properties": {"name": [name]}})


def main():
    bench, names, listed, sample = sys.argv[1:]
    config = ScoringConfig.defaults()
    rows = [row for row in csv.DictReader(open(bench, encoding="utf-8"))]
    names = [row["name"] for row in csv.DictReader(open(names, encoding="utf-8"))][: int(sample)]
    listed = [line.rstrip("\n").split("\t", 1) for line in open(listed, encoding="utf-8")]
    plain = [utils.default_process(name) for _, name in listed]
    keys = list(rows[0].keys())
    found = []
    for start in range(0, len(names), BATCH):
        batch = [utils.default_process(name) for name in names[start : start + BATCH]]
        scores = process.cdist(batch, plain, scorer=fuzz.token_sort_ratio, dtype=numpy.uint8)
        found.extend(numpy.argsort(-scores.astype(int), axis=1, kind="stable")[:, :CANDIDATES].tolist())
    for algorithm, thresholds in [("logic-v2", [0.7, 0.8, 0.85]), ("ofac", [0.85, 0.9])]:
        algo = get_algorithm(algorithm)
        # What it loads on first use is not counted.
        algo.compare(entity("Person", "John Smith"), entity("Person", "Jon Smyth"), config)
        begun = time.process_time()
        scores = [
            algo.compare(entity(row[keys[1]], row[keys[2]]), entity(row[keys[1]], row[keys[3]]), config).score
            for row in rows
        ]
        spent = time.process_time() - begun
        print(f"{algorithm}: {len(rows) / spent:.0f} pairs a second of name_bench")
        for threshold in thresholds:
            tp = sum(s >= threshold and r[keys[4]] == "true" for s, r in zip(scores, rows))
            fp = sum(s >= threshold and r[keys[4]] != "true" for s, r in zip(scores, rows))
            fn = sum(s < threshold and r[keys[4]] == "true" for s, r in zip(scores, rows))
            strong = sum(
                (s >= threshold) != (r[keys[4]] == "true") for s, r in zip(scores, rows) if r[keys[5]] == "STRONG"
            )
            print(f"  at {threshold}: tp {tp} fp {fp} fn {fn}, F1 {2 * tp / (2 * tp + fp + fn):.3f}, STRONG wrong {strong}")
        best = []
        begun = time.process_time()
        for name, candidates in zip(names, found):
            asked = entity("Person", name)
            best.append(
                max(algo.compare(asked, entity(listed[at][0], listed[at][1]), config).score for at in candidates)
            )
        spent = time.process_time() - begun
        print(f"{algorithm}: {len(names) / spent:.1f} names a second against {CANDIDATES} candidates each")
        for threshold in thresholds:
            hits = sum(score >= threshold for score in best)
            print(f"  at {threshold}: {hits} of {len(names)} names with a hit, {hits * 10000 / len(names):.0f} of 10,000")


main()
