"""FAISS on the same rows and queries: python3 peer_faiss.py ROWS QUERIES D THREADS [flat|ivf ...]; prints one JSON object.

ROWS and QUERIES are raw fp32. Times are the best of as many runs as fit into about ten seconds, at most five.
"""
import json
import sys
import time

import faiss
import numpy as np

rows_path, queries_path, d, threads, *kinds = sys.argv[1:]
d = int(d)
faiss.omp_set_num_threads(int(threads))
rows = np.fromfile(rows_path, np.float32).reshape(-1, d)
queries = np.fromfile(queries_path, np.float32).reshape(-1, d)
result = {"faiss": faiss.__version__}
for kind in kinds:
    start = time.perf_counter()
    if kind == "flat":
        index = faiss.IndexFlatL2(d)
    else:
        quantiser = faiss.IndexFlatL2(d)
        index = faiss.IndexIVFFlat(quantiser, d, 512)
        index.train(rows[np.random.default_rng(1).choice(len(rows), min(len(rows), 64 * 512), replace=False)])
        index.nprobe = 32
    index.add(rows)
    built = time.perf_counter() - start
    best, spent, runs = float("inf"), 0.0, 0
    while runs == 0 or (spent < 10 and runs < 5):
        start = time.perf_counter()
        squared, _ = index.search(queries, 1)
        took = time.perf_counter() - start
        best, spent, runs = min(best, took), spent + took, runs + 1
    result[kind] = {"build_s": built, "search_s": best, "distances": np.sqrt(np.maximum(squared[:, 0], 0)).tolist()}
    del index
print(json.dumps(result))
