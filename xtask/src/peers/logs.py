"""Makes logs of token transfers in cryo's schema, and measures who reads them: Whither into its store, Polars and DuckDB
the same columns. Prints a table in Markdown. Arguments: folder, number of logs, the program `whither`."""

import os
import subprocess
import sys
import time
from pathlib import Path

BLOCKS_A_FILE = 1000  # as cryo cuts them
LOGS_A_BLOCK = 200
LOGS_A_TRANSACTION = 2
ACCOUNTS = 1_000_000
TOKENS = 500
COLUMNS = [
    "block_number", "transaction_index", "log_index", "transaction_hash", "address",
    "topic0", "topic1", "topic2", "data",
]
TRANSFER = bytes.fromhex("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")


def make(folder: Path, logs: int) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.Generator(np.random.PCG64(5))
    accounts = rng.integers(0, 256, (ACCOUNTS, 20), dtype=np.uint8)
    tokens = rng.integers(0, 256, (TOKENS, 20), dtype=np.uint8)

    def binary(rows):
        width = rows.shape[1]
        fixed = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(width), len(rows), [None, pa.py_buffer(np.ascontiguousarray(rows).tobytes())]
        )
        return fixed.cast(pa.binary())

    def word(rows):
        words = np.zeros((len(rows), 32), dtype=np.uint8)
        words[:, 32 - rows.shape[1]:] = rows
        return binary(words)

    def few(count, most):
        # A few are met often, most seldom.
        return (most * rng.random(count) ** 4).astype(np.int64)

    def write(table, name, first, last):
        path = folder / f"ethereum__{name}__{first:08}_to_{last:08}.parquet"
        pq.write_table(table, path, compression="lz4")

    blocks = logs // LOGS_A_BLOCK
    for first in range(0, blocks, BLOCKS_A_FILE):
        last = min(first + BLOCKS_A_FILE, blocks) - 1
        heights = np.arange(first, last + 1, dtype=np.uint32)
        write(pa.table({
            "block_number": heights,
            "block_hash": binary(rng.integers(0, 256, (len(heights), 32), dtype=np.uint8)),
            "timestamp": (1_600_000_000 + 12 * heights.astype(np.uint32)).astype(np.uint32),
            "chain_id": np.ones(len(heights), dtype=np.uint64),
        }), "blocks", first, last)
        count = len(heights) * LOGS_A_BLOCK
        place = np.arange(count) % LOGS_A_BLOCK
        hashes = rng.integers(0, 256, (count // LOGS_A_TRANSACTION, 32), dtype=np.uint8)
        amounts = rng.integers(1, 1 << 62, count).astype(">u8").view(np.uint8).reshape(-1, 8)
        write(pa.table({
            "block_number": np.repeat(heights, LOGS_A_BLOCK),
            "transaction_index": (place // LOGS_A_TRANSACTION).astype(np.uint32),
            "log_index": place.astype(np.uint32),
            "transaction_hash": binary(np.repeat(hashes, LOGS_A_TRANSACTION, axis=0)),
            "address": binary(tokens[few(count, TOKENS)]),
            "topic0": pa.array([TRANSFER] * count, pa.binary()),
            "topic1": word(accounts[few(count, ACCOUNTS)]),
            "topic2": word(accounts[few(count, ACCOUNTS)]),
            "topic3": pa.nulls(count, pa.binary()),
            "data": word(amounts),
            "chain_id": np.ones(count, dtype=np.uint64),
        }), "logs", first, last)


def measured(name, command):
    begun = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    said = child.stdout.read().decode()
    _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{name} failed")
    cpu = used.ru_utime + used.ru_stime
    return {"name": name, "cpu": cpu, "wall": time.monotonic() - begun, "mib": used.ru_maxrss / 1024, "said": said}


def read_with(peer, folder):
    files = str(folder / "ethereum__logs__*.parquet")
    if peer == "polars":
        import polars
        print(polars.read_parquet(files, columns=COLUMNS).height)
    else:
        import duckdb
        base = duckdb.connect(str(folder / "logs.duckdb"))
        base.execute("drop table if exists logs")
        base.execute(f"create table logs as select {', '.join(COLUMNS)} from read_parquet('{files}')")
        print(base.execute("select count(*) from logs").fetchone()[0])


def main():
    if sys.argv[1] == "read":
        return read_with(sys.argv[2], Path(sys.argv[3]))
    folder, logs, whither = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    made = folder / f"made-{logs}"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        make(folder, logs)
        made.touch()
    store = folder / "store"
    subprocess.run(["rm", "-rf", str(store)], check=True)
    rows = [measured("whither ingest", [whither, "ingest", str(folder), "--json", "-q", "--store", str(store)])]
    if f'"transfers": {logs}' not in rows[0]["said"].replace('":', '": ').replace("  ", " "):
        sys.exit(f"whither counts otherwise: {rows[0]['said'][:300]}")
    for peer, name in [("polars", "Polars, columns into memory"), ("duckdb", "DuckDB, columns into a table of its own")]:
        row = measured(name, [sys.executable, __file__, "read", peer, str(folder)])
        if int(row["said"]) != logs:
            sys.exit(f"{peer} counts {row['said']}")
        rows.append(row)
    size = sum(path.stat().st_size for path in folder.glob("*.parquet"))
    kept = sum(path.stat().st_size for path in store.rglob("*") if path.is_file())
    print(f"{logs:,} logs in {len(list(folder.glob('*logs*.parquet')))} files, {size / 1e6:,.0f} MB; the store has {kept / 1e6:,.0f} MB\n")
    print("| who | logs/s | processor s | wall s | most memory MiB |\n| --- | --: | --: | --: | --: |")
    for row in rows:
        print(f"| {row['name']} | {logs / row['cpu']:,.0f} | {row['cpu']:.2f} | {row['wall']:.2f} | {row['mib']:,.0f} |")


main()
