using System.Reflection;
using System.Text.Json.Serialization;
using ZXing;

namespace MrfAd.Engine.Codes;

/// <summary>The names of the kinds of codes, and the decoder's own ones.</summary>
public static class CodeFormats
{
    private static readonly Dictionary<CodeFormat, string> Names = Enum.GetValues<CodeFormat>().ToDictionary(
        format => format, format => typeof(CodeFormat).GetField(format.ToString())!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name);

    /// <returns>The name as in the configuration and the verdict, such as "data_matrix".</returns>
    public static string ToText(this CodeFormat format) => Names[format];

    /// <summary>Returns true for a bar code, which a row of pixels across its bars shows.</summary>
    internal static bool IsLinear(this CodeFormat format) => format is not (CodeFormat.DataMatrix or CodeFormat.Qr or CodeFormat.Aztec or CodeFormat.Pdf417);

    internal static BarcodeFormat ToDecoder(this CodeFormat format) => format switch
    {
        CodeFormat.DataMatrix => BarcodeFormat.DATA_MATRIX,
        CodeFormat.Qr => BarcodeFormat.QR_CODE,
        CodeFormat.Aztec => BarcodeFormat.AZTEC,
        CodeFormat.Pdf417 => BarcodeFormat.PDF_417,
        CodeFormat.Code128 => BarcodeFormat.CODE_128,
        CodeFormat.Code93 => BarcodeFormat.CODE_93,
        CodeFormat.Code39 => BarcodeFormat.CODE_39,
        CodeFormat.Ean13 => BarcodeFormat.EAN_13,
        CodeFormat.Ean8 => BarcodeFormat.EAN_8,
        CodeFormat.UpcA => BarcodeFormat.UPC_A,
        _ => BarcodeFormat.ITF,
    };
}
