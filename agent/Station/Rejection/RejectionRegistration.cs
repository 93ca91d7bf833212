using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Inspection;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Rejection;

/// <summary>Registers the reject outputs.</summary>
public static class RejectionRegistration
{
    /// <summary>Registers the reject outputs of the cameras that have one; a line that cannot be opened ends the start.</summary>
    public static IServiceCollection AddRejectOutputs(this IServiceCollection services) => services
        .AddAtStart<RejectOutputs>()
        .AddHostedService(s => s.GetRequiredService<RejectOutputs>())
        .AtStart(s => s.GetRequiredService<InspectionWorker>().Judged += s.GetRequiredService<RejectOutputs>().Enqueue);
}
