namespace MrfAd.Cli.Commands;

/// <param name="Name">"images", "onnx runtime", "gpu", "cuda", "tensorrt", "detector", "camera camera1", "tls files", "tls broker", "broker", "http"; of a device "device", "encoder", "view SCALE", "frame", "memory", "stronger encoder".</param>
/// <param name="Detail">What was found, or what is wrong.</param>
/// <param name="Ms">How long it took, milliseconds.</param>
public sealed record CheckResult(string Name, bool Ok, string Detail, double Ms);
