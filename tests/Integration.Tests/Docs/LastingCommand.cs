using System.Text.RegularExpressions;

namespace MrfAd.Integration.Tests.Docs;

/// <summary>A command that goes on until it is stopped: the reader starts it in a terminal of its own.</summary>
/// <param name="Pattern">The regular expression of the line.</param>
/// <param name="ExitCode">The exit code after SIGTERM.</param>
public sealed record LastingCommand(string Pattern, int ExitCode)
{
    private const int EndedBySigterm = 128 + 15;

    /// <summary>The regular expression of what it prints once it is ready; empty if it prints nothing.</summary>
    public string Ready { get; init; } = "";

    /// <summary>The regular expression of what it has printed before it is stopped, at the end of the page.</summary>
    public string AtTheEnd { get; init; } = "";

    public static IReadOnlyList<LastingCommand> All { get; } =
    [
        new(@"mrfad run ", ExitCode: 0) { Ready = @"\bReady\b" },
        new(@"^mosquitto_sub ", ExitCode: 0) { AtTheEnd = @"""schema"":\s*""mrfad\.verdict\.v1""" },
        new(@"^node gateway\.cjs ", EndedBySigterm) { Ready = "connected to mqtt://", AtTheEnd = "station is online" },
    ];

    public static LastingCommand? Find(string line) => All.FirstOrDefault(lasting => Regex.IsMatch(line, lasting.Pattern));
}
