namespace MrfAd.Cli.Demo;

/// <summary>What a demo is asked for.</summary>
/// <param name="Out">The folder that everything goes into.</param>
/// <param name="Parts">How many generated parts are judged.</param>
/// <param name="Dataset">The user's own images in MVTec AD's layout, instead of generated ones.</param>
/// <param name="Encoder">An ONNX file; null: the one that comes with the product.</param>
/// <param name="Broker">One that is there already; null: the demo starts its own.</param>
/// <param name="Keep">Broker and agent stay until Ctrl-C.</param>
/// <param name="Json">The summary is for machines.</param>
public sealed record DemoOptions(string Out, int Parts, int Seed, string? Dataset, string? Encoder, (string Host, int Port)? Broker, bool Keep, bool Json);
