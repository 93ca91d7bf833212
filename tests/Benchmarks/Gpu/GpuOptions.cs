using MrfAd.Engine.Features;

namespace MrfAd.Benchmarks.Gpu;

/// <summary>The sizes that the GPU benchmark measures.</summary>
public sealed record GpuOptions
{
    /// <summary>Scaling factors of the views; the default is the paper's five.</summary>
    public IReadOnlyList<double> Scales { get; init; } = new MrfAdOptions().Scales;

    /// <summary>Number of rows of each bank of a frame; the default is that of <c>learn</c>.</summary>
    public int Rows { get; init; } = new MrfAdOptions().RowsPerBank!.Value;

    /// <summary>Number of rows of the search alone; null for a million on a GPU and 8192 on a CPU.</summary>
    public int? SearchRows { get; init; }

    /// <summary>Number of queries of the search alone; null for 4096 on a GPU and 512 on a CPU.</summary>
    public int? SearchQueries { get; init; }

    /// <summary>Number of blocks of the transformer, 12 in ViT-S; 0 measures no transformer.</summary>
    public int TransformerBlocks { get; init; } = 12;

    /// <summary>Number of runs that the median is taken over; two more before them warm up.</summary>
    public int Repetitions { get; init; } = 15;
}
