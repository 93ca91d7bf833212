using System.Diagnostics;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Maker;

/// <summary>Measures frames per second of student and teacher in ONNX Runtime, alternately in one run, to choose a student's shape before training.</summary>
public static class Speed
{
    public static void Compare(StudentShape shape, string teacherPath, IReadOnlyList<string> layers, IReadOnlyList<int> sides, int rounds)
    {
        var student = new Student(shape);
        var file = Path.GetTempFileName();
        student.Build(new RandomWeights(1).Of).Write(file);
        var convolutions = student.Convolutions.ToList();
        Console.WriteLine(FormattableString.Invariant(
            $"{convolutions.Sum(c => c.Parameters) / 1e6:0.00} M parameters, {new FileInfo(file).Length / 1e6:0.0} MB, {convolutions.Sum(c => c.Macs(224, 224)) / 1e9:0.000} GMAC at 224x224, layers {string.Join(" ", layers)}"));
        using var small = Open(file, layers);
        using var large = Open(teacherPath, layers);
        foreach (var side in sides)
        {
            using var fast = small.Prepare("image", [1, 3, side, side], layers);
            using var slow = large.Prepare(OnnxGraph.Read(teacherPath).Inputs[0], [1, 3, side, side], layers);
            var times = Enumerable.Range(0, rounds + 1).Select(_ => (Fast: Time(fast), Slow: Time(slow))).Skip(1).ToList();
            Console.WriteLine(FormattableString.Invariant(
                $"{side}x{side}: student {Median(times.Select(t => t.Fast)):0.0} ms, teacher {Median(times.Select(t => t.Slow)):0.0} ms, ratio {Median(times.Select(t => t.Slow / t.Fast)):0.0} (least times {times.Min(t => t.Fast):0.0} and {times.Min(t => t.Slow):0.0}: {times.Min(t => t.Slow) / times.Min(t => t.Fast):0.0})"));
        }

        File.Delete(file);
    }

    private static OnnxSession Open(string path, IReadOnlyList<string> layers)
    {
        var graph = OnnxGraph.Read(path);
        graph.KeepOnly(layers);
        return new OnnxSession(graph.ToBytes(), path, Environment.ProcessorCount);
    }

    private static double Time(OnnxSession.Run run)
    {
        var start = Stopwatch.GetTimestamp();
        run.Execute();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
