using MrfAd.Engine.Images;
using MrfAd.Onnx.Sessions;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Onnx;

public sealed class ProviderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Provider.Cuda, "cuda")]
    [InlineData(Provider.Tensorrt, "tensorrt", "cuda")]
    public void A_provider_that_does_not_work_here_gives_way_to_the_CPU_and_says_why(Provider wanted, params string[] refused)
    {
        Assert.SkipWhen(NvidiaDevice.Read().Driver != "none", "there is an NVIDIA driver here");
        var said = new List<string>();
        var placement = RunOnce(wanted, said.Add);
        Assert.Equal(refused, said.Select(s => s.Split(": ")[1]));
        Assert.DoesNotContain(said, s => s.Contains("engine", StringComparison.Ordinal));
        Assert.Equal(Provider.Cpu, placement.Running);
        Assert.True(placement.FellBack);
        Assert.Equal(refused, placement.Refusals.Select(r => r.Split(':')[0]));
        Assert.True(placement.Nodes[Provider.Cpu] >= 2); // two convolutions with their ReLU, as ONNX Runtime's own profile counts them
        Assert.Equal(placement.Nodes[Provider.Cpu], placement.NodesElsewhere);
    }

    [Fact]
    public void With_auto_the_CPU_is_no_fallback()
    {
        Assert.SkipWhen(NvidiaDevice.Read().Driver != "none", "there is an NVIDIA driver here");
        var placement = RunOnce(Provider.Auto, said => Assert.Fail($"auto said: {said}"));
        Assert.Equal(Provider.Cpu, placement.Running);
        Assert.False(placement.FellBack);
        Assert.Equal("no NVIDIA device here", Assert.Single(placement.Refusals));
    }

    [Fact]
    public void The_CPU_is_taken_without_a_word_where_it_is_asked_for()
    {
        var placement = RunOnce(Provider.Cpu);
        Assert.Equal((Provider.Cpu, 0, false), (placement.Running, placement.Refusals.Count, placement.FellBack));
    }

    [Fact]
    public void An_image_of_a_known_size_is_encoded_without_allocating()
    {
        using var encoder = Encoder.Open(TinyEncoder.Write(_folder.Path), null, 1);
        using var extractor = encoder.CreateExtractor(32, 32);
        using var image = new Image(64, 48, 3);
        for (var i = 0; i < 3; i++)
            extractor.Extract(image);

        Assert.Equal(Allocations.OfResize(), Allocations.Of(() =>
        {
            extractor.Extract(image);
            _ = extractor.Layer(1).Values[0];
        }));
    }

    private GraphPlacement RunOnce(Provider provider, Action<string>? report = null)
    {
        var path = TinyEncoder.Write(_folder.Path);
        using var encoder = Encoder.Open(path, null, 1, new OnnxDevice { Provider = provider, Report = report });
        using var extractor = encoder.CreateExtractor(32, 32);
        using var image = new Image(32, 32, 3);
        extractor.Extract(image);
        return Assert.Single(encoder.Placements);
    }
}
