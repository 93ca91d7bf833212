namespace MrfAd.Agent.Inspection;

/// <summary>By what frames are judged.</summary>
public sealed record DetectorOptions
{
    /// <summary>What <see cref="Bank"/> must be; null: the file says which it is.</summary>
    public DetectorMethod? Method { get; init; }

    /// <summary>What good parts look like: a <c>.mrfbank</c> file, or a trained <c>.hlgfa</c> model.</summary>
    public string Bank { get; init; } = "station.mrfbank";

    /// <summary>The encoder that the bank was learned with: its ONNX file or descriptor. Null: the default one.</summary>
    public string? Encoder { get; init; }

    public Provider Provider { get; init; } = Provider.Cpu;

    /// <summary>Of the encoder and of the search. 0: one for each core.</summary>
    public int Threads { get; init; }
}
