using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Evidence;

/// <summary>
/// Stores frames with their verdicts as files. A folder for each camera holds, for each stored verdict, the frame <c>ID.png</c> (or <c>.jpg</c>) and the
/// verdict <c>ID.json</c>. The ids sort by time. A frame without a verdict was cut off by a power loss. A full disk stops nothing: the state becomes Degraded.
/// </summary>
public sealed partial class EvidenceStore
{
    private readonly EvidenceOptions _options;
    private readonly StationHealth _health;
    private readonly ILogger<EvidenceStore> _log;
    private readonly Queue<(string Path, long Bytes)> _files;
    private readonly Dictionary<string, long> _okSeen = [];
    private string? _error;

    /// <exception cref="IOException">The folder cannot be made or read.</exception>
    public EvidenceStore(EvidenceOptions options, StationHealth health, ILogger<EvidenceStore> log)
    {
        (_options, _health, _log) = (options, health, log);
        if (options.BudgetMb > 0)
            UserFiles.CreateFolder(options.Folder);
        _files = new(options.BudgetMb == 0 ? [] : UserFiles.Files(options.Folder, "*", SearchOption.AllDirectories)
            .Select(path => new FileInfo(path))
            .Where(IsEvidence)
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => (f.FullName, f.Length)));
        Bytes = _files.Sum(f => f.Bytes);
    }

    /// <summary>Total size of all stored files in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Returns true where a verdict is to be stored. To be called once for each verdict, as OK verdicts are counted to store one in <c>ok_one_in</c>.</summary>
    public bool Wants(VerdictMessage verdict)
    {
        // What is collected is kept where good parts are.
        if (_options.BudgetMb == 0 || verdict.Frame is null || verdict.Verdict == Verdict.Collecting)
            return false;
        if (verdict.Verdict != Verdict.Ok)
            return true;
        var seen = _okSeen[verdict.Camera] = _okSeen.GetValueOrDefault(verdict.Camera) + 1;
        return _options.OkOneIn > 0 && (seen - 1) % _options.OkOneIn == 0;
    }

    /// <summary>Stores a verdict and its frame, where <see cref="Wants"/> selects it.</summary>
    public void Add(VerdictMessage verdict, InspectionReport report)
    {
        if (report.Shot.Frame is not { } frame || !Wants(verdict))
            return;
        var picture = EncodedPicture.Encode(frame.Image, _options.Format);
        Keep(verdict, picture.Bytes, picture.Extension);
    }

    /// <summary>Stores a verdict and its frame. An error becomes a problem of the station's health.</summary>
    /// <param name="frame">The frame as an image file.</param>
    /// <param name="extension">The extension of the image file, ".png" or ".jpg".</param>
    public void Keep(VerdictMessage verdict, ReadOnlySpan<byte> frame, string extension)
    {
        try
        {
            var folder = Path.GetFullPath(Path.Combine(_options.Folder, verdict.Camera));
            UserFiles.CreateFolder(folder);
            // The verdict is written last: where it exists, its frame is complete.
            Write(Path.Combine(folder, verdict.Id + extension), frame);
            Write(Path.Combine(folder, verdict.Id + ".json"), StationMessages.Content(verdict));
            SetError(null);
        }
        catch (IOException e)
        {
            SetError(e.Message);
        }
    }

    /// <summary>Returns true for a file that this class has written; it must not delete any other file in the folder.</summary>
    private static bool IsEvidence(FileInfo file) =>
        file.Extension is ".png" or ".jpg" or ".json" && Guid.TryParseExact(Path.GetFileNameWithoutExtension(file.Name), "D", out _);

    private void Write(string path, ReadOnlySpan<byte> bytes)
    {
        while (Bytes + bytes.Length > _options.BudgetMb * 1_000_000L && _files.TryDequeue(out var oldest))
        {
            Bytes -= oldest.Bytes;
            // Somebody may have deleted the file or its folder.
            if (File.Exists(oldest.Path))
                UserFiles.Delete(oldest.Path);
        }

        _files.Enqueue((path, bytes.Length));
        Bytes += bytes.Length;
        UserFiles.WriteBytes(path, bytes);
    }

    private void SetError(string? why)
    {
        if (_error == why)
            return;
        _error = why;
        _health.Set("evidence", why is null ? null : $"evidence is not kept: {why}");
        if (why is not null)
            LogNotStored(why);
    }

    [LoggerMessage(331, LogLevel.Error, "Evidence is not kept: {Why}")]
    private partial void LogNotStored(string why);
}
