using MrfAd.Engine.Images;

namespace MrfAd.Testing;

/// <summary>Pictures as a line takes them when something about it has changed.</summary>
public static class ChangedLine
{
    /// <summary>The lamp gives this share of its light.</summary>
    public static Image Dimmed(Image image, double light) => Made(image, (_, _, i) => light * image.Bytes[i]);

    /// <summary>The lens is out of focus.</summary>
    /// <param name="share">0: sharp; 1: each pixel the mean of its 5x5 neighbours.</param>
    public static Image Blurred(Image image, double share)
    {
        var stride = image.Width * image.Channels;
        return Made(image, (x, y, i) =>
        {
            if (x < 2 || y < 2 || x >= image.Width - 2 || y >= image.Height - 2)
                return image.Bytes[i];
            var sum = 0;
            for (var dy = -2; dy <= 2; dy++)
            {
                for (var dx = -2; dx <= 2; dx++)
                    sum += image.Bytes[i + (dy * stride) + (dx * image.Channels)];
            }

            return ((1 - share) * image.Bytes[i]) + (share * sum / 25);
        });
    }

    /// <summary>The camera has turned: all is further to the right; what comes in at the left is mirrored.</summary>
    public static Image Shifted(Image image, int pixels) =>
        Made(image, (x, _, i) => image.Bytes[i - (image.Channels * (x - Math.Abs(x - pixels)))]);

    /// <summary>The product has changed: an imprint of soft stripes on the middle of the part, half a side wide.</summary>
    /// <param name="contrast">Grey levels to either side.</param>
    public static Image Imprinted(Image image, double contrast)
    {
        var stripe = image.Width / 20.0;
        return Made(image, (x, y, i) =>
        {
            var inside = Math.Abs((2 * x) - image.Width) < image.Width / 2 && Math.Abs((2 * y) - image.Height) < image.Height / 2;
            return image.Bytes[i] + (inside ? contrast * Math.Sin(2 * Math.PI * x / stripe) : 0);
        });
    }

    private static Image Made(Image image, Func<int, int, int, double> sample)
    {
        var made = new Image(image.Width, image.Height, image.Channels);
        for (var i = 0; i < made.ByteCount; i++)
        {
            var pixel = i / image.Channels;
            made.Bytes[i] = (byte)Math.Clamp(Math.Round(sample(pixel % image.Width, pixel / image.Width, i)), 0, 255);
        }

        return made;
    }
}
