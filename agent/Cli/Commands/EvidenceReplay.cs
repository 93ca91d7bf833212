using System.Globalization;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad inspect --replay</c>: inspects stored evidence images again. The same bank and encoder give bit-identical scores.</summary>
internal static class EvidenceReplay
{
    /// <param name="evidence">Path of a station's evidence folder, of one camera's folder, or of the .json of one verdict.</param>
    /// <exception cref="UsageException">The path holds no evidence.</exception>
    public static int Run(string evidence, IInspector inspector, bool json, CancellationToken cancellation)
    {
        var files = File.Exists(evidence) ? [evidence]
            : Directory.Exists(evidence) ? [.. UserFiles.Files(evidence, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : Array.Empty<string>();
        if (files.Length == 0)
            throw new UsageException($"no evidence (ID.json with its picture beside it): {evidence}");
        var differing = 0;
        foreach (var file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            var (same, outcome, score, recorded) = Replay(file, inspector);
            differing += same ? 0 : 1;
            Console.WriteLine(json
                ? JsonSerializer.Serialize(new { evidence = file, same, outcome, score, recorded }, Lines)
                : $"{(same ? "same" : "DIFFERS")}  {outcome}  {file}");
        }

        return differing == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static (bool Same, string Outcome, float? Score, float? Recorded) Replay(string file, IInspector inspector)
    {
        try
        {
            var verdict = JsonSerializer.Deserialize(UserFiles.ReadBytes(file), MessageJson.Default.VerdictMessage)
                ?? throw new JsonException("it is null");
            if (verdict.Score is not { } recorded || verdict.Bank is null || verdict.Encoder is null)
                return (true, $"{verdict.Verdict.ToText()}, was not judged: {verdict.Reason}", null, null);
            var hashes = string.Join(", ", Differences(verdict, inspector.Info));
            if (hashes.Length > 0)
                return (false, hashes, null, recorded);
            var picture = Path.ChangeExtension(file, ".png");
            var lossy = !File.Exists(picture);
            using var image = ImageCodec.Read(lossy ? Path.ChangeExtension(file, ".jpg") : picture, CommandLimits.Over(inspector.Info.Limits));
            var score = inspector.Inspect(image, verdict.Threshold).Score;
            var same = BitConverter.SingleToInt32Bits(score) == BitConverter.SingleToInt32Bits(recorded);
            return (same, string.Create(CultureInfo.InvariantCulture, $"score {score}, recorded {recorded}{(same || !lossy ? "" : ": the frame was kept as JPEG")}"), score, recorded);
        }
        catch (Exception e) when (e is JsonException or IOException or ImageFormatException or ImageMismatchException)
        {
            return (false, e.Message, null, null);
        }
    }

    private static IEnumerable<string> Differences(VerdictMessage verdict, InspectorInfo info)
    {
        if (verdict.Bank!.Sha256 != info.BankSha256)
            yield return $"another bank: recorded {verdict.Bank.Id} version {verdict.Bank.Version} (sha256 {verdict.Bank.Sha256[..12]}…), here {info.BankId} version {info.BankVersion} (sha256 {info.BankSha256[..12]}…)";
        if (verdict.RegionsSha256 != info.Regions?.Sha256)
            yield return $"other regions than the bank's: recorded {Short(verdict.RegionsSha256)}, here {Short(info.Regions?.Sha256)}";
        if (verdict.Encoder!.Sha256 != info.EncoderSha256)
            yield return $"another encoder: recorded {verdict.Encoder.Id} (sha256 {verdict.Encoder.Sha256[..12]}…), here {info.EncoderId} (sha256 {info.EncoderSha256[..12]}…)";
    }

    private static string Short(string? sha256) => sha256 is null ? "none" : $"sha256 {sha256[..12]}…";

    private static readonly JsonSerializerOptions Lines = new(JsonOutput.Options) { WriteIndented = false };
}
