namespace MrfAd.Integration.Tests.Docs;

/// <summary>Commands that are parsed and not run.</summary>
/// <param name="Pattern">The regular expression of their lines.</param>
/// <param name="Reason">The reason, and the test that covers them where there is one.</param>
internal sealed record SkippedCommand(string Pattern, string Reason)
{
    public static IReadOnlyList<SkippedCommand> All { get; } =
    [
        new(@"^\./mrfad test$", "runs all tests, this one too"),
        new(@"^\./mrfad package", "publishes for two kinds of machines; DebianPackageTests packs an agent, tests/packages.sh installs it"),
        new(@"^\./mrfad (bank keygen|upgrade sign) .*release-2026", "wants a package that was made; UpgradeTests signs some"),
        new(@"^(docker|podman|skopeo|kubectl) ", "wants the image and what runs it"),
        new(@"^\./mrfad setup$", "builds the program that this test runs, and installs packages"),
        new(@"^dotnet (build|test|format|publish) ", "builds the program that this test runs"),
        new(@"^sudo(edit)? ", "changes the system; ServiceTests installs into a folder of its own, tests/packages.sh into a clean root"),
        new(@"^\./build-jetson\.sh", "wants a Jetson; Jetson/PackageTests builds the package"),
        new(@"^tests/Benchmarks/pack-gpu\.sh ", "publishes with the CUDA provider, half a gigabyte"),
        new(@"^bash pieces/run-gpu\.sh ", "wants what pack-gpu.sh packs, and an NVIDIA device"),
        new(@"^\./mrfad evaluate mvtec --objects screw --align ", "wants parts with edges to align by, which the data set of this test has not; the page about products aligns some"),
    ];
}
