using System.Globalization;
using MrfAd.Benchmarks;
using MrfAd.Benchmarks.Delivery;
using MrfAd.Engine.Features;
using MrfAd.Testing;

// dotnet run -c Release --project tests/Benchmarks -- accuracy FOLDER ENCODER [LAYERS [SCALES [SEED [LEAST_SIDE]]]]
// dotnet run -c Release --project tests/Benchmarks -- frame FOLDER ENCODER [LAYERS [SCALES [SEED [LEAST_SIDE]]]]
// dotnet run -c Release --project tests/Benchmarks -- delivery [TRIGGERS [KILLS [SEED]]]
// dotnet run -c Release --project tests/Benchmarks -- latency [OUTBOX_FOLDER]
// FOLDER is an object in MVTec AD's layout, ENCODER an ONNX file or its descriptor. Figures go to RESULTS.md by hand, with their circumstances.
if (args is ["delivery", .. var amounts])
{
    var numbers = amounts.Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToList();
    var (triggers, kills, seed) = (numbers.ElementAtOrDefault(0) is > 0 and var t ? t : 10_000, numbers.Count > 1 ? numbers[1] : 50, numbers.Count > 2 ? numbers[2] : 1);
    using var station = new LearnedStation();
    await station.InitializeAsync();
    await using var soak = new DeliverySoak(new SoakOptions(triggers, kills, kills / 2, seed, TimeSpan.FromMinutes(30)), station, TimeProvider.System);
    var result = await soak.RunAsync();
    Console.WriteLine(result);
    return result.IsPassed ? 0 : 1;
}

if (args is ["latency", .. var place])
{
    await AddedLatency.RunAsync(place.FirstOrDefault());
    return 0;
}

if (args is not [var what, var folder, var encoder, ..])
{
    Console.Error.WriteLine("usage: accuracy|frame FOLDER ENCODER [LAYERS [SCALES [SEED [LEAST_SIDE]]]]\n       delivery [TRIGGERS [KILLS [SEED]]]\n       latency [OUTBOX_FOLDER]");
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
