using System.Text.Json.Serialization;

namespace MrfAd.Engine.Codes;

/// <summary>The kinds of codes that can be read.</summary>
public enum CodeFormat
{
    [JsonStringEnumMemberName("data_matrix")]
    DataMatrix,

    [JsonStringEnumMemberName("qr")]
    Qr,

    [JsonStringEnumMemberName("aztec")]
    Aztec,

    [JsonStringEnumMemberName("pdf_417")]
    Pdf417,

    [JsonStringEnumMemberName("code_128")]
    Code128,

    [JsonStringEnumMemberName("code_93")]
    Code93,

    [JsonStringEnumMemberName("code_39")]
    Code39,

    [JsonStringEnumMemberName("ean_13")]
    Ean13,

    [JsonStringEnumMemberName("ean_8")]
    Ean8,

    [JsonStringEnumMemberName("upc_a")]
    UpcA,

    [JsonStringEnumMemberName("itf")]
    Itf,
}
