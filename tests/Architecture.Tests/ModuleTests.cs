using MrfAd.Testing;

namespace MrfAd.Architecture.Tests;

/// <summary>One direction: a module uses only those that stand before it in the flow. The matrices are those of docs/architecture.md.</summary>
public sealed class ModuleTests
{
    private static readonly Dictionary<string, string[]> Flows = new()
    {
        ["MrfAd.Onnx"] = ["Tensors", "Graphs", "Differentiation", "Checkpoints", "Networks", "Sessions"],
        ["MrfAd.Engine"] =
        [
            "Images", "Search", "Features", "Masks", "Fusion", "Alignment", "Verdicts", "Codes", "Defects", "Metrics", "Banks", "Detectors", "Learning", "Hlgfa", "Encoders", "Datasets",
        ],
        ["MrfAd.Station"] =
        [
            "Options", "Runtime", "Keys", "Pages", "Traces", "Mqtt", "Results", "History", "Statistics", "Review", "Outbox", "Gpio", "Products", "Capture", "GenICam", "Sources", "Triggers", "Inspection", "Parts", "Rejection",
            "Reporting", "Evidence", "Updates", "Collecting", "Control", "Http", "Dashboard", "HomeAssistant", "Sparkplug", "Systemd", "Hosting",
        ],
        ["MrfAd.Cli"] = ["Terminal", "Models", "Demo.Line", "Demo.Page", "Demo", "Evaluation", "Evaluation.Report", "Collecting", "Security", "Upgrades", "Commands"],
    };

    public static TheoryData<string> Assemblies => [.. Flows.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void No_module_uses_one_that_comes_after_it(string assembly)
    {
        var modules = Read(assembly);

        TestContext.Current.TestOutputHelper!.WriteLine(modules.Matrix(Flows[assembly]));
        Assert.Empty(modules.Names.Except(Flows[assembly]));
        Assert.Empty(modules.Against(Flows[assembly]));
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_page_of_the_architecture_shows_the_matrix_as_it_is(string assembly)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));

        Assert.Contains(Read(assembly).Matrix(Flows[assembly]), page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_contracts_depend_on_nothing_of_ours() =>
        Assert.DoesNotContain(typeof(Contracts.Verdict).Assembly.GetReferencedAssemblies(), a => a.Name!.StartsWith("MrfAd", StringComparison.Ordinal));

    private static Modules Read(string assembly) => Modules.Read(System.Reflection.Assembly.Load(assembly == "MrfAd.Cli" ? "mrfad" : assembly), assembly);
}
