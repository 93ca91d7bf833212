using System.Globalization;
using MrfAd.Benchmarks;
using MrfAd.Engine.Features;

// dotnet run -c Release --project tests/Benchmarks -- accuracy FOLDER ENCODER [LAYERS [SCALES [SEED [LEAST_SIDE]]]]
// dotnet run -c Release --project tests/Benchmarks -- frame FOLDER ENCODER [LAYERS [SCALES [SEED [LEAST_SIDE]]]]
// FOLDER is an object in MVTec AD's layout, ENCODER an ONNX file or its descriptor. Figures go to RESULTS.md by hand, with their circumstances.
if (args is not [var what, var folder, var encoder, ..])
{
    Console.Error.WriteLine("usage: accuracy|frame FOLDER ENCODER [LAYERS [SCALES [SEED [LEAST_SIDE]]]]");
    return 2;
}

var layers = args.Length > 3 ? args[3].Split(',') : null;
var options = new MrfAdOptions { MixedSizes = true };
if (args.Length > 4)
    options = options with { Scales = [.. args[4].Split(',').Select(s => double.Parse(s, CultureInfo.InvariantCulture))] };
if (args.Length > 5)
    options = options with { Seed = int.Parse(args[5], CultureInfo.InvariantCulture) };
if (args.Length > 6)
    options = options with { LeastSide = int.Parse(args[6], CultureInfo.InvariantCulture) };
switch (what)
{
    case "accuracy":
        Accuracy.Run(folder, encoder, layers, options);
        return 0;
    case "frame":
        FrameTime.Run(folder, encoder, layers, options);
        return 0;
    default:
        Console.Error.WriteLine($"unknown benchmark '{what}'");
        return 2;
}
