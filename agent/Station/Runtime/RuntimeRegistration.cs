using Microsoft.Extensions.DependencyInjection;

namespace MrfAd.Station.Runtime;

public static class RuntimeRegistration
{
    /// <summary>Registers health, metrics, the memory budget and the clock.</summary>
    public static IServiceCollection AddRuntime(this IServiceCollection services, MemoryBudget memory, TimeProvider clock) => services
        .AddSingleton(clock)
        .AddSingleton(memory)
        .AddSingleton<StationHealth>()
        .AddSingleton<Heartbeat>()
        .AddSingleton(_ => new MrfAdMeter(AgentVersion.Current))
        .AtStart(s => s.GetRequiredService<MrfAdMeter>().WatchMemory(memory))
        .AtStart(s => s.GetRequiredService<MrfAdMeter>().WatchState(() => s.GetRequiredService<StationHealth>().Current.State));
}
