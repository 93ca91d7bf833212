using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Inspection;

namespace MrfAd.Station.Reporting;

/// <summary>Raises verdicts as events inside the station, for modules that show or store them. Handlers are called synchronously and must be quick.</summary>
public sealed partial class VerdictEvents(ILogger<VerdictEvents> log)
{
    /// <summary>Raised for each verdict once it is in the outbox.</summary>
    public event Action<VerdictMessage>? Reported;

    /// <summary>Raised after <see cref="Reported"/> with the images of the part, which are disposed of when the handlers return.</summary>
    public event Action<VerdictMessage, InspectionReport>? ImagesReported;

    /// <summary>Raised after <see cref="ImagesReported"/> with the same images on a thread where storing them may take its time; not for images that were dropped because that took too long.</summary>
    public event Action<VerdictMessage, InspectionReport>? ImagesStored;

    /// <summary>Raised after the last verdict.</summary>
    public event Action? Ended;

    public void Report(VerdictMessage verdict) => Raise(Reported, handler => handler(verdict));

    public void ReportImages(VerdictMessage verdict, InspectionReport report) => Raise(ImagesReported, handler => handler(verdict, report));

    public void StoreImages(VerdictMessage verdict, InspectionReport report) => Raise(ImagesStored, handler => handler(verdict, report));

    public void End() => Raise(Ended, handler => handler());

    /// <summary>Calls every handler; one that throws is logged, and ends neither the caller nor the others.</summary>
    private void Raise<T>(T? handlers, Action<T> call)
        where T : Delegate
    {
        foreach (var handler in handlers?.GetInvocationList().Cast<T>() ?? [])
        {
            try
            {
                call(handler);
            }
            catch (Exception e)
            {
                LogFailed(handler.Method.DeclaringType?.Name ?? "a subscriber", e);
            }
        }
    }

    [LoggerMessage(322, LogLevel.Error, "{Subscriber} failed at a verdict; the verdict itself is reported")]
    private partial void LogFailed(string subscriber, Exception e);
}
