using MrfAd.Onnx.Sessions;

namespace MrfAd.Station.Options;

/// <summary>By what frames are judged.</summary>
public sealed record DetectorOptions
{
    /// <summary>What <see cref="Bank"/> must be; null: the file says which it is.</summary>
    public DetectorMethod? Method { get; init; }

    /// <summary>What good parts look like: a <c>.mrfbank</c> file, or a trained <c>.hlgfa</c> model.</summary>
    public string Bank { get; init; } = "station.mrfbank";

    /// <summary>The encoder that the bank was learned with: its ONNX file or descriptor. Null: the default one.</summary>
    public string? Encoder { get; init; }

    /// <summary>The mask model that the bank was learned with, where it was learned without background: its descriptor. Null: the default one.</summary>
    public string? Background { get; init; }

    /// <summary>What runs the encoder, and the search where it is a GPU. One that was named and does not work here makes the station Degraded; with auto the best that works is taken.</summary>
    public Provider Provider { get; init; } = Provider.Auto;

    /// <summary>Of the encoder and of the search. 0: one for each core.</summary>
    public int Threads { get; init; }

    /// <summary>Of a GPU's memory, for the bank's rows: 2 bytes a value. A bank that needs more is searched on the CPU. 0: what there is.</summary>
    public int SearchMemoryMb { get; init; }

    /// <returns>The same with relative paths taken from the folder.</returns>
    public DetectorOptions ResolvedAgainst(string folder)
    {
        return this with { Bank = Path.GetFullPath(Bank, folder), Encoder = Absolute(Encoder), Background = Absolute(Background) };

        string? Absolute(string? file) => file is null ? null : Path.GetFullPath(file, folder);
    }
}
