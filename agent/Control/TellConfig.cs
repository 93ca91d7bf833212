using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent.Control;

/// <summary>
/// <c>cmd/config</c>: the configuration in force as the result. It holds no secrets but those that stand in a camera's address: user name and password
/// are taken out of every URL, and the properties that hold them out of every GStreamer pipeline.
/// </summary>
public sealed partial class TellConfig(StationOptions options) : IStationCommand
{
    public string Name => "config";

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken) =>
        Task.FromResult(new CommandReply { Command = Name, Accepted = true, Result = JsonNode.Parse(Masked(options)) });

    /// <returns>As JSON.</returns>
    public static string Masked(StationOptions options) => Property().Replace(LogIn().Replace(StationJson.Write(options), "://***@"), "***");

    // What stands between "://" and the last '@' before the path; a password may hold an '@' itself.
    [GeneratedRegex("://[^/\\s\"]*@")]
    private static partial Regex LogIn();

    // Of rtspsrc, souphttpsrc and srtsrc; a quote inside JSON is written as \u0022.
    [GeneratedRegex("(?<=\\b(?:user-id|user-pw|proxy-id|proxy-pw|passphrase)\\s*=\\s*)(?:\\\\u0022.*?\\\\u0022|[^\\s\"]+)")]
    private static partial Regex Property();
}
