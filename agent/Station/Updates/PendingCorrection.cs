using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Platform;

namespace MrfAd.Station.Updates;

/// <summary>The one lesson that waits for a yes: its bank in quarantine (<c>lesson.mrfbank</c>) and what it would change (<c>lesson.json</c>).</summary>
public sealed class PendingCorrection(string folder)
{
    /// <summary>Nothing judges by it.</summary>
    public string Bank => Path.Combine(folder, "lesson.mrfbank");

    private string Preview => Path.Combine(folder, "lesson.json");

    /// <returns>Null where there is none.</returns>
    public CorrectionPreview? Find()
    {
        try
        {
            return File.Exists(Preview) && File.Exists(Bank) ? JsonSerializer.Deserialize(UserFiles.ReadBytes(Preview), MessageJson.Default.CorrectionPreview) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <exception cref="IOException">It could not be written.</exception>
    public void Keep(CorrectionPreview preview) => AtomicFile.Write(Preview, JsonSerializer.SerializeToUtf8Bytes(preview, MessageJson.Default.CorrectionPreview));

    public void Discard()
    {
        UserFiles.Delete(Preview);
        UserFiles.Delete(Bank);
        UserFiles.Delete(Bank + Manifests.Extension);
    }
}
