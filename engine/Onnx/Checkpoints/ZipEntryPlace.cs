namespace MrfAd.Onnx.Checkpoints;

/// <summary>The offset and length of a file's bytes in a ZIP archive that stores it uncompressed.</summary>
internal sealed record ZipEntryPlace(string Name, long Offset, long ByteCount);
