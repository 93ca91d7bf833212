using System.CommandLine;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using Spectre.Console;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad bank teach</c>: learns a false alarm (false reject) into a bank file and reports how that changes the scores of other images.</summary>
internal static class BankTeachCommand
{
    public static Command Teach(TimeProvider clock)
    {
        var file = new Argument<string>("bank") { Description = "A .mrfbank file." };
        var image = new Argument<string>("image") { Description = "Image of a good part that the bank calls defective." };
        var output = new Option<string>("--out", "-o") { Description = "File for the new version.", Required = true, HelpName = "FILE" };
        var check = new Option<string[]>("--check") { Description = "Other images, or folders of them, to report whose verdict changes.", HelpName = "DIR" };
        var encoder = new EncoderOptions();
        var command = new ExampleCommand(
            "teach",
            "Learns that what a bank calls defective in one image is good: the offending patches of it alone, as a new version.",
            "mrfad bank teach bottle.mrfbank good/007.png --check bottle/test --out taught.mrfbank")
        {
            file, image, output, check,
        };
        encoder.AddTo(command);
        command.Options.Add(EncoderOptions.Background);
        command.NeedsImages = true;
        command.SetWork((parsed, cancellation) =>
        {
            var (path, part, target) = (BankSigning.Existing(parsed.GetRequiredValue(file)), BankSigning.Existing(parsed.GetRequiredValue(image)), parsed.GetRequiredValue(output));
            var (others, model, threads) = (ImageFiles.Expand(parsed.GetValue(check) ?? []), encoder.EncoderOf(parsed), encoder.ThreadsOf(parsed));
            var background = EncoderOptions.BackgroundOf(parsed);
            BankCorrection correction;
            using (var bank = BankFile.Open(path))
            using (var opened = MrfAdInspector.EncoderFor(bank, model, threads))
            using (var mask = MrfAdInspector.MaskFor(bank, background, threads))
            {
                var taught = new TaughtImage($"taught-{Path.GetFileName(part)}", bank.Description.Calibration.Threshold, () => ImageCodec.Read(part, CommandLimits.Over(bank.Description.Learned.Limits)));
                correction = new BankEditor(bank, clock, mask).Teach(opened, [taught], threads, target, version: null, cancellation);
            }

            var learned = correction.Images[0];
            Console.WriteLine(FormattableString.Invariant(
                $"{target}: {correction.Bank.Id} version {correction.Bank.Version}, {correction.Rows} patches learned: {part} scores {learned.After:0.####} after {learned.Before:0.####}, threshold {correction.Bank.Calibration.Threshold:0.####}"));
            if (learned.After >= correction.Bank.Calibration.Threshold)
                Console.WriteLine("it is still defective: what is left lies just beside the learned patches; teach it once more");
            if (others.Count > 0)
                Compare([.. others.Where(o => Path.GetFullPath(o) != Path.GetFullPath(part))], (path, target), model, background, threads, clock, cancellation);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Compare(List<string> images, (string Old, string New) banks, string encoder, string? background, int threads, TimeProvider clock, CancellationToken cancellation)
    {
        using var old = MrfAdInspector.Open(encoder, banks.Old, threads, clock, background);
        using var next = MrfAdInspector.Open(encoder, banks.New, threads, clock, background);
        var (changed, lower, most, total) = (new Table().Border(TableBorder.Simple).AddColumns("image", "before", "after"), 0, 0f, 0f);
        foreach (var path in images)
        {
            cancellation.ThrowIfCancellationRequested();
            using var image = ImageCodec.Read(path, CommandLimits.Over(old.Info.Limits));
            var (before, after) = (old.Inspect(image), next.Inspect(image));
            var (was, now) = (before.Score, after.Score);
            lower += now < was ? 1 : 0;
            most = Math.Max(most, (was - now) / was);
            total += (was - now) / was;
            if (before.IsDefective != after.IsDefective)
                changed.AddRow(Markup.Escape(path), Describe(was, before.IsDefective), Describe(now, after.IsDefective));
        }

        Console.WriteLine(FormattableString.Invariant(
            $"{images.Count} other images: {changed.Rows.Count} verdicts changed; {lower} scores are lower, by {100 * total / Math.Max(1, images.Count):0.00} % on the mean of all, {100 * most:0.0} % at most"));
        if (changed.Rows.Count > 0)
            AnsiConsole.Write(changed);
    }

    private static string Describe(float score, bool isDefective) => FormattableString.Invariant($"{(isDefective ? "NG" : "OK")} {score:0.####}");
}
