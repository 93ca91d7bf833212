using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Capture;

/// <summary>Words an error for verdicts, state and log, without user names and passwords.</summary>
public static class ErrorText
{
    /// <returns>The message of an error that is meant for people; of any other also the type, since its message alone says little.</returns>
    public static string Of(Exception error) =>
        Credentials.Masked(error is MrfAdException or IOException ? error.Message : $"{error.GetType().Name}: {error.Message}");
}
