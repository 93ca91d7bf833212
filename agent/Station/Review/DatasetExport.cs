using System.Formats.Tar;
using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Platform;
using MrfAd.Station.History;

namespace MrfAd.Station.Review;

/// <summary>
/// Writes the labelled parts whose frames are kept as a data set in the layout of MVTec AD, which <c>learn</c> and <c>evaluate</c> read. Of the good parts every fifth is for
/// the test. The masks of bad parts are the boxes that the station marked, and the whole frame where it marked none: they say where to look, and are no ground truth of pixels.
/// </summary>
public sealed class DatasetExport(HistoryQuery history, KeptPictures pictures)
{
    /// <summary>The content type of an archive.</summary>
    public const string ArchiveType = "application/x-tar";

    private const string Bad = "test/bad", Masks = "ground_truth/bad";

    // As the reader of plain folders divides them.
    private const int TestEvery = 5;

    /// <returns>The parts that make the data set.</returns>
    /// <param name="filter">The filter; its label is not used.</param>
    public DatasetParts Find(HistoryFilter filter, CancellationToken cancellation)
    {
        var (parts, good, without) = (new List<DatasetPart>(), 0, 0);
        foreach (var label in (string[])[PartLabels.Good, PartLabels.Bad])
        {
            // In the order in which they were judged: further labels leave the division of the earlier ones as it is.
            foreach (var part in history.All(filter with { Label = label }, cancellation).OrderBy(p => p.Number))
            {
                if (history.Find(part.Id) is not { } stored || pictures.Find(stored, part.Camera, part.Id, KeptPictures.Frame) is not { } frame)
                    without++;
                else
                    parts.Add(new DatasetPart(part.Id, frame.Path, label == PartLabels.Bad ? Bad : good++ % TestEvery == TestEvery - 1 ? "test/good" : "train/good"));
            }
        }

        return new DatasetParts(parts, good, without);
    }

    /// <summary>Writes the data set into a folder.</summary>
    /// <param name="folder">The folder of the object, made if absent; files of the same names are replaced.</param>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public void Write(string folder, DatasetParts parts, CancellationToken cancellation)
    {
        foreach (var kind in (string[])["train/good", "test/good", Bad, Masks])
            UserFiles.CreateFolder(Path.Combine(folder, kind));
        foreach (var (path, content) in Files(parts, cancellation))
            UserFiles.WriteBytes(Path.Combine(folder, path), content);
    }

    /// <summary>Writes the data set as a tar archive, which holds the folder of the object; its comment (pax) counts the parts. Memory stays constant.</summary>
    /// <param name="name">The name of the object, and of its folder.</param>
    /// <param name="output">The stream of the archive, which need not be able to seek; it stays open.</param>
    /// <exception cref="IOException">A file cannot be read, or the stream cannot be written.</exception>
    public async Task WriteArchiveAsync(string name, DatasetParts parts, Stream output, CancellationToken cancellation)
    {
        await using var archive = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true);
        await archive.WriteEntryAsync(new PaxGlobalExtendedAttributesTarEntry([KeyValuePair.Create("comment", parts.ToString())]), cancellation);
        foreach (var (path, content) in Files(parts, cancellation))
            await archive.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, $"{name}/{path}") { DataStream = new MemoryStream(content) }, cancellation);
    }

    /// <summary>Reads the files of a data set one by one; a frame that was deleted for space since the parts were found is missing.</summary>
    private IEnumerable<(string Path, byte[] Content)> Files(DatasetParts parts, CancellationToken cancellation)
    {
        foreach (var part in parts.Parts)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!File.Exists(part.Frame))
                continue;
            yield return ($"{part.Folder}/{part.Id}{Path.GetExtension(part.Frame)}", UserFiles.ReadBytes(part.Frame));
            if (part.Folder == Bad && history.Find(part.Id) is { } stored)
                yield return ($"{Masks}/{part.Id}_mask.png", Mask(part.Frame, stored.Message));
        }
    }

    private static byte[] Mask(string frame, string message)
    {
        var verdict = JsonSerializer.Deserialize(message, MessageJson.Default.VerdictMessage)!;
        var (width, height) = ImageCodec.Size(frame) is var (w, h) ? ((int)w, (int)h) : throw new IOException($"{frame}: its size cannot be read");
        using var mask = new Image(width, height, 1);
        mask.Bytes.Clear();
        // A kept frame may be smaller than the one that was judged.
        var (x, y) = (width / (double)(verdict.Frame?.WidthPx ?? width), height / (double)(verdict.Frame?.HeightPx ?? height));
        foreach (var region in verdict.Regions)
            Fill(mask, (int)(region.XPx * x), (int)(region.YPx * y), (int)Math.Ceiling(region.WidthPx * x), (int)Math.Ceiling(region.HeightPx * y));
        if (verdict.Regions.Count == 0)
            mask.Bytes.Fill(255);
        return ImageCodec.Encode(mask, ImageFormat.Png);
    }

    private static void Fill(Image mask, int left, int top, int width, int height)
    {
        for (var y = Math.Max(0, top); y < Math.Min(mask.Height, top + height); y++)
        {
            var from = Math.Clamp(left, 0, mask.Width);
            mask.Bytes.Slice((y * mask.Width) + from, Math.Clamp(left + width, from, mask.Width) - from).Fill(255);
        }
    }
}
