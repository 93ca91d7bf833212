using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace MrfAd.Station.Hosting;

/// <summary>
/// Writes each log entry on one line. Control characters are escaped, because a topic, a name or an answer that came from outside could otherwise forge lines or
/// move the cursor of a terminal. For the systemd journal a line begins with its priority, elsewhere with the time.
/// </summary>
public sealed class LineFormatter(bool toJournal, TimeProvider clock) : ConsoleFormatter(Key)
{
    /// <summary>The name by which the console logger chooses this formatter.</summary>
    public const string Key = "mrfad";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var start = toJournal ? $"<{Priority(logEntry.LogLevel)}>" : $"{clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture)} {Short(logEntry.LogLevel)}: ";
        var error = logEntry.Exception is { } e ? $" {e}" : "";
        textWriter.WriteLine($"{start}{logEntry.Category}[{logEntry.EventId.Id}] {Escape(message + error)}");
    }

    /// <returns>The text on one line: line breaks become spaces, other control characters <c>\u001b</c> and the like.</returns>
    internal static string Escape(string text)
    {
        if (!text.Any(char.IsControl))
            return text;
        var line = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (c is '\n' or '\t')
                line.Append(' ');
            else if (char.IsControl(c))
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                line.Append(c);
        }

        return line.ToString();
    }

    // The priorities of syslog(3).
    private static int Priority(LogLevel level) => level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };

    private static string Short(LogLevel level) => level switch
    {
        LogLevel.Critical => "crit",
        LogLevel.Error => "fail",
        LogLevel.Warning => "warn",
        LogLevel.Information => "info",
        _ => "dbug",
    };
}
