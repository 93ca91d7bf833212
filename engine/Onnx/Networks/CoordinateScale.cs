namespace MrfAd.Onnx.Networks;

/// <summary>The side by which coordinates of rotary positions are divided (<c>normalize_coords</c> in the public code of DINOv3).</summary>
public enum CoordinateScale
{
    /// <summary>Each axis by its own side, as in all published models.</summary>
    Separate,

    /// <summary>Both axes by the shorter side.</summary>
    Min,

    /// <summary>Both axes by the longer side.</summary>
    Max,
}
