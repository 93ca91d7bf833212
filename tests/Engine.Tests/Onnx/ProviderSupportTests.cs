using System.Runtime.InteropServices;
using MrfAd.Onnx.Sessions;
using MrfAd.Platform;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Onnx;

public sealed class ProviderSupportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Provider.Cuda, "CUDA 13 and cuDNN 9")]
    [InlineData(Provider.Tensorrt, "CUDA 13, cuDNN 9 and TensorRT 10")]
    public void The_versions_that_a_build_without_the_provider_names_are_those_that_the_package_names(Provider provider, string wanted)
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");
        var file = ProviderSupport.FileIn(Path.Combine(packages, $"microsoft.ml.onnxruntime.gpu.linux/{OnnxRuntimeLibrary.RequiredVersion.ToString(3)}/runtimes/linux-x64/native"), provider);
        Assert.SkipUnless(File.Exists(file), $"the package is not at {file}");

        var named = ProviderSupport.NamesOf(provider, file);

        Assert.NotEmpty(SharedObject.Needed(file));
        Assert.Equal(named.Order(), ProviderSupport.NamesOf(provider, _folder.File("absent.so")).Order());
        Assert.Equal(wanted, ProviderSupport.Probe(provider, Path.GetDirectoryName(file)!, absence: null).RequiredVersions);
    }

    [Theory]
    [InlineData(Provider.Cuda, "this build carries no CUDA provider (libonnxruntime_providers_cuda.so): ")]
    [InlineData(Provider.Tensorrt, "this build carries no TensorRT provider (libonnxruntime_providers_tensorrt.so): ")]
    public void A_build_without_the_provider_says_so_and_how_to_have_it(Provider provider, string reason)
    {
        var support = ProviderSupport.Probe(provider, _folder.Path, absence: null);
        Assert.False(support.Carried);
        Assert.StartsWith(reason, support.Refusal, StringComparison.Ordinal);
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64)
            Assert.Contains("-p:CudaProvider=true", support.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Libraries_that_a_provider_calls_and_the_machine_lacks_are_named_with_their_product()
    {
        Assert.SkipUnless(NvidiaDevice.Absence is not null, "there is an NVIDIA device here");
        File.WriteAllText(ProviderSupport.FileIn(_folder.Path, Provider.Tensorrt), "no library, so the package's names are looked for");

        var support = ProviderSupport.Probe(Provider.Tensorrt, _folder.Path, absence: null);

        Assert.True(support.Carried);
        foreach (var library in new[] { "libnvinfer.so.10 (TensorRT)", "libcudart.so.13 (CUDA)", "libcudnn.so.9 (cuDNN)" })
            Assert.Contains(library, support.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void That_there_is_no_device_comes_first_among_the_reasons() =>
        Assert.StartsWith("no NVIDIA device here; this build carries no ", ProviderSupport.Probe(Provider.Cuda, _folder.Path, "no NVIDIA device here").Refusal, StringComparison.Ordinal);

    [Fact]
    public void A_damaged_library_names_no_others()
    {
        var whole = File.ReadAllBytes(OnnxRuntimeLibrary.Require().Path).AsSpan(0, 4096).ToArray();
        var file = _folder.File("damaged.so");
        for (var length = 0; length <= 64; length += 8)
        {
            File.WriteAllBytes(file, whole.AsSpan(0, length));
            Assert.Empty(SharedObject.Needed(file));
        }

        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[random.Next(4, 64)] = (byte)random.Next(256);
            File.WriteAllBytes(file, damaged);
            Assert.Empty(SharedObject.Needed(file)); // its sections lie behind these first bytes
        }
    }

    [Fact]
    public void A_library_names_those_that_it_asks_for() =>
        Assert.Contains("libc.so.6", SharedObject.Needed(OnnxRuntimeLibrary.Require().Path));

    [Theory]
    [InlineData("1.30.9", false)]
    [InlineData("1.9.0", false)]
    [InlineData("0.99.0", false)]
    [InlineData("not a version", false)]
    [InlineData("", false)]
    [InlineData("1.31.0", true)]
    [InlineData("1.31.1", true)]
    [InlineData("1.100.0", true)]
    [InlineData("2.0.0", true)]
    public void A_native_library_that_is_older_than_the_package_will_not_do(string found, bool will)
    {
        var refusal = OnnxRuntimeLibrary.Refusal("/opt/libonnxruntime.so", found);
        if (will)
            Assert.Null(refusal);
        else
            Assert.StartsWith($"/opt/libonnxruntime.so is ONNX Runtime {found}, want 1.31.0 or newer: ", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proc/driver/nvidia/version", "NVRM version", true)]
    [InlineData("dev/nvidiactl", "", true)]
    [InlineData("dev/nvhost-gpu", "", true)]
    [InlineData("proc/device-tree/compatible", "nvidia,p3768-0000\0nvidia,tegra234\0", true)]
    [InlineData("proc/device-tree/compatible", "raspberrypi,5-model-b\0", false)]
    [InlineData("proc/cpuinfo", "processor", false)]
    public void Hardware_shows_by_what_its_driver_leaves(string file, string text, bool shows)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(file))!);
        File.WriteAllText(_folder.File(file), text);
        Assert.Equal(shows, NvidiaDevice.IsPresentAt(_folder.Path));
    }
}
