using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MrfAd.Platform;

namespace MrfAd.Onnx.Sessions;

/// <summary>
/// A folder for each graph, shape and precision, in which TensorRT keeps its engine and timings, with a file that identifies the device and versions that made them. An engine
/// of another device, driver or version, or an unfinished one, is deleted, and the reason is reported.
/// </summary>
public sealed class EngineCache
{
    private const string StampName = "stamp.json";

    private readonly EngineIdentity _identity;

    private EngineCache(string folder, EngineIdentity identity, bool ready, string? ignored) =>
        (Folder, _identity, Ready, Ignored) = (folder, identity, ready, ignored);

    /// <summary>The folder that is passed to the runtime.</summary>
    public string Folder { get; }

    /// <summary>True where the folder holds a usable engine, so that none will be built.</summary>
    public bool Ready { get; }

    /// <summary>The reason why an existing engine was deleted; null where none was.</summary>
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

    /// <summary>Marks the engine as complete on disk, so that later starts can use it.</summary>
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
