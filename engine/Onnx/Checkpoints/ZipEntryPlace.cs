namespace MrfAd.Onnx.Checkpoints;

/// <summary>Where the bytes of a file lie in a ZIP archive that stores it as it is.</summary>
internal sealed record ZipEntryPlace(string Name, long Offset, long ByteCount);
