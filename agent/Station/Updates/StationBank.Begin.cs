using Microsoft.Extensions.Logging;
using MrfAd.Contracts;

namespace MrfAd.Station.Updates;

/// <content>Begins to judge by a first model, where frames were collected.</content>
public sealed partial class StationBank
{
    /// <summary>Makes a first model the configured one: from the next frame on it judges, where frames were collected.</summary>
    /// <param name="learned">The path of the model, in the folder of the configured one. It is renamed to that.</param>
    /// <param name="by">The sender of the command.</param>
    /// <returns>The version that judges now.</returns>
    /// <exception cref="UpdateRefusedException">There is a model by now.</exception>
    /// <exception cref="IOException">The disk refuses it, and frames are collected as before.</exception>
    /// <inheritdoc cref="Open(StoredVersion, int?)"/>
    public StoredVersion Begin(string learned, string by, string reason)
    {
        var next = Open(learned);
        var version = StoredVersion.Of(next.Info, null);
        try
        {
            next.Prepare(_ => { });
            lock (_swap)
            {
                if (!Detector.IsCollecting || Path.Exists(_options.Bank))
                    throw new UpdateRefusedException($"there is a model by now, {_options.Bank}: a restart makes it judge");
                Audit(by, UpdateResult.Accepted, version, reason);
                // From here on a restart judges by it, whatever happens to what follows.
                Store.Disk.Rename(learned, _options.Bank);
                ChangeWherePossible(_ => Store.Begun(version) with { Last = Outcome(version, UpdateResult.Accepted, reason) });
                _wasOpened = true;
            }
        }
        catch
        {
            next.Dispose();
            throw;
        }

        LogBegun(_log, version.ToString(), reason);
        Detector.Replace(next)?.Dispose();
        return version;
    }

    [LoggerMessage(704, LogLevel.Information, "{Bank} judges: {Why}")]
    private static partial void LogBegun(ILogger log, string bank, string why);
}
