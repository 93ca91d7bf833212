using System.CommandLine;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Banks;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad bank diff</c>: lists the differences between two banks.</summary>
internal static class BankComparison
{
    public static Command Diff()
    {
        var first = new Argument<string>("old") { Description = "A .mrfbank file." };
        var second = new Argument<string>("new") { Description = "Another." };
        var command = new ExampleCommand("diff", "Lists the differences between two banks: images, rows, settings, threshold.", "mrfad bank diff bottle-3.mrfbank bottle-4.mrfbank") { first, second };
        command.SetAction(parsed =>
        {
            using var old = BankFile.Open(BankSigning.Existing(parsed.GetRequiredValue(first)));
            using var next = BankFile.Open(BankSigning.Existing(parsed.GetRequiredValue(second)));
            var lines = Differences(old, next).ToList();
            Console.WriteLine(lines.Count == 0 ? "they say the same" : string.Join('\n', lines));
            return ExitCode.Done;
        });
        return command;
    }

    private static IEnumerable<string> Differences(BankFile old, BankFile next)
    {
        var (a, b) = (old.Description, next.Description);
        (string What, string Old, string New)[] values =
        [
            ("bank", $"{a.Id} version {a.Version}", $"{b.Id} version {b.Version}"),
            ("encoder", $"{a.EncoderId} {a.EncoderSha256[..12]}…", $"{b.EncoderId} {b.EncoderSha256[..12]}…"),
            ("layers", string.Join(", ", a.Layers), string.Join(", ", b.Layers)),
            ("scales", string.Join(", ", a.Options.Scales), string.Join(", ", b.Options.Scales)),
            ("rows", $"{a.Options.Precision}, {a.Options.Reduction}", $"{b.Options.Precision}, {b.Options.Reduction}"),
            ("image size", $"{a.ImageWidth}x{a.ImageHeight}", $"{b.ImageWidth}x{b.ImageHeight}"),
            ("threshold", FormattableString.Invariant($"{a.Calibration.Threshold:0.####} ({a.Calibration.Rule})"), FormattableString.Invariant($"{b.Calibration.Threshold:0.####} ({b.Calibration.Rule})")),
        ];
        foreach (var (what, was, now) in values.Where(f => f.Old != f.New))
            yield return $"{what}: {was} → {now}";
        var (images, others) = (old.ImageNames(), next.ImageNames());
        foreach (var (sign, names) in new[] { ("-", images.Except(others)), ("+", others.Except(images)) })
        {
            foreach (var name in names)
                yield return $"{sign} image {name}";
        }

        foreach (var branch in old.BranchNames.Intersect(next.BranchNames).Where(name => old.Size(name) != next.Size(name)))
            yield return $"{branch}: {old.Size(branch).Rows} → {next.Size(branch).Rows} rows";
    }
}
