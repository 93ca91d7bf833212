using MrfAd.Engine.Datasets;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Platform;

namespace MrfAd.Cli.Evaluation;

/// <summary>Writes maps and masks in the format of MVTec AD 2's benchmark server: float16 TIFF and PNG of 0 and 255, with the images' names and sizes.</summary>
public static class BenchmarkMaps
{
    public const string MapFolder = "anomaly_images";
    public const string MaskFolder = "anomaly_images_thresholded";

    /// <param name="threshold">Pixels with a higher score are masked; null writes no mask.</param>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    public static void Write(string folder, DatasetImage image, AnomalyMap map, double? threshold)
    {
        AtomicFile.Write(Path.Combine(folder, MapFolder, $"{image.Name}.tiff"), ScoreFile.EncodeTiff16(map.Scores, map.Width, map.Height));
        if (threshold is not { } t)
            return;
        using var mask = new Image(map.Width, map.Height, 1);
        for (var i = 0; i < map.Scores.Length; i++)
            mask.Bytes[i] = map.Scores[i] > t ? byte.MaxValue : (byte)0;
        AtomicFile.Write(Path.Combine(folder, MaskFolder, $"{image.Name}.png"), ImageCodec.Encode(mask, ImageFormat.Png));
    }
}
