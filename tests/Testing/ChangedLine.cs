using MrfAd.Engine.Images;

namespace MrfAd.Testing;

/// <summary>Changes pictures as a change of the production line would.</summary>
public static class ChangedLine
{
    /// <summary>Dims or brightens the lamp to this share of its light.</summary>
    public static Image Dimmed(Image image, double light) => Made(image, (_, _, i) => light * image.Bytes[i]);

    /// <summary>Defocuses the lens.</summary>
    /// <param name="share">The amount of blur: 0 is sharp, and with 1 each pixel is the mean of its 5x5 neighbours.</param>
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

    /// <summary>Moves the picture to the right, as a turned camera does; the gap at the left is filled by mirroring.</summary>
    public static Image Shifted(Image image, int pixels) =>
        Made(image, (x, _, i) => image.Bytes[i - (image.Channels * (x - Math.Abs(x - pixels)))]);

    /// <summary>Adds an imprint of soft stripes, half a side wide, to the middle of the part, as a change of the product would.</summary>
    /// <param name="contrast">The amplitude in grey levels.</param>
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
