using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace MrfAd.Integration.Tests.Docs;

/// <summary>A part of a command that cannot be run as it is written, and what takes its place.</summary>
/// <param name="Pattern">The regular expression of the part.</param>
/// <param name="Replacement">The text in its place; $0 is the part itself.</param>
/// <param name="Reason">The reason.</param>
internal sealed record Substitution(string Pattern, Func<Workplace, string> Replacement, string Reason)
{
    // Small enough for a training of seconds.
    private const string QuickTraining = "$0 --high-side 64 --hidden 16 --guidance 4 --epochs 2 --noisy 1";

    public static IReadOnlyList<Substitution> All { get; } =
    [
        new(@"\bbroker:1883\b", place => place.BrokerAddress, "the broker of this test"),
        new(@"^\./mrfad bank .*--station \S+( --sign-key \S+)?$", place => $"$0 --broker {place.BrokerAddress}", "the default broker's port may be taken"),
        new(@"^mosquitto_(?:sub|pub|rr)\b", place => $"$0 -h 127.0.0.1 -p {place.Broker.Port}{place.BrokerLogin}", "the broker of this test"),
        new(@"\b127\.0\.0\.1:9464\b", place => place.HttpAddress, "the default port may be taken"),
        new(@"^\./mrfad demo$", _ => "$0 --dataset few/part --encoder resnet50v2.json", "60 parts of 512 px take a minute"),
        new(@"(?<=(check|build) .*--image )[0-9]+x[0-9]+", _ => $"{PartPictures.Height}x{PartPictures.Width}", "small pictures"),
        new(@"(?<=^\./mrfad collect --camera )gige:.*$", _ => "folder:good-again --out parts/good --port 0", "nobody presses a key, and the default port may be taken"),
        new(@"^\./mrfad train .*$", _ => QuickTraining, "a training takes minutes"),
        new(@"^\./mrfad evaluate .*--method hlgfa.*$", _ => QuickTraining, "a training takes minutes"),
        new(@"(?<=^\./mrfad model fetch )dinov2-reg-b\b", _ => "$0 --from mirror --catalogue small.json", "346 MB from elsewhere"),
        new(@"--background$", _ => "$0 mask.json", "the mask model comes from elsewhere"),
        new(@"https://models\.plant\b", place => place.FileServerAddress, "the file server of this test"),
        new(@"\bnpm install\b", place => $"ln -sfn {place.NodeModules} node_modules", "the packages of the tests, which have the same versions"),
        new(@"\b192\.168\.0\.10:502\b", place => place.PlcAddress, "the PLC of this test"),
        new(@"(?<=results show )\S+", place => place.VerdictId, "the verdict that the station gave"),
        new(@"(?<=lesson --verdict )\S+", place => (string)JsonNode.Parse(place.LastOutput)!["id"]!, "the verdict that the station gave"),
        new(@"(?<=--confirm )\S+", place => (string)JsonNode.Parse(place.LastOutput)!["lesson"]!, "the correction that the station proposed"),
    ];

    public static string Apply(string text, Workplace place) =>
        All.Aggregate(text, (changed, substitution) => Regex.IsMatch(changed, substitution.Pattern) ? Regex.Replace(changed, substitution.Pattern, substitution.Replacement(place)) : changed);
}
