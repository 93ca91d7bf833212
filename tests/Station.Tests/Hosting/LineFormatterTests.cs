using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using MrfAd.Station.Hosting;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Hosting;

public sealed class LineFormatterTests
{
    [Theory]
    [InlineData("cam\n2026-01-01T00:00:00.000Z crit: forged", "cam 2026-01-01T00:00:00.000Z crit: forged")]
    [InlineData("a\u001b[2Jb", "a\\u001b[2Jb")]
    [InlineData("a\rb", "a\\u000db")]
    [InlineData("a\u0000b\u009bc", "a\\u0000b\\u009bc")]
    [InlineData("Prüfling № 7 ✓", "Prüfling № 7 ✓")]
    public void An_entry_stands_on_one_line_and_moves_no_cursor(string message, string written)
    {
        Assert.Equal($"2026-01-01T12:00:00.000Z warn: Room[7] {written}\n", Write(message, toJournal: false));
        Assert.Equal($"<4>Room[7] {written}\n", Write(message, toJournal: true));
    }

    [Fact]
    public void An_exception_stands_behind_its_message() =>
        Assert.Equal("<4>Room[7] it failed System.IO.IOException: no room\\u000d here\n", Write("it failed", toJournal: true, new IOException("no room\r\nhere")));

    private static string Write(string message, bool toJournal, Exception? exception = null)
    {
        var text = new StringWriter { NewLine = "\n" };
        ConsoleFormatter formatter = new LineFormatter(toJournal, new FakeClock());
        formatter.Write(new LogEntry<string>(LogLevel.Warning, "Room", 7, message, exception, (state, _) => state), null, text);
        return text.ToString();
    }
}
