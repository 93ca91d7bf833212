namespace MrfAd.Engine.Search;

/// <summary>The precision in which the values of a bank's rows are stored. Distances are exact for the stored values.</summary>
public enum RowPrecision
{
    /// <summary>fp32: the features as they are.</summary>
    Fp32,

    /// <summary>fp16: half the bytes; relative rounding 2⁻¹¹, values up to 65,504.</summary>
    Fp16,

    /// <summary>Signed bytes and one fp32 scale a row, its largest magnitude / 127: a quarter of the bytes.</summary>
#pragma warning disable CA1720 // "int8" is the field's word
    Int8,
#pragma warning restore CA1720
}
