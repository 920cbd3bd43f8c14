"""The same statistics by SciPy and pandas: one line of input a pair of columns, files of doubles for their values, results as JSON at the end."""
import json
import sys
import time

import numpy as np
import pandas as pd
import scipy
from scipy import stats

NAMES = np.array(["category %d" % i for i in range(1000)], dtype=object)
seconds = {"numbers": 0.0, "categories": 0.0}
results = []


def psi(reference, current):
    edges = np.unique(np.quantile(reference, np.arange(1, 10) / 10))
    bins = np.concatenate([[-np.inf], np.nextafter(edges, np.inf), [np.inf]])
    p = np.histogram(reference, bins)[0] / len(reference)
    q = np.histogram(current, bins)[0] / len(current)
    p[p == 0] = q[q == 0] = 1e-4
    return ((p - q) * np.log(p / q)).sum()


for line in sys.stdin:
    kind = line.strip()
    reference, current = (np.fromfile("%s/%d.f64" % (sys.argv[1], side)) for side in (0, 1))
    if kind == "categories":
        reference, current = (pd.Series(NAMES[values.astype(int)]) for values in (reference, current))
    start = time.process_time()
    if kind == "numbers":
        result = stats.ks_2samp(reference, current)[0]
        psi(reference, current)
    else:
        table = pd.concat([reference.value_counts(), current.value_counts()], axis=1).fillna(0)
        result = stats.chi2_contingency(table.to_numpy().T, correction=False)[1]
    seconds[kind] += time.process_time() - start
    results.append(float(result))
    print("done", flush=True)

print(json.dumps({
    "NumericSeconds": seconds["numbers"],
    "CategoricalSeconds": seconds["categories"],
    "PeakMegabytes": 0,
    "Distances": results,
    "Versions": "SciPy %s, NumPy %s, pandas %s" % (scipy.__version__, np.__version__, pd.__version__),
}))
