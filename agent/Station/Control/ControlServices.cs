using Microsoft.Extensions.DependencyInjection;
using MrfAd.Contracts;
using MrfAd.Station.Options;

namespace MrfAd.Station.Control;

public static class ControlServices
{
    /// <summary>Registers the commands that the station takes.</summary>
    public static IServiceCollection AddControl(this IServiceCollection services, StationOptions options) => services
        .AddSingleton<IStationCommand, TriggerCameras>()
        .AddSingleton<IStationCommand, ReplayVerdicts>()
        .AddSingleton<IStationCommand, SetThreshold>()
        .AddSingleton<IStationCommand, TakeSnapshot>()
        .AddSingleton<IStationCommand, TellState>()
        .AddSingleton<IStationCommand, TellBank>()
        .AddSingleton<IStationCommand, RollBackBank>()
        .AddSingleton<IStationCommand, FetchBank>()
        .AddSingleton<IStationCommand, TeachBank>()
        .AddSingleton<IStationCommand, RunSelfTest>()
        .AddSingleton<IStationCommand>(new TellConfig(options))
        .AddSingleton(options.Control)
        .AddSingleton(s => ActivatorUtilities.CreateInstance<CommandDesk>(
            s, (IReadOnlyList<IStationCommand>)[.. s.GetServices<IStationCommand>()],
            new CommandSeal(options.Control, s.GetRequiredService<StationTopics>(), s.GetRequiredService<TimeProvider>())))
        .AddHostedService(s => s.GetRequiredService<CommandDesk>());
}
