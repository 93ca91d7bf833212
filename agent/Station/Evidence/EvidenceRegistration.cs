using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Evidence;

public static class EvidenceRegistration
{
    /// <summary>Registers the evidence store as a subscriber of verdicts.</summary>
    public static IServiceCollection AddEvidence(this IServiceCollection services, StationOptions options) => services
        .AddSingleton(options.Evidence)
        .AddAtStart<EvidenceStore>()
        .AtStart(s => s.GetRequiredService<VerdictEvents>().ImagesStored += s.GetRequiredService<EvidenceStore>().Add);
}
