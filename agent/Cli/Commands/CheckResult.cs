namespace MrfAd.Cli.Commands;

/// <summary>The result of one check.</summary>
/// <param name="Name">"images", "onnx runtime", "gpu", "cuda", "tensorrt", "detector", "camera camera1", "folders", "tokens and keys", "commands", "tls files", "tls broker", "broker", "broker topics", "broker access", "http", "traces"; with <c>--device</c> "device", "encoder", "view SCALE", "frame", "memory", "stronger encoder".</param>
/// <param name="Detail">The finding, or the error if the check failed.</param>
/// <param name="Ms">Duration of the check in milliseconds.</param>
public sealed record CheckResult(string Name, bool Ok, string Detail, double Ms);
