using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Platform;

namespace MrfAd.Station.Updates;

/// <summary>The one correction that waits to be confirmed: its bank in quarantine (<c>lesson.mrfbank</c>) and the preview of its effect (<c>lesson.json</c>).</summary>
public sealed class PendingCorrection(string folder)
{
    /// <summary>The path of the corrected bank, which judges nothing yet.</summary>
    public string Bank => Path.Combine(folder, "lesson.mrfbank");

    private string Preview => Path.Combine(folder, "lesson.json");

    /// <summary>Reads the preview of the correction.</summary>
    /// <returns>Null where there is no correction.</returns>
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

    /// <summary>Stores the preview; the bank is written already.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Save(CorrectionPreview preview) => AtomicFile.Write(Preview, JsonSerializer.SerializeToUtf8Bytes(preview, MessageJson.Default.CorrectionPreview));

    public void Discard()
    {
        UserFiles.Delete(Preview);
        UserFiles.Delete(Bank);
        UserFiles.Delete(Bank + Manifests.Extension);
    }
}
