using System.Text;
using System.Text.Json;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Search;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Tensors;
using static MrfAd.Engine.Banks.BankTensors;

namespace MrfAd.Engine.Banks;

/// <summary>A <c>.mrfbank</c>, memory-mapped: the banks M_{l,s} of eq. 4 and all that is needed to judge by them. See BANK-FORMAT.md.</summary>
public sealed class BankFile : IDisposable
{
    /// <summary>The format of banks whose frames are compared as they lie.</summary>
    public const string Format = "mrfad-bank/2";

    /// <summary>The format of banks with a reference that frames are aligned to: an agent that would not align them must not judge by it.</summary>
    public const string AlignedFormat = "mrfad-bank/3";

    /// <summary>The format of banks with regions: an agent that does not know them would inspect what is to be ignored.</summary>
    public const string RegionsFormat = "mrfad-bank/4";

    /// <summary>The format of banks whose features are whitened or of several shapes, or whose maps have weights, with or without the others: an agent that does not know that would measure other distances.</summary>
    public const string ShapedFormat = "mrfad-bank/5";

    private readonly TensorFile _file;
    private IReadOnlyList<string>? _imageNames;

    private BankFile(TensorFile file, BankDescription description, string sha256)
    {
        _file = file;
        Description = description;
        Sha256 = sha256;
    }

    public BankDescription Description { get; }

    /// <summary>SHA-256 of the whole file, lower-case hex.</summary>
    public string Sha256 { get; }

    /// <summary>True where the file carries a checksum of its content, which was verified when it was opened.</summary>
    public bool HasChecksum => _file.HasChecksum;

    public string Path => _file.Path;

    public IReadOnlyList<string> BranchNames => [.. Description.BranchNames];

    /// <exception cref="BankFormatException">The file is damaged or not a bank; the message names the section.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static BankFile Open(string path)
    {
        TensorFile? file = null;
        try
        {
            file = TensorFile.Open(path);
            var format = file.Metadata.GetValueOrDefault("format");
            if (!IsFormat(format))
                throw new BankFormatException($"{path}: not a bank this agent reads: want format '{Format}', '{AlignedFormat}', '{RegionsFormat}' or '{ShapedFormat}', got '{format ?? "none"}'");
            if (!file.Metadata.TryGetValue("description", out var json))
                throw new BankFormatException($"{path}: metadata 'description' is missing");
            var description = BankDescription.FromJson(json);
            if (description.Fault is { } fault)
                throw new BankFormatException($"{path}: {fault}");
            if (format != FormatOf(description))
                throw new BankFormatException($"{path}: {Described(description, format!)}: want format '{FormatOf(description)}', got '{format}'");
            foreach (var (branch, b) in description.BranchNames.Select((branch, b) => (branch, b)))
                CheckShapes(file, branch, description.Options.Precision, IsWhitened(description.Options, b));
            var sha256 = file.Verify();
            foreach (var (branch, b) in description.BranchNames.Select((branch, b) => (branch, b)))
                CheckValues(file, branch, description.Options.Precision, IsWhitened(description.Options, b));
            return new BankFile(file, description, sha256);
        }
        catch (Exception e) when (e is TensorFormatException or JsonException)
        {
            file?.Dispose();
            throw new BankFormatException(e is JsonException ? $"{path}: metadata 'description' cannot be read: {e.Message}" : e.Message, e);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <returns>True for the format of a bank that this agent reads.</returns>
    public static bool IsFormat(string? format) => format is Format or AlignedFormat or RegionsFormat or ShapedFormat;

    private static bool IsWhitened(MrfAdOptions options, int branch) => !options.Shapes[branch % options.Shapes.Count].IsLocal;

    /// <summary>The whitening of each branch, read at each call; null where there are none.</summary>
    public IReadOnlyList<PartialWhitening?>? Whitenings =>
        Description.Options.IsWhitened ? [.. BranchNames.Select((name, b) => IsWhitened(Description.Options, b) ? Whitening(name) : null)] : null;

    private PartialWhitening Whitening(string branch) =>
        new(_file.Values<float>(WhiteningMeanName(branch), TensorType.F32).ToArray(), _file.Values<float>(WhiteningAxesName(branch), TensorType.F32).ToArray());

    private static string FormatOf(BankDescription description) =>
        description.IsShaped ? ShapedFormat : description.Regions is not null ? RegionsFormat : description.Alignment is not null ? AlignedFormat : Format;

    private static string Described(BankDescription description, string format) =>
        description.IsShaped ? "shapes of features, weights or megapixels are described"
        : format == ShapedFormat ? "no shapes of features, weights or megapixels are described"
        : description.Regions is not null ? "regions are described"
        : format == RegionsFormat ? "no regions are described"
        : description.Alignment is not null ? "an alignment is described" : "no alignment is described";

    /// <summary>Creates an aligner of frames.</summary>
    /// <returns>The aligner; null where frames are compared as they lie.</returns>
    /// <exception cref="BankFormatException">The reference's picture cannot be decoded.</exception>
    public FrameAligner? OpenAligner()
    {
        try
        {
            return Description.Alignment is { } reference ? new FrameAligner(reference) : null;
        }
        catch (ImageFormatException e)
        {
            throw new BankFormatException($"{Path}: {e.Message}", e);
        }
    }

    /// <returns>The rows of a branch, as they lie in the file; usable until this bank is disposed.</returns>
    public unsafe BankRows Rows(string branch)
    {
        var rows = _file.Tensors[RowsName(branch)];
        var scales = rows.Type == TensorType.I8 ? (float*)_file.Address(_file.Tensors[ScaleName(branch)]) : null;
        return new BankRows(_file.Address(rows), scales, PrecisionOf(rows.Type), (int)rows.Shape[0], (int)rows.Shape[1]);
    }

    /// <returns>The number of rows N and of dimensions D of a branch.</returns>
    public (int Rows, int Dimension) Size(string branch) => (Rows(branch).Count, Rows(branch).Dimension);

    /// <returns>The search that the bank's options name, over the rows of a branch as they lie in the file; usable until this bank is disposed.</returns>
    public IRowSearch CreateSearch(string branch) => Searches.Of(CreateExactSearch(branch), Description.Options);

    /// <inheritdoc cref="CreateSearch"/>
    public unsafe ExactSearch CreateExactSearch(string branch)
    {
        var axes = _file.Tensors[AxesName(branch)];
        var projection = Projection.View(
            (float*)_file.Address(_file.Tensors[MeanName(branch)]), (float*)_file.Address(axes), (int)axes.Shape[0], (int)axes.Shape[1]);
        return new ExactSearch(Rows(branch), projection, (float*)_file.Address(_file.Tensors[ProjectedName(branch)]));
    }

    /// <summary>Returns the image name and the patch number that row <paramref name="row"/> of a branch was made of.</summary>
    /// <exception cref="BankFormatException">The file names an image that it does not have.</exception>
    public (string Image, int Patch) Source(string branch, int row)
    {
        var sources = Sources(branch);
        var (image, names) = (sources[2 * row], ImageNames());
        return image >= 0 && image < names.Count
            ? (names[image], sources[(2 * row) + 1])
            : throw new BankFormatException($"{Path}: tensor '{SourceName(branch)}' names image {image} in row {row}, the bank has {names.Count} images");
    }

    /// <summary>Returns the image number and the patch number of each row of a branch, [N, 2].</summary>
    public ReadOnlySpan<int> Sources(string branch) => _file.Values<int>(SourceName(branch), TensorType.I32);

    /// <summary>Returns the names of the learned images, in the order in which they were learned.</summary>
    public IReadOnlyList<string> ImageNames() => _imageNames ??= Encoding.UTF8.GetString(_file.Values<byte>(ImagesName, TensorType.U8)).Split('\n');

    /// <summary>Creates a background remover that works as the one with which the bank was learned.</summary>
    /// <param name="model">The mask model, which the remover does not dispose.</param>
    /// <returns>The remover; null where the bank was learned with the background.</returns>
    /// <exception cref="BankFormatException">The bank was learned with a mask model other than <paramref name="model"/>.</exception>
    public BackgroundRemover? OpenBackgroundRemover(MaskModel? model, Engine.Features.Encoder encoder)
    {
        if (Description is not { Mask: { } mask, Options.Background: { } fill })
            return null;
        if (model is not null && mask.ModelSettingsSha256 is { } settings && model.SettingsSha256 != settings)
            throw new BankFormatException($"{Path} was learned without background by other settings of the mask model {mask.ModelId} than its descriptor has now (mean, std, layers, size_multiple)");
        return model?.Sha256 == mask.ModelSha256
            ? new BackgroundRemover(model, fill, mask.Reference, encoder.Descriptor.Mean)
            : throw new BankFormatException($"{Path} was learned without background by the mask model {mask.ModelId} (sha256 {mask.ModelSha256[..12]}…), {(model is null ? "and none is given" : $"not by {model.Id} (sha256 {model.Sha256[..12]}…)")}");
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Writes a bank atomically: either the whole file is there, or nothing has changed.</summary>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    internal static unsafe void Write(string path, BankDescription description, IReadOnlyList<BankBranch> branches, IReadOnlyList<string> imageNames)
    {
        // Tensors of wide types come first, so that every tensor begins at a multiple of its values' size.
        var tensors = new List<TensorSource>();
        foreach (var (name, search, sources, whitening) in branches)
        {
            var (rows, projection) = (search.Rows, search.Projection);
            tensors.Add(Floats(MeanName(name), [projection.Dimension], projection.Mean));
            tensors.Add(Floats(AxesName(name), [projection.Components, projection.Dimension], projection.Axes));
            tensors.Add(Floats(ProjectedName(name), [rows.Count, projection.Stride], search.Projected));
            if (whitening is not null)
            {
                tensors.Add(TensorSource.Of(WhiteningMeanName(name), TensorType.F32, whitening.Mean.ToArray()) with { Shape = [whitening.Dimension] });
                tensors.Add(TensorSource.Of(WhiteningAxesName(name), TensorType.F32, whitening.Axes.ToArray()) with { Shape = [whitening.Components, whitening.Dimension] });
            }

            if (rows.Precision == RowPrecision.Int8)
                tensors.Add(Floats(ScaleName(name), [rows.Count], rows.Scales));
            tensors.Add(TensorSource.Of(SourceName(name), TensorType.I32, sources) with { Shape = [rows.Count, 2] });
        }

        foreach (var (name, search, _, _) in branches)
            tensors.Add(Raw(RowsName(name), TypeOf(search.Rows.Precision), [search.Rows.Count, search.Rows.Dimension], (byte*)search.Rows.Values));
        tensors.Add(TensorSource.Of(ImagesName, TensorType.U8, Encoding.UTF8.GetBytes(string.Join('\n', imageNames))));
        TensorFileWriter.Write(path, tensors, new Dictionary<string, string> { ["format"] = FormatOf(description), ["description"] = description.ToJson() });
    }

    private static unsafe TensorSource Floats(string name, long[] shape, float* values) => Raw(name, TensorType.F32, shape, (byte*)values);

    private static unsafe TensorSource Raw(string name, TensorType type, long[] shape, byte* bytes)
    {
        var length = shape.Aggregate((long)type.SizeInBytes(), (product, side) => product * side);
        return new TensorSource(name, type, shape, target =>
        {
            using var memory = new UnmanagedMemoryStream(bytes, length);
            memory.CopyTo(target, 1 << 20);
        });
    }
}
