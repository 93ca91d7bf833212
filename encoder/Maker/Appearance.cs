using MrfAd.Engine.Images;

namespace MrfAd.Maker;

/// <summary>Statistics of an 8-bit image, in grey levels, that tell whether it shows something.</summary>
public readonly struct Appearance
{
    public Appearance(Image image)
    {
        var samples = image.Bytes;
        var (channels, row) = (image.Channels, image.Width * image.Channels);
        double steps = 0;
        var sums = new double[channels];
        for (var i = 0; i < samples.Length; i++)
        {
            sums[i % channels] += samples[i];
            if (i >= row)
                steps += Math.Abs(samples[i] - samples[i - row]) + Math.Abs(samples[i] - samples[i - channels]);
        }

        Detail = steps / (2.0 * samples.Length);
        var count = samples.Length;
        Mean = [.. sums.Select(s => s * channels / count)];
    }

    /// <summary>The mean of each channel.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>The mean absolute difference between neighbouring pixels.</summary>
    public double Detail { get; }

    /// <summary>True for an image that is neither black, nor uniform, nor the pale blue of a normal map.</summary>
    public bool Shows => Mean.Average() > 25 && Detail > 1 && !(Mean is [> 100 and < 156, > 100 and < 156, > 200]);
}
