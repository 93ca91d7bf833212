using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Collecting;

/// <summary>Registers what collects frames and learns first models.</summary>
public static class CollectingRegistration
{
    /// <summary>Registers the collections of the cameras and products that have no model.</summary>
    public static IServiceCollection AddCollecting(this IServiceCollection services, StationOptions options) => services
        .AddSingleton(s => Build(s, options.Collect))
        .AtStart(s =>
        {
            var collections = s.GetRequiredService<Collections>();
            if (collections.Frames is not { } frames)
                return;
            s.GetRequiredService<VerdictEvents>().ImagesStored += (verdict, report) =>
            {
                if (verdict.Verdict == Verdict.Collecting && report.Shot.Frame is { } frame)
                    frames.Keep(verdict.Id, verdict.Camera, verdict.Product, frame.Image, report.CollectedFault);
            };
            foreach (var model in collections.Models)
                Follow(model, s.GetRequiredService<StationHealth>());
        });

    private static Collections Build(IServiceProvider services, CollectingOptions options)
    {
        var banks = services.GetRequiredService<DetectorBanks>().All.Select(d => d.Bank).Where(bank => bank.Detector.IsCollecting && bank.Cameras.Count > 0).ToList();
        if (banks.Count == 0)
            return new Collections(options, null, []);
        var places = banks.SelectMany(bank => bank.Cameras.Select(camera => (bank.Product, camera)));
        var frames = new CollectedFrames(options, places, services.GetRequiredService<StationHealth>(), services.GetRequiredService<ILogger<CollectedFrames>>());
        var oneAtATime = new SemaphoreSlim(1);
        var models = banks.Select(bank => new FirstModel(
            bank, frames, options, services.GetRequiredService<UpdateTrust>(), oneAtATime, services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<FirstModel>>(), services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping)).ToList();
        foreach (var model in models)
        {
            model.Prepare();
            model.LookBack();
        }

        return new Collections(options, frames, models);
    }

    /// <summary>Says in the station's state that there is no model, as long as there is none.</summary>
    private static void Follow(FirstModel model, StationHealth health)
    {
        var name = $"model{model.Bank.Of}";
        health.Warn(name, $"there is no model{model.Bank.Of} yet: good parts are collected");
        model.Bank.Detector.Changed += () => health.Warn(name, null);
    }
}
