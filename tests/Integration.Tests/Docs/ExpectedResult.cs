namespace MrfAd.Integration.Tests.Docs;

/// <summary>The result of a command as its page tells it. A command that is not listed ends with 0.</summary>
/// <param name="Pattern">The regular expression of the line.</param>
/// <param name="Output">The regular expression of a part of what it prints.</param>
internal sealed record ExpectedResult(string Pattern, string Output = "")
{
    /// <summary>The exit codes that it may end with; null where the rule says nothing about them.</summary>
    public IReadOnlyList<int>? ExitCodes { get; init; }

    /// <summary>Files that the command leaves; * stands for any name.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The name of the schema that the standard output fits; null if it is no message.</summary>
    public string? Schema { get; init; }

    public static IReadOnlyList<ExpectedResult> All { get; } =
    [
        new(@"^\./mrfad demo", "verdict") { Files = ["demo-out/index.html", "demo-out/verdicts.jsonl", "demo-out/frames/00000.png"] },
        new(@"^\./mrfad learn .*--out part\.mrfbank", @"part\.mrfbank: [0-9]+ images, [0-9.]+ MB, encoder \S+ .*\n(.*\n)*threshold [0-9.]+\. .* false rejects") { Files = ["part.mrfbank"] },
        new(@"^\./mrfad inspect part\.png .*--out overlays", @"(?m)^(OK|NG)  score [0-9.]+  threshold [0-9.]+ .* part\.png$") { ExitCodes = [0, 3], Files = ["overlays/part.overlay.png"] },
        new(@"^\./mrfad inspect .*--explain", "nearest normal patches"),
        new(@"^\./mrfad inspect defects good-again ", @"(?m)^NG .* defects/") { ExitCodes = [3], Files = ["overlays/*.overlay.png", "overlays/*.explain.png"] },
        new(@"^\./mrfad check --cameras --out shots", "gige:") { Files = ["shots/*.png"] },
        new(@"^\./mrfad learn .*--choose", @"chosen: \S.*: image AUROC [01]\.\d+"),
        new(@"^\./mrfad check --device ", @"learn with(\s|│)+--scales|too(\s|│)+much:") { ExitCodes = [0, 1] }, // 1 where this machine is slower than the profile's
        new(@"^curl (?!.*/healthz)") { Schema = "verdict" },
        new(@"^curl .*/healthz") { Schema = "state" },
        new(@"^mosquitto_rr ") { Schema = "reply" },
        new(@"^\./mrfad evaluate ", @"\| \*\*all\*\* \|"),
        new(@"^\./mrfad evaluate mvtec --objects bottle,screw --encoder") { Files = ["evaluation/report.html", "evaluation/run.json", "evaluation/results.csv", "evaluation/results.md"] },
        new(@"^\./mrfad evaluate mvtec2 --maps upload") { Files = ["upload/anomaly_images/can/test_private/000.tiff"] },
        new(@"^\./mrfad model fetch$", @"(?m)^dinov2-reg-b +Apache-2\.0 "),
        new(@"^\./mrfad model fetch dinov2-reg-b --out \.", @"licence: Apache-2\.0") { Files = ["dinov2_vitb14_reg4_pretrain.pth"] },
        new(@"^\./mrfad model info ", "GFLOP"),
        new(@"^\./mrfad model build dinov3_.*--out vits3$") { Files = ["vits3/dinov3_vits16_pretrain_lvd1689m-08c60483.json"] },
        new(@"^\./mrfad model build dinov3_.*--out superadd$") { Files = ["superadd/dinov3_vits16_pretrain_lvd1689m-08c60483.json"] },
        new(@"^\./mrfad model build dinov2_") { Files = ["vitb/dinov2_vitb14_reg4_pretrain.json"] },
        new(@"^\./mrfad train ") { Files = ["part.hlgfa"] },
        new(@"^\./mrfad bank keygen ", "keep it secret") { Files = ["office-2026.key", "office-2026.pub"] },
        new(@"^\./mrfad bank sign ", "signed by office-2026") { Files = ["part.mrfbank.sig"] },
        new(@"^\./mrfad bank push ", @"(?m)^(accepted|confirmed): parts version 2: "),
        new(@"^\./mrfad bank (status|rollback) ") { Schema = "bank" },
        new(@"^\./mrfad bank selftest ") { Schema = "self-test" },
        new(@"^\./mrfad bank lesson ") { Schema = "teach-result" },
        new(@"^\./mrfad bank teach ", "patches learned") { Files = ["part-3.mrfbank"] },
        new(@"^openssl rand ") { Files = ["token"] },
    ];
}
