"""GraphSense's clustering and detectors, on the data that Whither is measured on.

make DIR N SEED KIND   sets of addresses as transactions bring them together: N addresses, some 1.6 N inputs
union DIR              joins them by gs_clustering, five times; the clusters against those in ours.bin
labels FILE            labels the transactions of a file by graphsenselib, and holds the labels against those told there
shapes N SEED          transactions near the detectors' thresholds, a line each
hold SHAPES OURS       labels them by graphsenselib and holds the labels against ours

Prints a flat JSON object a line, and `~` lines: a sentence about each kind of disagreement, with how many there are.
"""

import asyncio
import json
import logging
import os
import random
import resource
import sys
import time
from collections import Counter

logging.disable(logging.CRITICAL)


def say(step, **numbers):
    print(json.dumps({"step": step, **numbers}, separators=(",", ":")), flush=True)


def timed(work):
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    used = {
        "wall_us": int((time.perf_counter() - wall) * 1e6),
        "cpu_ms": int((time.process_time() - cpu) * 1e3),
    }
    return result, used


def make(folder, count, seed, kind):
    import numpy as np

    rng = np.random.default_rng(seed)
    transactions = count // 2
    sizes = np.minimum(1 + rng.geometric(1 / 2.2, transactions), 60)
    bounds = np.zeros(transactions + 1, np.uint32)
    np.cumsum(sizes, out=bounds[1:])
    inputs = int(bounds[-1])
    if kind == "scattered":
        # Any address may pay with any other: the worst for memory.
        members = rng.integers(1, count + 1, inputs)
    else:
        # Coins are mostly spent by whom they came to lately, as on a real chain.
        new = np.repeat(np.arange(transactions) * 2, sizes)
        back = np.minimum(rng.pareto(0.6, inputs) * 20, count).astype(np.int64)
        members = np.abs(new - back) % count + 1
    os.makedirs(folder, exist_ok=True)
    bounds.tofile(os.path.join(folder, "bounds.bin"))
    members.astype(np.uint32).tofile(os.path.join(folder, "members.bin"))
    with open(os.path.join(folder, "count.txt"), "w") as file:
        file.write(str(count))
    say("make", addresses=count, transactions=transactions, inputs=inputs)


def anon_kib():
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("RssAnon:"):
                return int(line.split()[1])
    return 0


def union(folder):
    import numpy as np
    import pyarrow
    from gs_clustering import Clustering

    with open(os.path.join(folder, "count.txt")) as file:
        count = int(file.read())
    bounds = np.fromfile(os.path.join(folder, "bounds.bin"), np.uint32).astype(np.int32)
    members = np.fromfile(os.path.join(folder, "members.bin"), np.uint32)
    sets = pyarrow.ListArray.from_arrays(pyarrow.array(bounds), pyarrow.array(members))
    given = anon_kib()

    def work():
        clustering = Clustering(max_address_id=count)
        clustering.process_transactions_arrow(sets)
        return clustering.get_mapping()

    for _ in range(5):
        mapping = None
        mapping, used = timed(work)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        say("union", addresses=count, inputs=len(members), given_kib=given, all_kib=most, anon_kib=anon_kib(), **used)
    theirs = np.asarray(mapping.column(1))
    lowest = np.full(count + 1, count + 1, np.int64)
    np.minimum.at(lowest, theirs, np.arange(count + 1))
    ours = np.fromfile(os.path.join(folder, "ours.bin"), np.uint32)
    wrong = int((lowest[theirs] != ours).sum())
    say("same", addresses=count, wrong=wrong)


class Side:
    """An input or an output as graphsenselib has it."""

    __slots__ = ("address", "value", "address_type", "spent_tx_id")

    def __init__(self, owner, value, kind):
        self.address = None if owner == "-" else [owner]
        self.value = int(value)
        self.address_type = kind
        self.spent_tx_id = None


class First:
    __slots__ = ("height",)

    def __init__(self, height):
        self.height = height


class Known:
    """What a database would tell of addresses, at hand in memory."""

    def __init__(self):
        self.rows = {}

    async def get_addresses_light(self, _currency, addresses):
        return {address: self.rows.get(address) for address in addresses}


def sides(text):
    return [Side(*(word.split(":") + ["-"])[:3]) for word in text.split()]


def transaction(height, coinbase, inputs, outputs):
    return {
        "tx_hash": b"",
        "block_id": height,
        "coinbase": coinbase,
        "inputs": sides(inputs),
        "outputs": sides(outputs),
    }


LABEL = ["whirlpool", "wasabi-2", "wasabi-1.1", "wasabi-1.0", "joinmarket"]


def asked(tx):
    """What each of their detectors says by itself, in our words."""
    from graphsenselib.db.asynchronous.services import heuristics_service as gs

    words = set()
    if gs._whirlpool_coinjoin_heuristic(tx):
        words.add("whirlpool")
    if gs._wasabi_20_heuristic(tx):
        words.add("wasabi-2")
    levels = gs._wasabi_11_heuristic(tx)
    # With one level their 1.1 detector calls it 1.0; of 1.0 there is a detector of its own.
    if levels and levels.version == "1.1":
        words.add("wasabi-1.1")
    if gs._wasabi_10_heuristic(tx):
        words.add("wasabi-1.0")
    if gs._joinmarket_heuristic(tx) and not gs._is_stonewall(tx):
        words.add("joinmarket")
    return words


def answered(found):
    """Their whole answer, in our words."""
    words = set()
    if found is not None and found.whirlpool_coinjoin is not None:
        words.add("whirlpool")
    if found is not None and found.wasabi is not None:
        version = found.wasabi.version
        words.add("wasabi-2" if version == "2.0" else "wasabi-" + version)
    if found is not None and found.joinmarket is not None:
        words.add("joinmarket")
    return words


def first(words):
    return next((word for word in LABEL if word in words), None)


def why_detector(ours, theirs, tx):
    """The sentence about a disagreement over detectors; none where nobody has explained it."""
    values = Counter(side.value for side in tx["outputs"] if side.address)
    most = values.most_common(2)
    tie = len(most) > 1 and most[0][1] == most[1][1]
    near = Counter(value for value in values.elements() if abs(value - 10_000_000) <= 500_000).most_common(2)
    tie = tie or len(near) > 1 and near[0][1] == near[1][1]
    if tie and (ours ^ theirs) <= {"wasabi-1.0", "wasabi-1.1", "joinmarket"}:
        return "several values are equally common: GraphSense takes the one that stands first, Whither the lowest, so that the order of outputs changes nothing"
    return None


def why_answer(ours, asked, answer):
    """The sentence about their whole answer where the detectors agree."""
    if "wasabi-1.0" in (ours ^ answer) and ours == asked:
        return "GraphSense's answer never asks its own detector of 1.0: it calls 1.0 what its detector of 1.1 finds on one level, near values counted as equal"
    from graphsenselib.db.asynchronous.services import heuristics_service as gs

    if not answer and ours == asked and gs._is_stonewall(tx):
        return "GraphSense's answer takes back every make where the outputs look like a Stonewall's, Whither JoinMarket alone: a Stonewall has few inputs"
    if ours == asked and first(answer) in ours:
        return "GraphSense answers with one version of Wasabi, Whither keeps every match"
    return None


def hold_coinjoins(rows):
    """Rows of (our words, their whole answer, transaction)."""
    kinds = Counter()
    counts = Counter(labels=0, both=0, disagreements=0, unexplained=0, answers=0, theirs_wasabi_1_and_joinmarket=0)
    for ours, found, tx in rows:
        told = ours
        ours = {word.split(":")[0] for word in ours.split()} - {"-", "generic"}
        theirs, answer = asked(tx), answered(found)
        counts["labels"] += len(ours | theirs)
        counts["both"] += len(ours & theirs)
        counts["theirs_wasabi_1_and_joinmarket"] += {"wasabi-1.0", "joinmarket"} <= answer
        if ours != theirs:
            counts["disagreements"] += 1
            why = why_detector(ours, theirs, tx)
            if why is None:
                counts["unexplained"] += 1
                if counts["unexplained"] < 4:
                    values = " ".join(str(side.value) for side in tx["outputs"])[:300]
                    print(f"~ UNEXPLAINED {told} theirs {sorted(theirs)} inputs {len(tx['inputs'])}: {values}")
                continue
            kinds[f"detectors: {why}"] += 1
        elif first(ours) != first(answer):
            counts["answers"] += 1
            why = why_answer(ours, theirs, answer)
            if why is None:
                counts["unexplained"] += 1
                if counts["unexplained"] < 4:
                    print(f"~ UNEXPLAINED {told} answer {sorted(answer)}")
                continue
            kinds[f"label: {why}"] += 1
    return kinds, counts


def why_change(ours, theirs, tx):
    carriers = [side for side in tx["outputs"] if not side.address or side.value == 0]
    if carriers:
        return "GraphSense counts data carriers and outputs of no value among the 2 to 10, Whither only what can be spent"
    return None


def labels(path):
    from graphsenselib.db.asynchronous.services.heuristics_service import calculate_heuristics

    rows = []
    known = Known()
    with open(path) as file:
        for line in file:
            head, inputs, outputs, found, change, seen = (part.strip() for part in line.split("|"))
            height, coinbase = head.split()
            rows.append((transaction(int(height), coinbase == "1", inputs, outputs), found, change.split()))
            for word in seen.split():
                owner, incoming, outgoing, at = word.split(":")
                known.rows[owner] = {
                    "no_incoming_txs": int(incoming),
                    "no_outgoing_txs": int(outgoing),
                    "first_tx": First(int(at)),
                    "cluster_id": -1,
                }

    async def all_of_them():
        return [await calculate_heuristics(tx, "btc", known, ["all"]) for tx, _, _ in rows]

    results, used = timed(lambda: asyncio.run(all_of_them()))
    held = [(found, result.coinjoin_heuristics, tx) for (tx, found, _), result in zip(rows, results)]
    kinds, counts = hold_coinjoins(held)
    say("peer-labels", transactions=len(rows), **counts, **used)
    changes = Counter(both=0, unexplained=0, ours=0, theirs=0)
    for (tx, _, (once, reuse)), result in zip(rows, results):
        found = result.change_heuristics
        theirs = {output.address for output in found.one_time_change.summary}
        ours = set() if once == "-" else {once}
        if ours == theirs:
            changes["both"] += len(ours)
        else:
            why = why_change(ours, theirs, tx)
            changes["unexplained"] += why is None
            kinds["change one-time: " + (why or f"UNEXPLAINED ours {ours} theirs {theirs}")] += 1
        theirs = {output.address for output in found.direct_change.summary}
        ours = set() if reuse == "-" else {reuse}
        if ours == theirs:
            changes["both"] += len(ours)
        else:
            several = len(theirs) > 1 and not ours
            twice = len(theirs) == 1 and not ours and len(found.direct_change.summary) > 1
            none = all(side.value == 0 for side in tx["outputs"] if side.address and side.address[0] in theirs)
            lone = len([side for side in tx["outputs"] if side.value > 0]) < 2
            why = (
                "several outputs pay payers: GraphSense lists all, Whither's rule speaks of one output or of none"
                if several or twice
                else "of outputs that can be spent there is one, so none is the rest of a payment; GraphSense lists it"
                if lone
                else "an output of no value: GraphSense lists it"
                if none
                else None
            )
            changes["unexplained"] += why is None
            kinds["change reuse (GraphSense: direct): " + (why or f"UNEXPLAINED ours {ours} theirs {theirs}")] += 1
    say("peer-changes", transactions=len(rows), both=changes["both"], unexplained=changes["unexplained"])
    tell(kinds)


def tell(kinds):
    for why, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0])):
        print(f"~ {count} × {why}", flush=True)


def shapes(count, seed):
    """Shapes near every threshold: pools, levels, numbers of inputs and outputs one above and one below."""
    rng = random.Random(seed)
    pools = [100_000, 1_000_000, 5_000_000, 50_000_000]
    for _ in range(count):
        kind = rng.randrange(6)
        reuse = rng.random() < 0.1
        owner = lambda at: f"a{rng.randrange(8) if reuse and rng.random() < 0.3 else at}"
        if kind == 0:
            value, n = rng.choice(pools + [999_999]), rng.randint(4, 9)
            outs = [value] * n
            new = rng.randint(0, 5)
            ins = [value + rng.choice([99, 100, 5_000, 110_000, 110_001]) for _ in range(min(new, n))]
            ins += [value] * (n + rng.choice([0, 0, 0, 1, -1]) - len(ins))
        else:
            n = rng.choice([2, 3, 4, 5, 9, 10, 11, 19, 20, 21, 30, 49, 50, 51, 60])
            ins = [rng.randint(10_000, 90_000_000) for _ in range(max(2, n + rng.choice([-1, 0, 1, n, 6 * n])))]
            base = rng.choice([10_000_000, 9_500_000, 10_500_000, 9_499_999, 10_500_001, 2_730, 2_731, 546, 4_999, 5_000, 777_777])
            equal = max(1, rng.choice([n // 2, n // 2 + 1, n, 3, 2]))
            levels = rng.choice([1, 1, 1, 2, 3, 4])
            outs = [base << (at % levels) for at in range(equal)]
            if kind > 2:
                outs = [value + rng.choice([0, 0, 0, 1, -1]) for value in outs]
            outs += [rng.choice([rng.randint(600, 80_000_000), base, 2 * base + 1]) for _ in range(rng.choice([0, 1, 2, n // 2, n - 1, n]))]
        rng.shuffle(outs)
        left = " ".join(f"{owner('i%d' % at)}:{value}" for at, value in enumerate(ins))
        right = [f"{owner('o%d' % at)}:{value}" for at, value in enumerate(outs)]
        if rng.random() < 0.08:
            right.insert(rng.randrange(len(right) + 1), "-:0")
        print(f"{left} | {' '.join(right)}")


def hold(path, ours):
    from graphsenselib.db.asynchronous.services.heuristics_service import calculate_heuristics

    with open(path) as file:
        rows = [transaction(1, False, *line.split("|")) for line in file]
    with open(ours) as file:
        found = [line.strip() for line in file]

    async def all_of_them():
        return [await calculate_heuristics(tx, "btc", None, ["all_coinjoin"]) for tx in rows]

    results, used = timed(lambda: asyncio.run(all_of_them()))
    held = [(words, result.coinjoin_heuristics, tx) for words, result, tx in zip(found, results, rows)]
    kinds, counts = hold_coinjoins(held)
    twice = sum(1 for words in found if words.startswith("joinmarket") and "wasabi-1.0" in words)
    say("peer-shapes", transactions=len(rows), called_joinmarket_though_wasabi_1=twice, **counts, **used)
    tell(kinds)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    work = {
        "make": lambda: make(rest[0], int(rest[1]), int(rest[2]), rest[3]),
        "union": lambda: union(rest[0]),
        "labels": lambda: labels(rest[0]),
        "shapes": lambda: shapes(int(rest[0]), int(rest[1])),
        "hold": lambda: hold(rest[0], rest[1]),
    }
    work[what]()
