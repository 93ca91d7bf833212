using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Encoders;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Search;
using MrfAd.Onnx.Networks;
using MrfAd.Onnx.Sessions;
using MrfAd.Onnx.Tensors;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Search;

/// <summary>
/// Features that go from the encoder's output straight into the search's models, beside the same through this process's arrays and the
/// exact search. Both run on the CPU provider, whose memory is this process's.
/// </summary>
public sealed class FeaturesOnDeviceTests : IDisposable
{
    private const int Side = 128;
    private static readonly MrfAdOptions Options = new() { Scales = [0.5, 1], MinSide = 8, RowsPerBank = 1500 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TensorType.F32)]
    [InlineData(TensorType.F16)]
    public void Maps_are_searched_where_they_are(TensorType outputs) => Compare(TinyEncoder.Write(_folder.Path, outputs: outputs), null, Options);

    [Fact]
    public void Tokens_before_the_patches_are_not_searched()
    {
        TestCheckpoint.Write(_folder.File("dino.safetensors"), TestCheckpoint.DinoV2(64, 2));
        using var network = Network.Open(_folder.File("dino.safetensors"), new NetworkOptions());
        var options = Options with { Scales = [1, 2] };
        var built = new EncoderBuild(network, "dino", ["0", "1"], ViewSizes.Of(Side, Side, options, network.SizeMultiple));
        Compare(built.Write(_folder.Path, _ => { }, TestContext.Current.CancellationToken), null, options);
    }

    [Fact]
    public void Only_the_part_is_searched() => Compare(TinyEncoder.Write(_folder.Path), TinyMask.Write(_folder.Path), Options with { Background = BackgroundFill.Black });

    [Fact]
    public void Features_that_are_shaped_first_come_through_this_process() => Compare(TinyEncoder.Write(_folder.Path), null, Options with { PoolSide = 3, Normalise = true });

    private void Compare(string encoderPath, string? maskPath, MrfAdOptions options)
    {
        using var encoder = Encoder.Open(encoderPath, null, 1);
        using var mask = maskPath is null ? null : MaskModel.Open(maskPath, 1);
        using var bank = BankFile.Open(Learn(encoder, mask, options));
        using var background = bank.OpenBackgroundRemover(mask, encoder);
        var exact = bank.BranchNames.Select(bank.CreateExactSearch).ToList();
        using var device = SearchDevice.Open(OnnxDevice.Cpu);
        var searches = exact.Select(e => e.Count < DeviceSearch.MinRows ? (IRowSearch)e : new DeviceSearch(device, e)).ToList();
        Assert.Contains(searches, s => s is DeviceSearch);
        using var onHost = new MrfAdScorer(encoder, options, exact, 1, TimeProvider.System, background);
        using var direct = new MrfAdScorer(encoder, options, searches, 1, TimeProvider.System, background);
        for (var i = 100; i < 103; i++)
        {
            using var image = Part(i);
            onHost.Score(image);
            direct.Score(image);
            for (var b = 0; b < searches.Count; b++)
                Same(onHost.BranchMaps[b], direct.BranchMaps[b], onHost.NearestRows[b], direct.NearestRows[b], (searches[b] as DeviceSearch)?.Tolerance ?? 0);
        }

        using var any = Part(104);
        Assert.Throws<ArgumentException>(() => direct.Score(any, _ => new RowRange(0, 10)));

        // Each of a search's five bindings copies the name of an input.
        using var last = Part(103);
        Assert.InRange(Allocations.Min(() => direct.Score(last)) - Allocations.Min(() => onHost.Score(last)), 0, searches.Count * 5 * 48);
        searches.OfType<DeviceSearch>().ToList().ForEach(s => s.Dispose());
    }

    private static void Same(float[] wanted, float[] got, int[] rows, int[] found, float tolerance)
    {
        Assert.True(wanted.Max() > 10 * tolerance, "want distances that tell something");
        for (var patch = 0; patch < wanted.Length; patch++)
        {
            Assert.Equal(wanted[patch], got[patch], (2 * tolerance) + (wanted[patch] / 1000));
            Assert.Equal(rows[patch] < 0, found[patch] < 0);
        }

        Assert.InRange(rows.Zip(found).Count(p => p.First == p.Second), 0.9 * rows.Length, rows.Length);
    }

    private string Learn(Encoder encoder, MaskModel? mask, MrfAdOptions options)
    {
        Directory.CreateDirectory(_folder.File("images"));
        for (var i = 0; i < 6; i++)
        {
            using var image = Part(i);
            File.WriteAllBytes(_folder.File($"images/{i}.png"), ImageCodec.Encode(image, ImageFormat.Png));
        }

        var request = new LearnRequest
        {
            Images = [.. Directory.GetFiles(_folder.File("images")).Order(StringComparer.Ordinal)],
            Id = "part",
            Created = DateTimeOffset.UnixEpoch,
            Options = options,
            Threads = 1,
        };
        new BankLearner(encoder, TimeProvider.System, mask).Learn(request, _folder.File("bank.mrfbank"), null, default);
        return _folder.File("bank.mrfbank");
    }

    /// <summary>A bright square with noise upon it, on dark ground.</summary>
    private static Image Part(int seed)
    {
        var random = new Random(seed);
        var image = new Image(Side, Side, 3);
        for (var i = 0; i < Side * Side; i++)
        {
            var (y, x) = Math.DivRem(i, Side);
            var grey = x is >= 24 and < 104 && y is >= 24 and < 104 ? 190 : 20;
            for (var channel = 0; channel < 3; channel++)
                image.Bytes[(3 * i) + channel] = (byte)(grey + random.Next(-20, 60));
        }

        return image;
    }
}
