using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Inspection;
using MrfAd.Station.Parts;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Rejection;

/// <summary>Registers the reject outputs.</summary>
public static class RejectionRegistration
{
    /// <summary>Registers the reject outputs of the cameras, and that of the parts, as far as they have one; a line that cannot be opened ends the start.</summary>
    public static IServiceCollection AddRejectOutputs(this IServiceCollection services) => services
        .AddAtStart<RejectOutputs>()
        .AddHostedService(s => s.GetRequiredService<RejectOutputs>())
        .AtStart(s => s.GetRequiredService<InspectionWorker>().Judged += s.GetRequiredService<RejectOutputs>().Enqueue)
        .AtStart(s => s.GetRequiredService<PartAssembler>().Judged += s.GetRequiredService<RejectOutputs>().Enqueue);
}
