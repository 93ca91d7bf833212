using System.CommandLine;

namespace MrfAd.Agent.Commands;

/// <summary>The options by which several commands choose the encoder and its threads.</summary>
internal sealed class EncoderOptions
{
    public Option<string> Encoder { get; } = new("--encoder", "-e")
    {
        Description = "ONNX file of the encoder, or its descriptor .json. Without it: the built-in default.",
        HelpName = "FILE",
    };

    private Option<int> Threads { get; } = new("--threads")
    {
        Description = "Threads of the encoder and of the search.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Encoder);
        command.Options.Add(Threads);
    }

    public int ThreadsOf(ParseResult parsed) =>
        parsed.GetValue(Threads) is >= 1 and var threads ? threads : throw new UsageException($"{Threads.Name}: want at least 1, got {parsed.GetValue(Threads)}");

    public string EncoderOf(ParseResult parsed) => parsed.GetValue(Encoder) ?? DefaultEncoder.Path();
}
