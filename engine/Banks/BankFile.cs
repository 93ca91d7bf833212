using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MrfAd.Engine.Onnx;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Banks;

/// <summary>A <c>.mrfbank</c>, memory-mapped: the banks M_{l,s} of eq. 4 and all that is needed to judge by them. See BANK-FORMAT.md.</summary>
public sealed class BankFile : IDisposable
{
    public const string Format = "mrfad-bank/1";

    private readonly TensorFile _file;

    private BankFile(TensorFile file, BankDescription description, string sha256)
    {
        _file = file;
        Description = description;
        Sha256 = sha256;
    }

    public BankDescription Description { get; }

    /// <summary>Of the whole file, lower-case hex.</summary>
    public string Sha256 { get; }

    public string Path => _file.Path;

    public IReadOnlyList<string> BranchNames => [.. Description.BranchNames];

    /// <exception cref="BankFormatException">It is damaged or not a bank; the message names the section.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static BankFile Open(string path)
    {
        TensorFile? file = null;
        try
        {
            file = TensorFile.Open(path);
            var format = file.Metadata.GetValueOrDefault("format");
            if (format != Format)
                throw new BankFormatException($"{path}: not a bank this agent reads: want format '{Format}', got '{format ?? "none"}'");
            if (!file.Metadata.TryGetValue("description", out var json))
                throw new BankFormatException($"{path}: metadata 'description' is missing");
            var description = BankDescription.FromJson(json);
            foreach (var branch in description.BranchNames)
                CheckBranch(file, branch);
            using var bytes = File.OpenRead(path);
            return new BankFile(file, description, Convert.ToHexStringLower(SHA256.HashData(bytes)));
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

    /// <returns>N and D of a branch.</returns>
    public (int Rows, int Dimension) Size(string branch)
    {
        var shape = _file.Tensors[RowsName(branch)].Shape;
        return ((int)shape[0], (int)shape[1]);
    }

    /// <returns>A search over the rows of a branch, as they lie in the file; usable until this bank is disposed.</returns>
    public unsafe ExactSearch CreateSearch(string branch)
    {
        var (rows, dimension) = Size(branch);
        return new ExactSearch((float*)_file.Address(_file.Tensors[RowsName(branch)]), rows, dimension);
    }

    /// <summary>From which image and patch row <paramref name="row"/> of a branch came.</summary>
    public (string Image, int Patch) Source(string branch, int row)
    {
        var sources = _file.Values<int>(SourceName(branch), TensorType.I32);
        return (ImageNames()[sources[2 * row]], sources[(2 * row) + 1]);
    }

    /// <summary>The names of the images learned, in their order.</summary>
    public IReadOnlyList<string> ImageNames() => Encoding.UTF8.GetString(_file.Values<byte>(ImagesName, TensorType.U8)).Split('\n');

    public void Dispose() => _file.Dispose();

    /// <summary>Writes a bank whole or not at all.</summary>
    /// <param name="branches">For each branch its row count, dimension, a writer of its rows [N, D] fp32 and its sources [N, 2].</param>
    /// <exception cref="IOException">Disk full or not writable.</exception>
    internal static void Write(string path, BankDescription description, IReadOnlyList<BankBranch> branches, IReadOnlyList<string> imageNames)
    {
        var tensors = new List<TensorSource>();
        foreach (var b in branches)
            tensors.Add(new TensorSource(RowsName(b.Name), TensorType.F32, [b.Rows, b.Dimension], b.WriteRows));
        foreach (var b in branches)
            tensors.Add(TensorSource.Of(SourceName(b.Name), TensorType.I32, b.Sources) with { Shape = [b.Rows, 2] });
        tensors.Add(TensorSource.Of(ImagesName, TensorType.U8, Encoding.UTF8.GetBytes(string.Join('\n', imageNames))));
        TensorFileWriter.Write(path, tensors, new Dictionary<string, string> { ["format"] = Format, ["description"] = description.ToJson() });
    }

    private const string ImagesName = "training.images";

    private static string RowsName(string branch) => $"bank.{branch}";

    private static string SourceName(string branch) => $"source.{branch}";

    private static void CheckBranch(TensorFile file, string branch)
    {
        var rows = file.Find(RowsName(branch), TensorType.F32);
        if (rows.Shape is not [>= 1 and <= int.MaxValue, >= 1 and <= int.MaxValue])
            throw new BankFormatException($"{file.Path}: tensor '{rows.Name}' has shape [{string.Join(", ", rows.Shape)}], want [rows, dimension], both at least 1");
        var sources = file.Find(SourceName(branch), TensorType.I32);
        if (sources.Shape is not [_, 2] || sources.Shape[0] != rows.Shape[0])
            throw new BankFormatException($"{file.Path}: tensor '{sources.Name}' has shape [{string.Join(", ", sources.Shape)}], want [{rows.Shape[0]}, 2]");
        file.Find(ImagesName, TensorType.U8);
    }
}
