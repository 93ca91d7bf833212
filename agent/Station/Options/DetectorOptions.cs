using MrfAd.Onnx.Sessions;

namespace MrfAd.Station.Options;

/// <summary>The options of a detector: its model, its encoder and the device that runs them.</summary>
public sealed record DetectorOptions
{
    /// <summary>The method that <see cref="Bank"/> must have; with null the file decides.</summary>
    public DetectorMethod? Method { get; init; }

    /// <summary>The model of the good parts: a <c>.mrfbank</c> file, or a trained <c>.hlgfa</c> model.</summary>
    public string Bank { get; init; } = "station.mrfbank";

    /// <summary>The ONNX file or descriptor of the encoder that the bank was learned with; null means the default encoder.</summary>
    public string? Encoder { get; init; }

    /// <summary>The descriptor of the mask model, for a bank that was learned without background; null means the default mask model.</summary>
    public string? Background { get; init; }

    /// <summary>The execution provider of the encoder, and of the search where it is a GPU. With auto the best one that works is taken; a named one that does not work here makes the station Degraded.</summary>
    public Provider Provider { get; init; } = Provider.Auto;

    /// <summary>The number of threads of the encoder and of the search; 0 means one for each core.</summary>
    public int Threads { get; init; }

    /// <summary>The extent of the search in a bank. It changes neither verdict, score nor regions.</summary>
    public DetectorSearch Search { get; init; } = DetectorSearch.Certified;

    /// <summary>The maximum GPU memory for the bank's rows, in 10^6 bytes at 2 bytes a value; a bank that needs more is searched on the CPU. 0 means all that there is.</summary>
    public int SearchMemoryMb { get; init; }

    /// <returns>The same options, in which relative paths are taken from the folder.</returns>
    public DetectorOptions ResolvedAgainst(string folder)
    {
        return this with { Bank = Path.GetFullPath(Bank, folder), Encoder = Absolute(Encoder), Background = Absolute(Background) };

        string? Absolute(string? file) => file is null ? null : Path.GetFullPath(file, folder);
    }
}
