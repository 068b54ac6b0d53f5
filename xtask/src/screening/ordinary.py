"""Makes ordinary names: `ordinary.py SEED COUNT FILE`, by the package `names`, from the US census of 1990 (public domain)."""

import random
import sys

import names

seed, count, path = sys.argv[1:]
random.seed(int(seed))
with open(path, "w", encoding="utf-8") as file:
    file.write("name\n")
    for _ in range(int(count)):
        file.write(names.get_full_name() + "\n")
