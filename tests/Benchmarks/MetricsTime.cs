using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using MrfAd.Engine.Metrics;

namespace MrfAd.Benchmarks;

/// <summary>Measures the pixel curve of a whole test set: time beside plain NumPy and SciPy on the same maps, and memory for a set larger than memory.</summary>
internal static class MetricsTime
{
    // Length of a padded .npy header, after which the array begins.
    private const int HeaderLength = 128;

    /// <summary>Compares the times; both sides read the same .npy files, and reading is included.</summary>
    public static void Compare(int count, int side)
    {
        var folder = Directory.CreateTempSubdirectory("mrfad-benchmark-").FullName;
        try
        {
            var (mapFile, maskFile) = (Path.Combine(folder, "maps.npy"), Path.Combine(folder, "masks.npy"));
            var made = new GeneratedMaps(count, side);
            Write<float>(mapFile, "<f4", count, side, i => made.Read(i));
            Write<byte>(maskFile, "|u1", count, side, i => made.Mask(i));

            var start = Stopwatch.GetTimestamp();
            var curve = PixelCurve.Of(new NpyMaps(mapFile, maskFile, count, side), "generated");
            var ours = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Print($"{count} maps of {side}x{side}", ours, curve);

            using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "peer_metrics.py"), mapFile, maskFile]) { RedirectStandardOutput = true })!;
            using var peer = JsonDocument.Parse(python.StandardOutput.ReadToEnd());
            python.WaitForExit();
            var theirs = peer.RootElement.GetProperty("seconds").GetDouble();
            var figures = peer.RootElement.GetProperty("figures");
            var difference = new[]
            {
                figures.GetProperty("au_pro_0.05").GetDouble() - curve.AuPro(0.05), figures.GetProperty("au_pro_0.3").GetDouble() - curve.AuPro(0.3),
                figures.GetProperty("au_roc_0.05").GetDouble() - curve.AuRoc(0.05), figures.GetProperty("au_roc_1").GetDouble() - curve.AuRoc(),
            }.Max(Math.Abs);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"NumPy and SciPy: {theirs:0.0} s; ratio {theirs / ours:0.0}; largest difference of a figure {difference:0.0e+0}"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Measures memory; maps are generated whenever they are read, as a run fuses them from its stored maps.</summary>
    public static void Memory(int count, int width, int height)
    {
        var start = Stopwatch.GetTimestamp();
        var curve = PixelCurve.Of(new GeneratedMaps(count, width, height), "generated");
        Print($"{count} maps of {width}x{height}, generated whenever they are read", Stopwatch.GetElapsedTime(start).TotalSeconds, curve);
    }

    private static void Print(string what, double seconds, ScoreCurve curve) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what}: {seconds:0.00} s, AU-PRO_0.05 {curve.AuPro(0.05):0.000000}, AU-PRO_0.3 {curve.AuPro(0.3):0.000000}, pixel AUROC {curve.AuRoc():0.000000}; peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB"));

    private static void Write<T>(string path, string type, int count, int side, Values<T> values)
        where T : unmanaged
    {
        using var file = File.Create(path);
        var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({count}, {side}, {side}), }}".PadRight(HeaderLength - 11) + "\n";
        file.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, HeaderLength - 10, 0]);
        file.Write(System.Text.Encoding.ASCII.GetBytes(header));
        for (var i = 0; i < count; i++)
            file.Write(MemoryMarshal.AsBytes(values(i)));
    }

    private delegate ReadOnlySpan<T> Values<T>(int image);

    /// <summary>Smooth noise with defects that have a higher mean but overlap with the good pixels; every fourth image is good.</summary>
    private sealed class GeneratedMaps(int count, int width, int height) : IPixelMaps, IDisposable
    {
        private readonly MaskRegions[] _regions = new MaskRegions[count];
        private readonly ThreadLocal<float[]> _buffer = new(() => new float[width * height]);

        public GeneratedMaps(int count, int side)
            : this(count, side, side)
        {
        }

        public int Count => count;

        public MaskRegions Regions(int image) => _regions[image] ??= new MaskRegions(Mask(image), width, height);

        public byte[] Mask(int image)
        {
            var mask = new byte[width * height];
            var random = new Random(image);
            for (var blob = 0; image % 4 != 0 && blob < 3; blob++)
            {
                var (cx, cy, r) = (random.Next(width), random.Next(height), random.Next(width / 60, width / 12));
                for (var y = Math.Max(0, cy - r); y < Math.Min(height, cy + r); y++)
                {
                    var reach = (int)Math.Sqrt((r * r) - ((y - cy) * (y - cy)));
                    var x = Math.Max(0, cx - reach);
                    mask.AsSpan((y * width) + x, Math.Min(width, cx + reach) - x).Fill(255);
                }
            }

            return mask;
        }

        public ReadOnlySpan<float> Read(int image)
        {
            var scores = _buffer.Value!;
            var state = ((uint)image * 2654435761u) + 1;
            for (var i = 0; i < scores.Length; i++)
            {
                state = (state * 1664525u) + 1013904223u;
                var (y, x) = (i / width, i % width);
                scores[i] = 20 + (3 * Wave(x, y, image)) + ((state >> 8) * (4f / (1 << 24)));
            }

            foreach (var (begin, end, region) in Regions(image).Stretches())
            {
                for (var at = begin; region >= 0 && at < end; at++)
                    scores[at] += 5;
            }

            return scores;
        }

        public void Dispose() => _buffer.Dispose();

        private static float Wave(int x, int y, int image)
        {
            var t = ((x + (y * 2) + (image * 37)) & 1023) / 512f;
            return t < 1 ? t : 2 - t;
        }
    }

    private sealed unsafe class NpyMaps : IPixelMaps
    {
        private readonly int _side;
        private readonly MaskRegions[] _regions;
        private readonly System.IO.MemoryMappedFiles.MemoryMappedViewAccessor _view;
        private readonly byte* _maps;

        public NpyMaps(string mapFile, string maskFile, int count, int side)
        {
            _side = side;
            _view = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(mapFile).CreateViewAccessor();
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _maps);
            var masks = File.ReadAllBytes(maskFile);
            _regions = new MaskRegions[count];
            Parallel.For(0, count, i => _regions[i] = new MaskRegions(masks.AsSpan(HeaderLength + (i * side * side), side * side), side, side));
        }

        public int Count => _regions.Length;

        public MaskRegions Regions(int image) => _regions[image];

        public ReadOnlySpan<float> Read(int image) => new(_maps + HeaderLength + ((long)image * _side * _side * sizeof(float)), _side * _side);
    }
}
