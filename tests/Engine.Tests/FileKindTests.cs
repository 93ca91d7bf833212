using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests;

public sealed class FileKindTests : IDisposable
{
    private const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 346383012\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{}", "a JSON text")]
    [InlineData("oid", "a text")]
    [InlineData(Pointer, "a Git LFS pointer")]
    [InlineData("\n <!DOCTYPE html><html><head><title>Sign in</title></head></html>", "a web page (HTML)")]
    [InlineData("\uFEFF<HTML>\nNot Found", "a web page (HTML)")]
    [InlineData("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "an XML text")]
    [InlineData("{ \"error\": \"gated\", \"detail\": \"ask for access\" }", "a JSON text")]
    [InlineData("Entry not found", "a text")]
    [InlineData("\u001f\u008b\b\0\0\0\0\0\0\0", "packed by gzip", true)]
    [InlineData("PK\u0003\u0004and nothing more", "a ZIP archive", true)]
    public void The_kind_of_a_file_in_the_place_of_a_model_is_named(string content, string kind, bool latin1 = false)
    {
        var path = _folder.File("model");
        File.WriteAllBytes(path, (latin1 ? System.Text.Encoding.Latin1 : System.Text.Encoding.UTF8).GetBytes(content));
        var isZip = content.StartsWith("PK", StringComparison.Ordinal);

        Assert.Contains($"it is {kind}", Assert.Throws<TensorFormatException>(() => TensorFile.Open(path)).Message, StringComparison.Ordinal);
        Assert.Contains($"it is {kind}", Assert.Throws<OnnxModelException>(() => OnnxGraph.Read(path)).Message, StringComparison.Ordinal);
        Assert.Contains($"it is {kind}", Assert.Throws<BankFormatException>(() => ModelFile.Open(path)).Message, StringComparison.Ordinal);
        if (!isZip)
            Assert.Contains($"it is {kind}", Assert.Throws<TensorFormatException>(() => Checkpoint.Open(path)).Message, StringComparison.Ordinal);
        if (content != "{}")
            Assert.Contains($"it is {kind}", Assert.Throws<OnnxModelException>(() => EncoderDescriptor.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_one_is_called_nothing()
    {
        Assert.Null(FileKind.Describe(TinyEncoder.Write(_folder.Path)));
    }
}
