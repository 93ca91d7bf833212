using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary>Draws one row for each hot spot: its place in the image, then the nearest normal patches in the images they were learned from. Patches are outlined.</summary>
internal static class ExplanationPicture
{
    private const int Tile = 192;
    private const int Gap = 8;
    private const int Shown = 3;

    // Minimum width and height in pixels of the image section around a patch.
    private const int MinSurroundings = 96;

    /// <param name="good">Folder of the learned images; the tile of an image that is missing stays empty.</param>
    /// <param name="upright">Makes the part of a learned image upright as it was learned; it returns null where images were learned as they lie.</param>
    public static void Write(string path, Image image, IReadOnlyList<HotSpot> spots, string good, Func<Image, Image?> upright)
    {
        var files = ImageFiles.Named([good]).ToDictionary(f => f.Name, f => f.Path);
        using var picture = new Image(((Shown + 1) * (Tile + Gap)) + Gap, (spots.Count * (Tile + Gap)) + Gap, 3);
        picture.Bytes.Fill(32);
        for (var s = 0; s < spots.Count; s++)
        {
            var top = Gap + (s * (Tile + Gap));
            Draw(picture, Gap, top, image, spots[s].Nearest[0].Patch);
            foreach (var (near, column) in spots[s].Nearest.Take(Shown).Select((near, i) => (near, i + 1)))
            {
                if (near.Place is not { } place || !files.TryGetValue(near.Image, out var file))
                    continue;
                using var normal = ImageCodec.Read(file);
                if (normal.Width != image.Width || normal.Height != image.Height)
                    continue;
                using var learned = upright(normal);
                Draw(picture, Gap + (column * (Tile + Gap)), top, learned ?? normal, place);
            }
        }

        AtomicFile.Write(path, ImageCodec.Encode(picture, ImageFormat.Png));
    }

    /// <summary>Draws the surroundings of a patch as a tile, with the patch outlined in white.</summary>
    private static void Draw(Image picture, int left, int top, Image image, PatchPlace patch)
    {
        var side = Math.Min(Math.Max(MinSurroundings, 3 * Math.Max(patch.Width, patch.Height)), Math.Min(image.Width, image.Height));
        var x = Math.Clamp(patch.X + (patch.Width / 2) - (side / 2), 0, image.Width - side);
        var y = Math.Clamp(patch.Y + (patch.Height / 2) - (side / 2), 0, image.Height - side);
        var (depth, next) = ((int)image.Depth, image.Channels == 3 ? (int)image.Depth : 0);
        for (var row = 0; row < Tile; row++)
        {
            for (var column = 0; column < Tile; column++)
            {
                var (fromX, fromY) = (x + (column * side / Tile), y + (row * side / Tile));
                var at = (((fromY * image.Width) + fromX) * image.Channels * depth) + depth - 1; // the high byte
                var target = picture.Bytes.Slice((((top + row) * picture.Width) + left + column) * 3, 3);
                if (OnOutline(fromX, fromY, patch, (side / Tile) + 1))
                    target.Fill(255);
                else
                    (target[0], target[1], target[2]) = (image.Bytes[at], image.Bytes[at + next], image.Bytes[at + (2 * next)]);
            }
        }
    }

    private static bool OnOutline(int x, int y, PatchPlace patch, int line)
    {
        var (dx, dy) = (x - patch.X, y - patch.Y);
        return dx >= 0 && dy >= 0 && dx < patch.Width && dy < patch.Height && (dx < line || dy < line || dx >= patch.Width - line || dy >= patch.Height - line);
    }
}
