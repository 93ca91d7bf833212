"""One map in the forms in which other programs write theirs: python3 write_maps.py MAP.npy FOLDER."""
import sys

import numpy as np
import tifffile

scores, folder = np.load(sys.argv[1]), sys.argv[2]
tifffile.imwrite(f"{folder}/half.tiff", scores.astype(np.float16))
tifffile.imwrite(f"{folder}/strips.tiff", scores.astype(np.float32), rowsperstrip=3)
tifffile.imwrite(f"{folder}/deflated.tiff", scores.astype(np.float32), compression="zlib")
tifffile.imwrite(f"{folder}/big-endian.tiff", scores.astype(np.float64), byteorder=">")
np.save(f"{folder}/half.npy", scores.astype(np.float16))
np.save(f"{folder}/double.npy", scores.astype(np.float64))
