"""A float16 TIFF as tifffile (what the benchmark server's tools read with) sees it: python3 read_tiff.py MAP.tiff OUT.npy."""
import sys

import numpy as np
import tifffile

scores = tifffile.imread(sys.argv[1])
assert scores.dtype == np.float16 and scores.ndim == 2, (scores.dtype, scores.shape)
np.save(sys.argv[2], scores.astype(np.float32))
