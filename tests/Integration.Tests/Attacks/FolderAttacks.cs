using System.Diagnostics;
using System.Security.Cryptography;
using MrfAd.Testing;
using static MrfAd.Integration.Tests.Attacks.AttackedStation;

namespace MrfAd.Integration.Tests.Attacks;

/// <summary>Attacks and accidents of whoever may write into the folder that a camera watches.</summary>
internal static class FolderAttacks
{
    private static readonly TimeSpan ReplacingTime = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<Attack> All { get; } =
    [
        new("an empty file", "INVALID", s => FileAsync(s, "empty.png", [])),
        new("a truncated picture", "INVALID", s => FileAsync(s, "cut.png", s.GoodPart[..^2000])),
        new("a text that is called a picture", "INVALID", s => FileAsync(s, "text.png", Utf8("not a picture"))),
        new("a program that is called a picture", "INVALID", s => FileAsync(s, "program.png", [0x7F, .. "ELF"u8, .. new byte[1000]])),
        new("a picture under the name of another format", "OK", s => FileAsync(s, "part.jpg", s.GoodPart)),
        new("a defective part under the name of another format", "NG", s => FileAsync(s, "bad.tiff", s.DefectivePart)),
        new("an image bomb", "INVALID", s => FileAsync(s, "bomb.png", ImageBombs.Make("tiff-strips"))),
        new("a picture of 700 MB", "want at most 9 MB, got 700", GiantAsync),
        new("a name of control sequences", "OK", s => FileAsync(s, "\u001b[2J\u001b]0;x\u0007.png", s.GoodPart)),
        new("a name of two lines", "OK, and no line of the log begins with it", NameOfTwoLinesAsync),
        new("a name that reads backwards", "OK", s => FileAsync(s, "\u202egnp.exe.png", s.GoodPart)),
        new("a name of 250 characters", "OK", s => FileAsync(s, $"{Times("n", 246)}.png", s.GoodPart)),
        new("a name that is no UTF-8", "the next is judged", NameOfBytesAsync),
        new("a link to a file of secrets", "INVALID", s => LinkedAsync(s, "secret.png", s.Folder.File("token"))),
        new("a link to itself", "INVALID", s => LinkedAsync(s, "self.png", "self.png")),
        new("two links to each other", "INVALID", async s =>
        {
            await LinkAsync(s, "one.png", "two.png");
            return await LinkedAsync(s, "two.png", "one.png");
        }),
        new("a link to nothing", "INVALID", s => LinkedAsync(s, "nothing.png", "/nonexistent")),
        new("a folder that leads to itself", "0 verdicts", s => VerdictsAsync(s, ["loop"], () => LinkAsync(s, "loop", "."))),
        new("a folder that is called a picture", "0 verdicts", FolderAsync),
        new("a pipe that is called a picture", "the next is judged", s => SpecialAsync(s, "pipe.png", "mkfifo")),
        new("a link to a device without an end", "the next is judged", s => LinkToDeviceAsync(s, "/dev/zero")),
        new("a link to a device that waits", "the next is judged", s => LinkToDeviceAsync(s, "/dev/tty")),
        new("a file that is replaced again and again", "the next is judged", ReplacedAsync),
        new("100 files at once", "100 verdicts", ManyAsync),
        new("all files deleted", "the next is judged", DeletedAsync),
        new("the folder replaced by another", "the next is judged", FolderReplacedAsync),
    ];

    private static async Task<string> FileAsync(AttackedStation s, string name, byte[] content)
    {
        await s.DropAsync(name, content);
        return await s.NextVerdictAsync("watched", name);
    }

    private static async Task<string> GiantAsync(AttackedStation s)
    {
        var next = Path.Combine(s.Drop, "next.tmp");
        await using (var file = File.Create(next))
        {
            await file.WriteAsync(ImageBombs.Make("bmp"));
            file.SetLength(700_000_000);
        }

        File.Move(next, Path.Combine(s.Drop, "giant.bmp"));
        return await s.NextVerdictAsync("watched", "giant.bmp");
    }

    private static async Task<string> NameOfTwoLinesAsync(AttackedStation s)
    {
        // Cut short, so that the log has a reason to name it.
        await s.DropAsync("a\nforged: NG.png", s.GoodPart[..^2000]);
        await s.NextVerdictAsync("watched", "forged");
        var outcome = await FileAsync(s, "b\nforged: OK.png", s.GoodPart);
        return outcome.StartsWith("OK", StringComparison.Ordinal) && !s.Log.Split('\n').Any(line => line.StartsWith("forged", StringComparison.Ordinal)) ? "OK, and no line of the log begins with it" : outcome;
    }

    /// <summary>.NET cannot write such a name; the shell can.</summary>
    private static async Task<string> NameOfBytesAsync(AttackedStation s)
    {
        await s.DropAsync("bytes.tmp", s.GoodPart);
        await ShellAsync($"cd '{s.Drop}' && mv bytes.tmp \"$(printf 'a\\377\\376.png')\"");
        var outcome = await NextIsJudgedAsync(s);
        await ShellAsync($"cd '{s.Drop}' && rm \"$(printf 'a\\377\\376.png')\"");
        return outcome;
    }

    private static async Task<string> LinkedAsync(AttackedStation s, string name, string target)
    {
        await LinkAsync(s, name, target);
        var outcome = await s.NextVerdictAsync("watched", name);
        return outcome.Contains(Token, StringComparison.Ordinal) ? $"it tells the secret: {outcome}" : outcome;
    }

    private static Task LinkAsync(AttackedStation s, string name, string target)
    {
        File.CreateSymbolicLink(Path.Combine(s.Drop, name), target);
        return Task.CompletedTask;
    }

    private static Task<string> FolderAsync(AttackedStation s) => VerdictsAsync(s, ["folder.png"], () =>
    {
        Directory.CreateDirectory(Path.Combine(s.Drop, "folder.png"));
        return Task.CompletedTask;
    });

    /// <returns>The number of verdicts on what the attack puts there; those on the files of an attack before may still come.</returns>
    private static async Task<string> VerdictsAsync(AttackedStation s, string[] names, Func<Task> attack)
    {
        await attack();
        await s.ProbeAsync("watched");
        var texts = s.Listener.All.Where(Station.Listener.IsVerdict).Select(Station.Listener.Verdict).Select(v => $"{v.Frame?.Source} {v.Reason}");
        return FormattableString.Invariant($"{texts.Count(text => names.Any(name => text.Contains(name, StringComparison.Ordinal)))} verdicts");
    }

    private static async Task<string> SpecialAsync(AttackedStation s, string name, string command)
    {
        await ShellAsync($"{command} '{Path.Combine(s.Drop, name)}'");
        return await NextIsJudgedAsync(s);
    }

    private static async Task<string> LinkToDeviceAsync(AttackedStation s, string device)
    {
        await LinkAsync(s, $"device{Path.GetFileName(device)}.png", device);
        return await NextIsJudgedAsync(s);
    }

    private static async Task<string> ReplacedAsync(AttackedStation s)
    {
        var until = Stopwatch.StartNew();
        while (until.Elapsed < ReplacingTime)
        {
            await s.DropAsync("replaced.png", s.DefectivePart);
            await File.WriteAllBytesAsync(Path.Combine(s.Drop, "replaced.png"), RandomNumberGenerator.GetBytes(1000));
        }

        return await NextIsJudgedAsync(s);
    }

    private static async Task<string> ManyAsync(AttackedStation s)
    {
        for (var i = 0; i < 100; i++)
            await s.DropAsync($"many-{i}.png", s.GoodPart);
        // Those of an attack before this may still come.
        var judged = new HashSet<string>();
        while (judged.Count < 100)
        {
            var verdict = await s.Listener.UntilAsync(m => Station.Listener.IsVerdict(m) && Station.Listener.Verdict(m) is { Camera: "watched", Frame: { } frame } && frame.Source.StartsWith("many-", StringComparison.Ordinal));
            judged.Add(Station.Listener.Verdict(verdict).Frame!.Source);
        }

        return FormattableString.Invariant($"{judged.Count} verdicts");
    }

    private static async Task<string> DeletedAsync(AttackedStation s)
    {
        await s.DropAsync("gone.png", s.GoodPart);
        foreach (var entry in Directory.EnumerateFileSystemEntries(s.Drop))
            await ShellAsync($"rm -rf \"$1\"", entry);
        return await NextIsJudgedAsync(s);
    }

    private static async Task<string> FolderReplacedAsync(AttackedStation s)
    {
        Directory.Move(s.Drop, s.Folder.File("drop-before"));
        Directory.CreateDirectory(s.Drop);
        return await NextIsJudgedAsync(s);
    }

    /// <summary>A good part is judged OK, and a defective one NG, whatever else came into the folder.</summary>
    private static async Task<string> NextIsJudgedAsync(AttackedStation s)
    {
        await s.ProbeAsync("watched");
        var name = $"{s.NextId()}.png";
        await s.DropAsync(name, s.DefectivePart);
        var verdict = Station.Listener.Verdict(await s.Listener.UntilAsync(m => Station.Listener.IsVerdict(m) && Station.Listener.Verdict(m).Frame?.Source == name));
        return verdict.Verdict == Contracts.Verdict.Ng ? "the next is judged" : $"a defective part was {verdict.Verdict}";
    }

    private static async Task ShellAsync(string line, params string[] arguments)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", line, "sh", .. arguments]) { RedirectStandardError = true })!;
        await shell.WaitForExitAsync();
        Assert.True(shell.ExitCode == 0, $"{line}: {await shell.StandardError.ReadToEndAsync()}");
    }
}
