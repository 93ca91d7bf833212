using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Collecting;
using MrfAd.Station.Control;
using MrfAd.Station.Dashboard;
using MrfAd.Station.Evidence;
using MrfAd.Station.HomeAssistant;
using MrfAd.Station.Http;
using MrfAd.Station.Inspection;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Parts;
using MrfAd.Station.Products;
using MrfAd.Station.Rejection;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Station.Sources;
using MrfAd.Station.Sparkplug;
using MrfAd.Station.Statistics;
using MrfAd.Station.Systemd;
using MrfAd.Station.Traces;
using MrfAd.Station.Triggers;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Hosting;

/// <summary>Builds and runs the station in one host: capture → inspection → reporting → MQTT, and the subscribers of verdicts.</summary>
public static partial class StationHost
{
    // A command with its payload; images have a limit of their own.
    private const int MaxBodyBytes = 1_000_000;

    /// <summary>Builds a station; nothing runs yet.</summary>
    /// <param name="openInspector">Opens a detector; called once for each different one, not on the thread that starts the station.</param>
    /// <exception cref="MqttLinkException">The link to the broker cannot be made.</exception>
    /// <exception cref="IOException">The state folder or a trusted key cannot be read, or another process uses that folder.</exception>
    public static WebApplication Build(StationOptions options, Func<DetectorOptions, IInspector> openInspector, TimeProvider clock)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var memory = new MemoryBudget(options.Memory.BudgetBytes());
        var systemd = SystemdOptions.Of(Environment.GetEnvironmentVariables(), Environment.ProcessId);
        AddLogging(builder.Logging, systemd.ToJournal, clock);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Parse(options.Http.Address), options.Http.Port);
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
        });
        builder.Services
            .AddRoutingCore()
            .Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true)
            // Each worker ends when the one before it has ended, so all must be stopped at once.
            .Configure<HostOptions>(host => host.ServicesStopConcurrently = true)
            .AddRuntime(memory, clock)
            .AddTraces(options)
            .AddMessages(options)
            .AddSystemd(systemd)
            .AddMqtt(options, s => s.GetRequiredService<StationMessages>().Will)
            .AddOutbox(options, s => StationMessages.FittedTo(s.GetRequiredService<IMqttLink>()))
            .AddProducts(options)
            .AddCameras(options)
            .AddCapture()
            .AddTriggers()
            .AddInspection(options, clock)
            .AddParts(options)
            .AddRejectOutputs()
            .AddReporting()
            .AddUpdates(options, detector => BudgetedInspector.Open(detector, openInspector, memory), clock)
            .AddCollecting(options)
            .AddControl(options)
            .AddEvidence(options)
            .AddStatistics(options)
            .AddDashboard(options)
            .AddHomeAssistant(options)
            .AddSparkplug(options)
            // The last to start, since it connects: by then everything has subscribed.
            .AddReportingWorker();

        var app = builder.Build();
        try
        {
            app.MapHttp(options.Http);
            app.MapDashboard(options);
            foreach (var start in app.Services.GetServices<StartAction>())
                start.Run(app.Services);
            return app;
        }
        catch
        {
            ((IDisposable)app).Dispose();
            throw;
        }
    }

    /// <summary>Runs until the station is stopped or a worker fails.</summary>
    /// <param name="started">Called with the HTTP address once it is served.</param>
    /// <returns>False where a worker has failed.</returns>
    public static async Task<bool> RunAsync(WebApplication app, Action<string> started, CancellationToken cancellationToken)
    {
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(StationHost));
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (SocketException e)
        {
            throw new IOException($"http.address and http.port: this machine cannot be called there: {e.Message}", e);
        }

        LogStarted(log, AgentVersion.Current, app.Urls.First());
        started(app.Urls.First());
        await app.WaitForShutdownAsync(cancellationToken);

        var dead = app.Services.GetServices<IHostedService>().OfType<Worker>().Where(worker => worker.ExecuteTask is { IsFaulted: true }).ToList();
        foreach (var worker in dead)
            LogDead(log, worker.GetType().Name, worker.ExecuteTask!.Exception!.GetBaseException().Message);
        LogStopped(log);
        return dead.Count == 0;
    }

    private static void AddLogging(ILoggingBuilder logging, bool toJournal, TimeProvider clock)
    {
        logging.AddConsole(console => (console.FormatterName, console.LogToStandardErrorThreshold) = (LineFormatter.Key, LogLevel.Trace));
        logging.Services.AddSingleton<ConsoleFormatter>(new LineFormatter(toJournal, clock));
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // The command line reports a failed start in one sentence, and RunAsync each worker that has failed.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    }

    [LoggerMessage(1, LogLevel.Information, "mrfad {Version} serves {Url}")]
    private static partial void LogStarted(ILogger log, string version, string url);

    [LoggerMessage(3, LogLevel.Information, "stopped")]
    private static partial void LogStopped(ILogger log);

    [LoggerMessage(2, LogLevel.Critical, "{Worker} is dead and ends the station: {Why}")]
    private static partial void LogDead(ILogger log, string worker, string why);
}
