using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Onnx.Sessions;

/// <summary>
/// A folder for each graph, shape and precision, in which TensorRT keeps its engine and timings, with a stamp that says who made them. One
/// made by another device, driver or version, or not finished, is thrown away, and why is said.
/// </summary>
public sealed class EngineCache
{
    private const string StampName = "stamp.json";

    private readonly EngineIdentity _identity;

    private EngineCache(string folder, EngineIdentity identity, bool ready, string? ignored) =>
        (Folder, _identity, Ready, Ignored) = (folder, identity, ready, ignored);

    /// <summary>For the runtime.</summary>
    public string Folder { get; }

    /// <summary>What lies there can be used: nothing will be built.</summary>
    public bool Ready { get; }

    /// <summary>Why what lay there was thrown away; null: it was not.</summary>
    public string? Ignored { get; }

    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static EngineCache Open(string root, EngineIdentity identity)
    {
        var key = SHA256.HashData(Encoding.UTF8.GetBytes($"{identity.ModelSha256} {identity.Shapes} {identity.Precision}"));
        var folder = Path.Combine(root, Convert.ToHexStringLower(key)[..16]);
        var stamp = Path.Combine(folder, StampName);
        var ignored = !Directory.Exists(folder) ? null
            : ReadStamp(stamp) is not { } made ? $"the engine in {folder} was not finished"
            : made != identity ? $"the engine in {folder} was built with {made.Maker}; here it is {identity.Maker}"
            : null;
        var ready = Directory.Exists(folder) && ignored is null;
        if (ignored is not null)
            UserFiles.DeleteFolder(folder);
        UserFiles.CreateFolder(folder);
        return new EngineCache(folder, identity, ready, ignored);
    }

    /// <summary>The engine is built and on disk: from now on it can be used.</summary>
    public void Finish()
    {
        if (!Ready)
            AtomicFile.Write(Path.Combine(Folder, StampName), JsonSerializer.SerializeToUtf8Bytes(_identity));
    }

    private static EngineIdentity? ReadStamp(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<EngineIdentity>(UserFiles.ReadBytes(path)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
