using MrfAd.Benchmarks;

// dotnet run -c Release --project tests/Benchmarks -- accuracy FOLDER ENCODER [LAYERS [SCALES [SEED]]]
// dotnet run -c Release --project tests/Benchmarks -- frame FOLDER ENCODER [LAYERS [SCALES [SEED]]]
// FOLDER is an object in MVTec AD's layout, ENCODER an ONNX file or its descriptor. Figures go to RESULTS.md by hand, with their circumstances.
if (args is not [var what, var folder, var encoder, ..])
{
    Console.Error.WriteLine("usage: accuracy|frame FOLDER ENCODER [LAYERS [SCALES [SEED]]]");
    return 2;
}

var layers = args.Length > 3 ? args[3].Split(',') : null;
var scales = args.Length > 4 ? args[4].Split(',').Select(s => double.Parse(s, System.Globalization.CultureInfo.InvariantCulture)).ToArray() : [0.3, 0.4, 0.5, 0.6, 0.7];
var seed = args.Length > 5 ? int.Parse(args[5], System.Globalization.CultureInfo.InvariantCulture) : 1;
switch (what)
{
    case "accuracy":
        Accuracy.Run(folder, encoder, layers, scales, seed);
        return 0;
    case "frame":
        FrameTime.Run(folder, encoder, layers, scales, seed);
        return 0;
    default:
        Console.Error.WriteLine($"unknown benchmark '{what}'");
        return 2;
}
