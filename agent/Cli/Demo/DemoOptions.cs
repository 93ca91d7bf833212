namespace MrfAd.Cli.Demo;

/// <summary>The options of <c>mrfad demo</c>.</summary>
/// <param name="Out">The folder that all files are written to.</param>
/// <param name="Parts">Number of generated parts that are judged.</param>
/// <param name="Seed">Seed of the generated parts and of their order.</param>
/// <param name="Dataset">Folder with the user's images in MVTec AD's layout; null generates parts.</param>
/// <param name="Encoder">Path of an ONNX file; null for the built-in encoder.</param>
/// <param name="Broker">Address of a running broker; null starts one.</param>
/// <param name="Keep">True keeps broker and agent running until Ctrl-C.</param>
/// <param name="Json">True prints the summary as JSON.</param>
public sealed record DemoOptions(string Out, int Parts, int Seed, string? Dataset, string? Encoder, (string Host, int Port)? Broker, bool Keep, bool Json);
