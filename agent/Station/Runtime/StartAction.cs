using Microsoft.Extensions.DependencyInjection;

namespace MrfAd.Station.Runtime;

/// <summary>An action of a module when the station has been put together and before anything runs. One that throws ends the start.</summary>
public sealed record StartAction(Action<IServiceProvider> Run);

public static class StartActionServices
{
    /// <summary>Runs an action at the start, in the order of registration.</summary>
    public static IServiceCollection AtStart(this IServiceCollection services, Action<IServiceProvider> action) => services.AddSingleton(new StartAction(action));

    /// <summary>Registers a service that is made at the start, so that what it cannot open ends the start.</summary>
    public static IServiceCollection AddAtStart<T>(this IServiceCollection services)
        where T : class => services.AddSingleton<T>().AtStart(s => s.GetRequiredService<T>());
}
