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
    // As the reader of plain folders divides them.
    private const int TestEvery = 5;

    /// <summary>Writes the data set.</summary>
    /// <param name="folder">The folder of the object, made if absent; files of the same names are replaced.</param>
    /// <returns>The number of good and bad parts, and of labelled parts of which no frame is kept.</returns>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public (int Good, int Bad, int Without) Write(string folder, HistoryFilter filter, CancellationToken cancellation)
    {
        var (good, bad, without) = (0, 0, 0);
        foreach (var kind in (string[])["train/good", "test/good", "test/bad", "ground_truth/bad"])
            UserFiles.CreateFolder(Path.Combine(folder, kind));
        foreach (var label in (string[])[PartLabels.Good, PartLabels.Bad])
        {
            // In the order in which they were judged: further labels leave the division of the earlier ones as it is.
            foreach (var part in history.All(filter with { Label = label }, cancellation).OrderBy(p => p.Number))
            {
                if (history.Find(part.Id) is not { } stored || pictures.Find(stored, part.Camera, part.Id, KeptPictures.Frame) is not { } frame)
                    without++;
                else if (label == PartLabels.Good)
                    Copy(frame.Path, Path.Combine(folder, good++ % TestEvery == TestEvery - 1 ? "test" : "train", "good"), part.Id);
                else
                    WriteBad(folder, part.Id, frame.Path, stored.Message, ref bad);
            }
        }

        return (good, bad, without);
    }

    private static void WriteBad(string folder, Guid id, string frame, string message, ref int bad)
    {
        Copy(frame, Path.Combine(folder, "test", "bad"), id);
        using var image = ImageCodec.Read(frame);
        using var mask = new Image(image.Width, image.Height, 1);
        var verdict = JsonSerializer.Deserialize(message, MessageJson.Default.VerdictMessage)!;
        // A kept frame may be smaller than the one that was judged.
        var (x, y) = (image.Width / (double)(verdict.Frame?.WidthPx ?? image.Width), image.Height / (double)(verdict.Frame?.HeightPx ?? image.Height));
        foreach (var region in verdict.Regions)
            Fill(mask, (int)(region.XPx * x), (int)(region.YPx * y), (int)Math.Ceiling(region.WidthPx * x), (int)Math.Ceiling(region.HeightPx * y));
        if (verdict.Regions.Count == 0)
            mask.Bytes.Fill(255);
        UserFiles.WriteBytes(Path.Combine(folder, "ground_truth", "bad", id + "_mask.png"), ImageCodec.Encode(mask, ImageFormat.Png));
        bad++;
    }

    private static void Fill(Image mask, int left, int top, int width, int height)
    {
        for (var y = Math.Max(0, top); y < Math.Min(mask.Height, top + height); y++)
        {
            var from = Math.Clamp(left, 0, mask.Width);
            mask.Bytes.Slice((y * mask.Width) + from, Math.Clamp(left + width, from, mask.Width) - from).Fill(255);
        }
    }

    private static void Copy(string frame, string folder, Guid id) => UserFiles.WriteBytes(Path.Combine(folder, id + Path.GetExtension(frame)), UserFiles.ReadBytes(frame));
}
