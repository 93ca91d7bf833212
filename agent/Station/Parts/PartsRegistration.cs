using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Options;

namespace MrfAd.Station.Parts;

/// <summary>Registers the parts of several views.</summary>
public static class PartsRegistration
{
    /// <summary>Registers the assembling of parts, and its options.</summary>
    public static IServiceCollection AddParts(this IServiceCollection services, StationOptions options) => services
        .AddSingleton(options.Parts)
        .AddSingleton<PartAssembler>();
}
