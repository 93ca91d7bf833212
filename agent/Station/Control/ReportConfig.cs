using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Station.Options;

namespace MrfAd.Station.Control;

/// <summary>
/// The command <c>cmd/config</c>: returns the configuration in force, without secrets. User name and password are removed from every URL, and the
/// properties that hold them from every GStreamer pipeline; the configuration holds no other secrets.
/// </summary>
public sealed class ReportConfig(StationOptions options) : IStationCommand
{
    public string Name => "config";

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken) =>
        Task.FromResult(new CommandReply { Command = Name, Accepted = true, Result = JsonNode.Parse(Masked(options)) });

    /// <summary>Returns the configuration as JSON, without secrets.</summary>
    public static string Masked(StationOptions options) => Credentials.MaskedJson(StationJson.Write(options));
}
