using System.Runtime.InteropServices;
using MrfAd.Maker;
using MrfAd.Onnx.Checkpoints;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Maker;

/// <summary>Checks, where Debian's PyTorch is installed, that <c>encoder/train.py</c> and <see cref="Student"/> define the same network.</summary>
public sealed class TrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_PyTorch_trained_gives_the_same_features_when_exported()
    {
        var shape = StudentShape.Read(Path.Combine(Repository.Root, "encoder", "student.json"));
        using (var crops = CropFile.Append(_folder.File("crops.u8")))
            Generated.AppendTo(crops, 0, 8, 1, _ => { });
        var random = new Random(1);
        for (var stage = 0; stage < 3; stage++)
        {
            var targets = Enumerable.Range(0, 8 * shape.Dimensions[stage] * 16 * 16).Select(_ => (Half)((10 * random.NextSingle()) - 5)).ToArray();
            File.WriteAllBytes(_folder.File($"stage{stage + 1}.f16"), MemoryMarshal.AsBytes(targets.AsSpan()).ToArray());
        }

        Python.Run("../../encoder/train.py", ["numpy", "torch"], _folder.Path, "--epochs", "1", "--batch", "3");
        using var trained = Checkpoint.Open(_folder.File("student.pth"));
        Export.Write(shape, trained.Floats, _folder.Path, "own");
        using var expected = Checkpoint.Open(_folder.File("check.pth"));
        Assert.All(Export.Compare(_folder.File("own.onnx"), expected, new Student(shape).Stages), difference => Assert.InRange(difference, 0, 0.005));
    }
}
