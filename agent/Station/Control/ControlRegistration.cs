using Microsoft.Extensions.DependencyInjection;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Control;

public static class ControlRegistration
{
    /// <summary>Registers the commands that the station accepts.</summary>
    public static IServiceCollection AddControl(this IServiceCollection services, StationOptions options) => services
        .AddSingleton<IStationCommand, TriggerCameras>()
        .AddSingleton<IStationCommand, ReplayVerdicts>()
        .AddSingleton<IStationCommand, SetThreshold>()
        .AddSingleton<IStationCommand, SetRegions>()
        .AddSingleton<IStationCommand, SetProduct>()
        .AddSingleton<IStationCommand, CollectParts>()
        .AddSingleton<IStationCommand, TakeSnapshot>()
        .AddSingleton<IStationCommand, ReportState>()
        .AddSingleton<IStationCommand, ReportBank>()
        .AddSingleton<IStationCommand, RollBackBank>()
        .AddSingleton<IStationCommand>(s => ActivatorUtilities.CreateInstance<FetchBank>(s, options.Updates))
        .AddSingleton<IStationCommand, TeachBank>()
        .AddSingleton<IStationCommand, RunSelfTest>()
        .AddSingleton<IStationCommand>(new ReportConfig(options))
        .AddSingleton(options.Control)
        .AddSingleton(s => ActivatorUtilities.CreateInstance<CommandDispatcher>(
            s, (IReadOnlyList<IStationCommand>)[.. s.GetServices<IStationCommand>()],
            new CommandVerifier(options.Control, s.GetRequiredService<StationTopics>(), s.GetRequiredService<TimeProvider>())))
        .AddHostedService(s => s.GetRequiredService<CommandDispatcher>())
        .AtStart(s => s.GetRequiredService<StationHealth>().Warn("control", options.Control.AllowUnsigned ? UnsignedCommands.Warning : null));
}
