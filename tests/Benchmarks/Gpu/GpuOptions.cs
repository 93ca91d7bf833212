using MrfAd.Engine.Features;

namespace MrfAd.Benchmarks.Gpu;

/// <summary>What the GPU benchmark is to measure.</summary>
public sealed record GpuOptions
{
    /// <summary>The paper's five.</summary>
    public IReadOnlyList<double> Scales { get; init; } = new MrfAdOptions().Scales;

    /// <summary>Rows of each bank of a frame: as many as <c>learn</c> takes.</summary>
    public int Rows { get; init; } = new MrfAdOptions().RowsPerBank!.Value;

    /// <summary>Rows of the search alone; null: a million on a GPU, 8192 on a CPU.</summary>
    public int? SearchRows { get; init; }

    /// <summary>Null: 4096 on a GPU, 512 on a CPU.</summary>
    public int? SearchQueries { get; init; }

    /// <summary>Blocks of the transformer, 12 in ViT-S; 0: none is measured.</summary>
    public int TransformerBlocks { get; init; } = 12;

    /// <summary>Runs of which the median counts; two more before them warm up.</summary>
    public int Repetitions { get; init; } = 15;
}
