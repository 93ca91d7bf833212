using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Station.Options;

namespace MrfAd.Station.Control;

/// <summary>
/// <c>cmd/config</c>: the configuration in force as the result. It holds no secrets but those that stand in a camera's address: user name and password
/// are taken out of every URL, and the properties that hold them out of every GStreamer pipeline.
/// </summary>
public sealed class ReportConfig(StationOptions options) : IStationCommand
{
    public string Name => "config";

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken) =>
        Task.FromResult(new CommandReply { Command = Name, Accepted = true, Result = JsonNode.Parse(Masked(options)) });

    /// <returns>As JSON.</returns>
    public static string Masked(StationOptions options) => Credentials.MaskedJson(StationJson.Write(options));
}
