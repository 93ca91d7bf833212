using MrfAd.Maker;
using MrfAd.Onnx.Tensors;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Maker;

public sealed class TeacherTests : IDisposable
{
    private static readonly StudentShape Small = new(4, [4, 8, 16], [0, 0, 1], [4, 6, 9]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Axes_of_all_dimensions_keep_every_distance()
    {
        Teach([4, 6, 9]);
        using var axes = TensorFile.Open(_folder.File("axes.safetensors"));
        Assert.All(["stage1", "stage2", "stage3"], stage => Assert.Equal("1.0000", axes.Metadata[$"{stage}.kept"]));
        var rows = axes.Values<float>("stage3.axes", TensorType.F32).ToArray();
        for (var i = 0; i < 9; i++)
        {
            for (var j = 0; j < 9; j++)
                Assert.Equal(i == j ? 1 : 0, Enumerable.Range(0, 9).Sum(d => (double)rows[(i * 9) + d] * rows[(j * 9) + d]), 1e-4);
        }
    }

    [Fact]
    public void Targets_that_were_stopped_anywhere_end_as_if_they_had_not_been()
    {
        Teach([2, 3, 4]);
        var whole = Files().Select(File.ReadAllBytes).ToList();
        Assert.Equal([3L * 2 * 2 * 32 * 32, 3L * 2 * 3 * 32 * 32, 3L * 2 * 4 * 16 * 16], whole.Select(w => (long)w.Length));
        File.WriteAllBytes(Files()[1], whole[1][..((whole[1].Length / 3) + 100)]);
        Teach([2, 3, 4]);
        Assert.Equal(whole, Files().Select(File.ReadAllBytes));
    }

    [Fact]
    public void The_first_axis_is_the_one_along_which_samples_vary()
    {
        float[] rows = [0, 0, 0, 3, 4, 0, 6, 8, 0.1f, 9, 12, 0];
        var found = PrincipalAxes.Find(rows, 3, 1);
        Assert.InRange(found.Kept, 0.999, 1);
        Assert.Equal(0.6, Math.Abs(found.Axes[0]), 0.01);
        Assert.Equal(0.8, Math.Abs(found.Axes[1]), 0.01);
        Assert.Equal(4.5f, found.Mean[0], 1e-5f);
    }

    private string[] Files() => [_folder.File("stage1.f16"), _folder.File("stage2.f16"), _folder.File("stage3.f16")];

    private void Teach(IReadOnlyList<int> dimensions)
    {
        new Student(Small).Build(new RandomWeights(1).Of).Write(_folder.File("teacher.onnx"));
        using (var painted = CropFile.Append(_folder.File("crops.u8")))
            Generated.AppendTo(painted, 0, 3, 1, _ => { });
        using var crops = CropFile.Read(_folder.File("crops.u8"));
        using var teacher = new Teacher(_folder.File("teacher.onnx"), ["stage1", "stage2", "stage3"]);
        teacher.FindAxes(crops, dimensions, _folder.Path, _ => { });
        teacher.WriteTargets(crops, _folder.Path, _ => { });
    }
}
