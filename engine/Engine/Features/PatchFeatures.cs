using MrfAd.Engine.Search;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Features;

/// <summary>The feature vectors of one layer at one scale, F_{l,s} of eq. 3: a grid of Height × Width patches, each a vector of D values.</summary>
/// <param name="values">[H·W, D] or [D, H·W] as Layout says; they belong to the extractor and are valid until its next image.</param>
public readonly ref struct PatchFeatures(int width, int height, int dimension, FeatureLayout layout, ReadOnlySpan<float> values)
{
    public int Width { get; } = width;

    public int Height { get; } = height;

    /// <summary>The number of patches, H·W.</summary>
    public int Count => Width * Height;

    /// <summary>The number of dimensions of a vector, D.</summary>
    public int Dimension { get; } = dimension;

    public FeatureLayout Layout { get; } = layout;

    /// <summary>The values, [H·W, D] or [D, H·W]; empty where they were left on the device.</summary>
    public ReadOnlySpan<float> Values { get; } = values;

    /// <summary>The encoder's output, where it was left on the device; [1, T, D], the patches being the last H·W of T, or [1, D, H, W].</summary>
    public RuntimeTensor? OnDevice { get; init; }

    /// <summary>The index of the first patch's token in <see cref="OnDevice"/>, after the class token and registers.</summary>
    public int Prefix => Layout == FeatureLayout.PatchesFirst && OnDevice is { } tokens ? (int)tokens.Shape[1] - Count : 0;

    /// <summary>Copies the vector of patch <paramref name="patch"/> (row-major in the grid) to <paramref name="vector"/> [D].</summary>
    public void CopyPatch(int patch, Span<float> vector)
    {
        if (Layout == FeatureLayout.PatchesFirst)
        {
            Values.Slice(patch * Dimension, Dimension).CopyTo(vector);
            return;
        }

        for (var k = 0; k < Dimension; k++)
            vector[k] = Values[(k * Count) + patch];
    }
}
