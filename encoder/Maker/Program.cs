using System.Diagnostics;
using System.Globalization;
using MrfAd.Maker;
using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;

const string Usage = """
    usage: mrfad-maker
        images CROPS.u8 PHOTOGRAPHS_FOLDER PHOTOGRAPH_CROPS GENERATED_CROPS SEED
        teach CROPS.u8 TEACHER.onnx STUDENT.json FOLDER
        export STUDENT.json CHECKPOINT|random OUT_FOLDER ID [EXPECTED.pth]
        speed STUDENT.json TEACHER.onnx LAYER,... SIDE,... ROUNDS
    All go on where they were stopped. 'make' says how they follow one another.
    """;
try
{
    return Run(args);
}
catch (Exception e) when (e is OnnxModelException or TensorFormatException or IOException or FormatException)
{
    Console.Error.WriteLine($"mrfad-maker: {e.Message}");
    return 1;
}

static int Run(string[] args)
{
    switch (args)
    {
        case ["images", var path, var photographs, var fromPhotographs, var generated, var seed]:
            using (var crops = CropFile.Append(path))
            {
                var (photographed, painted) = (Number(fromPhotographs), Number(generated));
                if (crops.Count < photographed)
                    Console.WriteLine($"{new Photographs(photographs, photographed, Number(seed)).AppendTo(crops, Progress("crops of photographs", photographed))} pictures");
                Generated.AppendTo(crops, photographed, painted, Number(seed), Progress("generated crops", painted));
            }

            return 0;
        case ["teach", var path, var model, var student, var folder]:
            using (var crops = CropFile.Read(path))
            {
                var shape = StudentShape.Read(student);
                using var teacher = new Teacher(model, new Student(shape).Stages);
                teacher.FindAxes(crops, shape.Dimensions, folder, Progress("crops seen for the axes", crops.Count));
                teacher.WriteTargets(crops, folder, Progress("targets", crops.Count));
            }

            return 0;
        case ["export", var student, var checkpoint, var folder, var id, ..]:
            var network = StudentShape.Read(student);
            using (var trained = checkpoint == "random" ? null : Checkpoint.Open(checkpoint))
                Console.WriteLine(Export.Write(network, trained is null ? new RandomWeights(1).Of : trained.Floats, folder, id));
            if (args.Length > 5)
            {
                using var expected = Checkpoint.Open(args[5]);
                var differences = Export.Compare(Path.Combine(folder, $"{id}.onnx"), expected, new Student(network).Stages);
                Console.WriteLine($"differs from PyTorch's by {string.Join(", ", differences.Select(d => d.ToString("0.00000", CultureInfo.InvariantCulture)))} of its size");
            }

            return 0;
        case ["speed", var student, var model, var layers, var sides, var rounds]:
            Speed.Compare(StudentShape.Read(student), model, layers.Split(','), [.. sides.Split(',').Select(Number)], Number(rounds));
            return 0;
        default:
            Console.Error.WriteLine(Usage);
            return 2;
    }
}

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

// A line every half minute, with the time left.
static Action<int> Progress(string what, int of)
{
    long start = 0, told = 0;
    var first = 0;
    return done =>
    {
        if (start == 0)
            (start, told, first) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp(), done);
        if (Stopwatch.GetElapsedTime(told).TotalSeconds < 30 && done < of)
            return;
        told = Stopwatch.GetTimestamp();
        var left = Stopwatch.GetElapsedTime(start) * ((of - done) / Math.Max(1.0, done - first));
        Console.WriteLine(FormattableString.Invariant($"{done} of {of} {what}, {left.TotalMinutes:0} min left"));
    };
}
