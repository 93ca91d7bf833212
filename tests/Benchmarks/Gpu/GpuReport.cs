using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MrfAd.Benchmarks.Gpu;

/// <summary>The results of one run of the GPU benchmark, as a table and as JSON.</summary>
/// <param name="Machine">Description of the device, its driver and libraries.</param>
/// <param name="Errors">Texts of the parts that ended in an error instead of a result.</param>
public sealed record GpuReport(string Machine, string Image, IReadOnlyList<ProviderResult> Providers, IReadOnlyList<ViewResult> Views, IReadOnlyList<FrameResult> Frames, DeviceSearchResult? Search, IReadOnlyList<string> Errors)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A text for each unexpected result; the run has passed if there are none.</summary>
    public IReadOnlyList<string> Failures =>
    [
        .. Errors,
        .. Providers.Where(p => p.Failure is not null).Select(p => $"{p.Provider}: {p.Failure}"),
        .. Views.Where(v => !v.Within).Select(v => FormattableString.Invariant($"{v.Encoder} at {v.Size} on {v.Provider}: off by {v.Parity.RelativeL2:0.0e0} (L2) and {v.Parity.RelativeMax:0.0e0} (max), want {v.Tolerance:0.0e0} and five times that")),
        .. Frames.Where(f => !f.Within).Select(f => FormattableString.Invariant($"frame on {f.Provider}: the map is off by {f.Parity.RelativeL2:0.0e0}, want {f.Tolerance:0.0e0}")),
        .. Search is { Within: false } s ? [FormattableString.Invariant($"search on {s.Provider}: a distance is off by {s.MaxError:0.0e0}, want {DeviceSearchResult.Tolerance:0.0e0}")] : Array.Empty<string>(),
    ];

    /// <summary>0, or 1 if there are <see cref="Failures"/>.</summary>
    public int ExitCode => Failures.Count == 0 ? 0 : 1;

    public void Write(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "gpu.json"), JsonSerializer.Serialize(this, Json));
        File.WriteAllText(Path.Combine(folder, "gpu.txt"), ToString());
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(Machine).AppendLine(Image).AppendLine();
        foreach (var provider in Providers)
            text.AppendLine(FormattableString.Invariant($"{provider.Provider,-9} {(provider.Works ? "works" : "does not work")}{(provider.Reason is { } reason ? $": {reason}" : "")}"));
        text.AppendLine().AppendLine("Encoders: ms of a view, its input copied to the device, its features left there ('read': read back); beside the CPU's features");
        text.AppendLine($"{"encoder",-32} {"size",-10} {"provider",-9} {"ms",9} {"read",9} {"nodes elsewhere",16} {"L2",9} {"max",9}");
        foreach (var v in Views)
            text.AppendLine(FormattableString.Invariant($"{v.Encoder,-32} {v.Size,-10} {v.Provider,-9} {v.Ms,9:0.00} {v.ReadMs,9:0.00} {v.NodesElsewhere,16} {v.Parity.RelativeL2,9:0.0e0} {v.Parity.RelativeMax,9:0.0e0}{(v.Within ? "" : "  OUT")}"));
        text.AppendLine().AppendLine("Frames: encoder at all scales, nearest rows, fused map; without decoding and resizing");
        foreach (var f in Frames)
            text.AppendLine(FormattableString.Invariant($"{f.Encoder} on {f.Provider}, {f.Banks} banks of {f.Rows} rows: {f.TotalMs:0.0} ms (features {f.FeaturesMs:0.0}, search {f.SearchMs:0.0} on {f.SearchedOn}, fuse {f.FuseMs:0.0}); map beside the CPU's: {f.Parity.RelativeL2:0.0e0}{(f.Within ? "" : "  OUT")}"));
        if (Search is not null)
        {
            text.AppendLine().AppendLine(FormattableString.Invariant(
                $"Search, {Search.Rows:N0} rows of {Search.Dimension}, {Search.Queries:N0} queries, {Search.Provider}: {Search.OnDeviceMs:0.00} ms from features on the device ({Search.OnDeviceRate / 1e12:0.00} TFLOP/s), {Search.FromHereMs:0.00} ms from this process's; the device's own fp16 products {Search.ProductRate / 1e12:0.00} TFLOP/s, of which {100 * Search.OnDeviceRate / Search.ProductRate:0} %; the CPU {Search.CpuMs:0} ms; distances off by {Search.MaxError:0.0e0} at most"));
        }

        text.AppendLine().AppendLine(Failures.Count == 0 ? "passed" : $"FAILED: {string.Join("; ", Failures)}");
        return text.ToString();
    }
}
