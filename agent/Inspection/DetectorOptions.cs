namespace MrfAd.Agent.Inspection;

/// <summary>By what frames are judged.</summary>
public sealed record DetectorOptions
{
    /// <summary>A <c>.mrfbank</c> file: what good parts look like.</summary>
    public string Bank { get; init; } = "station.mrfbank";

    /// <summary>The encoder that the bank was learned with: its ONNX file or descriptor. Null: the default one.</summary>
    public string? Encoder { get; init; }

    public Provider Provider { get; init; } = Provider.Cpu;

    /// <summary>Of the encoder and of the search. 0: one for each core.</summary>
    public int Threads { get; init; }

    /// <returns>The same with relative paths taken from the folder.</returns>
    public DetectorOptions ResolvedAgainst(string folder) =>
        this with { Bank = Path.GetFullPath(Bank, folder), Encoder = Encoder is { } encoder ? Path.GetFullPath(encoder, folder) : null };
}
