using MrfAd.Engine.Search;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Engine.Banks;

/// <summary>The tensors of a <c>.mrfbank</c>: their names, types and shapes. See BANK-FORMAT.md.</summary>
internal static class BankTensors
{
    public const string ImagesName = "training.images";

    public static string RowsName(string branch) => $"bank.{branch}";

    public static string ScaleName(string branch) => $"scale.{branch}";

    public static string SourceName(string branch) => $"source.{branch}";

    public static string MeanName(string branch) => $"mean.{branch}";

    public static string AxesName(string branch) => $"axes.{branch}";

    public static string WhiteningMeanName(string branch) => $"whitening.mean.{branch}";

    public static string WhiteningAxesName(string branch) => $"whitening.axes.{branch}";

    public static string ProjectedName(string branch) => $"projected.{branch}";

    public static TensorType TypeOf(RowPrecision precision) => precision switch
    {
        RowPrecision.Fp32 => TensorType.F32,
        RowPrecision.Fp16 => TensorType.F16,
        _ => TensorType.I8,
    };

    public static RowPrecision PrecisionOf(TensorType type) => type switch
    {
        TensorType.F32 => RowPrecision.Fp32,
        TensorType.F16 => RowPrecision.Fp16,
        _ => RowPrecision.Int8,
    };

    /// <summary>Checks that all numbers are finite: the distance to a row that is not would compare with nothing.</summary>
    public static void CheckValues(TensorFile file, string branch, RowPrecision precision, bool whitened)
    {
        if (whitened)
        {
            FiniteValues.Check(file, WhiteningMeanName(branch));
            FiniteValues.Check(file, WhiteningAxesName(branch));
        }

        FiniteValues.Check(file, AxesName(branch));
        FiniteValues.Check(file, MeanName(branch));
        FiniteValues.Check(file, ProjectedName(branch));
        if (precision == RowPrecision.Int8)
            FiniteValues.Check(file, ScaleName(branch));
        else
            FiniteValues.Check(file, RowsName(branch));
    }

    public static void CheckShapes(TensorFile file, string branch, RowPrecision precision, bool whitened)
    {
        var rows = file.Find(RowsName(branch), TypeOf(precision));
        if (rows.Shape is not [>= 1 and <= int.MaxValue, >= 1 and <= int.MaxValue])
            throw new BankFormatException($"{file.Path}: tensor '{rows.Name}' has shape [{string.Join(", ", rows.Shape)}], want [rows, dimension], both at least 1");
        var (n, d) = (rows.Shape[0], rows.Shape[1]);
        var axes = file.Find(AxesName(branch), TensorType.F32);
        if (axes.Shape is not [>= 0 and <= Projection.MaxComponents, _] || axes.Shape[1] != d)
            throw new BankFormatException($"{file.Path}: tensor '{axes.Name}' has shape [{string.Join(", ", axes.Shape)}], want [0 to {Projection.MaxComponents}, {d}]");
        CheckShape(MeanName(branch), TensorType.F32, d);
        CheckShape(ProjectedName(branch), TensorType.F32, n, axes.Shape[0] + 2);
        CheckShape(SourceName(branch), TensorType.I32, n, 2);
        if (precision == RowPrecision.Int8)
            CheckShape(ScaleName(branch), TensorType.F32, n);
        if (whitened)
        {
            var dimension = file.Find(WhiteningMeanName(branch), TensorType.F32).Shape is [>= 1 and var length] ? length : 1;
            CheckShape(WhiteningMeanName(branch), TensorType.F32, dimension);
            CheckShape(WhiteningAxesName(branch), TensorType.F32, d, dimension);
        }

        file.Find(ImagesName, TensorType.U8);

        void CheckShape(string name, TensorType type, params long[] expected)
        {
            var tensor = file.Find(name, type);
            if (!tensor.Shape.SequenceEqual(expected))
                throw new BankFormatException($"{file.Path}: tensor '{name}' has shape [{string.Join(", ", tensor.Shape)}], want [{string.Join(", ", expected)}]");
        }
    }
}
