"""AU-PRO and AU-ROC of METRICS' definitions, straightforwardly in NumPy and SciPy: python3 peer_metrics.py MAPS.npy MASKS.npy.

Prints JSON: seconds (reading included) and the figures.
"""
import json
import sys
import time

import numpy as np
from scipy import ndimage


def area(x, y, limit):
    """Trapezoids from 0 to the limit, the curve interpolated there."""
    last = np.searchsorted(x, limit, side="right")
    x_cut = np.append(x[:last], limit)
    y_cut = np.append(y[:last], np.interp(limit, x[last - 1:last + 1], y[last - 1:last + 1]) if last < len(x) else y[-1])
    return np.trapz(y_cut, x_cut)


start = time.perf_counter()
maps, masks = np.load(sys.argv[1]), np.load(sys.argv[2])
weights = np.zeros(maps.shape, np.float64)
regions = 0
for image in range(len(maps)):
    labels, count = ndimage.label(masks[image] > 0, structure=np.ones((3, 3)))
    sizes = np.bincount(labels.ravel())
    per_label = np.concatenate([[0.0], 1.0 / sizes[1:]])
    weights[image] = per_label[labels]
    regions += count
scores, weights, defect = maps.ravel(), weights.ravel(), masks.ravel() > 0
order = np.argsort(-scores, kind="stable")
scores, weights, defect = scores[order], weights[order], defect[order]
false_rate = np.cumsum(~defect) / np.count_nonzero(~defect)
overlap = np.cumsum(weights) / regions
found = np.cumsum(defect) / np.count_nonzero(defect)
last_of_step = np.append(np.diff(scores) != 0, True)
x = np.concatenate([[0.0], false_rate[last_of_step], [1.0]])
pro = np.concatenate([[0.0], overlap[last_of_step], [1.0]])
roc = np.concatenate([[0.0], found[last_of_step], [1.0]])
figures = {f"au_pro_{limit}": area(x, pro, limit) / limit for limit in (0.05, 0.3)} | {"au_roc_0.05": area(x, roc, 0.05) / 0.05, "au_roc_1": area(x, roc, 1.0)}
print(json.dumps({"seconds": time.perf_counter() - start, "figures": figures}))
