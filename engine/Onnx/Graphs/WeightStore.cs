using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using MrfAd.Onnx.Graphs.Format;

namespace MrfAd.Onnx.Graphs;

/// <summary>Stores the weights of several graphs in one file beside them ("external data" of the ONNX format), equal weights only once.</summary>
/// <param name="file">The stream to write to, at its beginning.</param>
/// <param name="name">The file's name, relative to the graphs.</param>
public sealed class WeightStore(Stream file, string name)
{
    private const int External = 1;

    // Weights are aligned to a cache line.
    private const int Alignment = 64;

    private readonly Dictionary<string, long> _offsets = [];

    /// <summary>Moves a tensor's values into the file.</summary>
    public void Take(TensorProto tensor)
    {
        var values = tensor.RawData;
        var key = Convert.ToHexStringLower(SHA256.HashData(values.Span));
        if (!_offsets.TryGetValue(key, out var offset))
        {
            file.Write(new byte[(Alignment - (int)(file.Position % Alignment)) % Alignment]);
            _offsets.Add(key, offset = file.Position);
            file.Write(values.Span);
        }

        tensor.RawData = ByteString.Empty;
        tensor.DataLocation = External;
        foreach (var (field, value) in new[] { ("location", name), ("offset", Text(offset)), ("length", Text(values.Length)) })
            tensor.ExternalData.Add(new StringStringEntryProto { Key = field, Value = value });
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
