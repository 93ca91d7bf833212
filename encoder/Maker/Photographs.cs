using System.Text.RegularExpressions;
using MrfAd.Engine.Images;

namespace MrfAd.Maker;

/// <summary>Crops of the photographs below a folder, at several zooms. Large images give more crops, but not in proportion to their size.</summary>
public sealed partial class Photographs(string folder, int crops, int seed)
{
    // Minimum detail of a crop (mean difference between neighbours, grey levels); sky and blank margins have less.
    private const double MinDetail = 2;

    private static readonly HashSet<string> Endings = new(StringComparer.OrdinalIgnoreCase) { ".jpg", ".jpeg", ".png", ".webp" };

    /// <summary>Appends the crops that the file lacks; it may end anywhere.</summary>
    /// <returns>The number of images that gave crops in this call.</returns>
    public int AppendTo(CropFile file, Action<int> progress)
    {
        var pictures = Find();
        var first = Shares(pictures);
        var used = 0;
        for (var k = 0; k < pictures.Count; k++)
        {
            if (first[k + 1] <= file.Count)
                continue;
            file.CutTo(first[k]);
            using (var image = Open(pictures[k].Path))
            {
                var random = new Random(seed + (k * 7919));
                for (var i = first[k]; i < first[k + 1]; i++)
                    Append(image, random, file);
            }

            used++;
            progress(first[k + 1]);
        }

        return used;
    }

    /// <summary>Finds the images with sides of at least 256 px that show something, sorted by name. Where a folder holds one image in many sizes (1920x1080.jpg, …), only the largest is taken.</summary>
    private List<(string Path, double Weight)> Find()
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => Endings.Contains(Path.GetExtension(f)) && new FileInfo(f).LinkTarget is null && !ReliefMap().IsMatch(Path.GetFileNameWithoutExtension(f)))
            .GroupBy(f => SizeAsName().IsMatch(Path.GetFileName(f)) ? Path.GetDirectoryName(f)! : f)
            .Select(g => g.MaxBy(f => new FileInfo(f).Length)!)
            .Order(StringComparer.Ordinal).ToList();
        var weights = new double[files.Count];
        Parallel.For(0, files.Count, i => weights[i] = Weight(files[i]));
        var found = files.Zip(weights).Where(f => f.Second > 0).ToList();
        return found.Count > 0 || crops == 0 ? found : throw new DirectoryNotFoundException($"{folder}: holds no picture of at least {CropFile.Side}x{CropFile.Side} pixels");
    }

    /// <returns>The weight of an image in the number of crops; 0 means that it gives none.</returns>
    private static double Weight(string path)
    {
        try
        {
            using var image = Open(path);
            if (Math.Min(image.Width, image.Height) < CropFile.Side)
                return 0;
            using var small = ImageResize.Resize(image, CropFile.Side, CropFile.Side);
            return new Appearance(small).Shows ? Math.Sqrt((double)image.Width * image.Height) : 0;
        }
        catch (ImageFormatException)
        {
            return 0;
        }
    }

    /// <returns>The index of each image's first crop, followed by the number of crops.</returns>
    private int[] Shares(List<(string Path, double Weight)> pictures)
    {
        var total = pictures.Sum(p => p.Weight);
        var first = new int[pictures.Count + 1];
        double sum = 0;
        for (var k = 0; k < pictures.Count; k++)
            first[k + 1] = (int)Math.Round(crops * ((sum += pictures[k].Weight) / total));
        return first;
    }

    private static Image Open(string path)
    {
        var image = ImageCodec.Read(path);
        if (image.Depth == PixelDepth.Eight)
            return image;
        using (image)
        {
            var narrow = new Image(image.Width, image.Height, image.Channels);
            for (var i = 0; i < narrow.ByteCount; i++)
                narrow.Bytes[i] = (byte)(image.Samples16[i] >> 8);
            return narrow;
        }
    }

    private static void Append(Image image, Random random, CropFile file)
    {
        using var crop = new Image(CropFile.Side, CropFile.Side, 3);
        for (var attempt = 0; attempt < 8; attempt++)
        {
            Cut(image, random, crop);
            if (new Appearance(crop).Detail >= MinDetail)
                break;
        }

        file.Add(crop.Bytes);
    }

    /// <summary>Cuts a square at a random place and of a random size (from 0.8 crop sides to the whole image, smaller ones more often), rotated by quarter turns and mirrored.</summary>
    private static void Cut(Image image, Random random, Image crop)
    {
        var maxSide = Math.Min(image.Width, image.Height);
        var minSide = Math.Min(maxSide, 0.8 * CropFile.Side);
        var side = (int)Math.Round(minSide * Math.Pow(maxSide / minSide, random.NextDouble() * random.NextDouble()));
        var (left, top) = (random.Next(image.Width - side + 1), random.Next(image.Height - side + 1));
        var (turned, mirrored) = (random.Next(2) == 1, random.Next(2) == 1);
        var gain = Math.Exp(0.25 * ((2 * random.NextDouble()) - 1));
        using var square = new Image(side, side, 3);
        var from = image.Bytes;
        var to = square.Bytes;
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var (u, v) = turned ? (y, x) : (x, y);
                var at = (((top + v) * image.Width) + left + (mirrored ? side - 1 - u : u)) * image.Channels;
                for (var c = 0; c < 3; c++)
                    to[(((y * side) + x) * 3) + c] = (byte)Math.Min(255, gain * from[at + (image.Channels == 3 ? c : 0)]);
            }
        }

        ImageResize.Resize(square, crop);
    }

    // Names of textures for normals, gloss and glow, which lie beside a surface's image in games.
    [GeneratedRegex("(normal|norm|gloss|glow|spec|luma|bump|height|light.?map|mask|_nm|_n|_s|_local)[0-9]*$", RegexOptions.IgnoreCase)]
    private static partial Regex ReliefMap();

    [GeneratedRegex(@"^\d+x\d+\.", RegexOptions.None)]
    private static partial Regex SizeAsName();
}
