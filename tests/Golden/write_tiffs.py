"""Writes one picture of 16 bits as TIFF files that say it in different ways: write_tiffs.py FOLDER"""
import sys

import numpy
import tifffile

folder = sys.argv[1]
picture = (numpy.arange(7 * 5, dtype=numpy.uint32) * 65535 // 34).astype(numpy.uint16).reshape(5, 7)
numpy.save(f"{folder}/expected.npy", picture)
tifffile.imwrite(f"{folder}/black-is-zero.tif", picture, photometric="minisblack")
tifffile.imwrite(f"{folder}/white-is-zero.tif", 65535 - picture, photometric="miniswhite")
tifffile.imwrite(f"{folder}/big-endian.tif", 65535 - picture, photometric="miniswhite", byteorder=">")
tifffile.imwrite(f"{folder}/bigtiff.tif", 65535 - picture, photometric="miniswhite", bigtiff=True)
tifffile.imwrite(f"{folder}/strips.tif", 65535 - picture, photometric="miniswhite", rowsperstrip=2)
tifffile.imwrite(f"{folder}/deflated.tif", 65535 - picture, photometric="miniswhite", compression="zlib")
for name in ("black-is-zero", "white-is-zero", "big-endian", "bigtiff", "strips", "deflated"):
    with tifffile.TiffFile(f"{folder}/{name}.tif") as file:
        page = file.pages[0]
        read = page.asarray()
        read = 65535 - read if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE else read
        assert (read == picture).all(), name
