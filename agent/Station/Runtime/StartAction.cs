using Microsoft.Extensions.DependencyInjection;

namespace MrfAd.Station.Runtime;

/// <summary>An action of a module that runs after all services are registered and before any worker runs. One that throws ends the start.</summary>
public sealed record StartAction(Action<IServiceProvider> Run);

public static class StartActionRegistration
{
    /// <summary>Registers an action that runs at the start, in the order of registration.</summary>
    public static IServiceCollection AtStart(this IServiceCollection services, Action<IServiceProvider> action) => services.AddSingleton(new StartAction(action));

    /// <summary>Registers a service that is created at the start, so that an error in its constructor ends the start.</summary>
    public static IServiceCollection AddAtStart<T>(this IServiceCollection services)
        where T : class => services.AddSingleton<T>().AtStart(s => s.GetRequiredService<T>());
}
