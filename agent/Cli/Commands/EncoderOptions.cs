using System.CommandLine;
using MrfAd.Onnx.Sessions;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary>The options that choose the encoder, its provider and the number of threads.</summary>
internal sealed class EncoderOptions
{
    public Option<string> Encoder { get; } = new("--encoder", "-e")
    {
        Description = "ONNX file of the encoder, or its descriptor .json. Without it: the built-in default.",
        HelpName = "FILE",
    };

    /// <summary>The mask model, for commands that read a bank: the bank says whether one is needed.</summary>
    public static Option<string?> Background { get; } = new("--background")
    {
        Description = "Descriptor of the mask model with which the bank was learned, where it was learned without background; default: U²-Net-p.",
        HelpName = "FILE",
    };

    private Option<int> Threads { get; } = new("--threads")
    {
        Description = "Threads of the encoder and of the search.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private Option<string> ProviderName { get; } = new("--provider")
    {
        Description = "The provider that runs the encoder: cpu, cuda, tensorrt; auto: the best that works. One that does not work is reported, and the next is taken.",
        DefaultValueFactory = _ => "cpu",
    };

    public void AddTo(Command command)
    {
        ProviderName.AcceptOnlyFromAmong("auto", "tensorrt", "cuda", "cpu");
        command.Options.Add(ProviderName);
        command.Options.Add(Encoder);
        command.Options.Add(Threads);
    }

    public int ThreadsOf(ParseResult parsed) =>
        parsed.GetValue(Threads) is >= 1 and var threads ? threads : throw new UsageException($"{Threads.Name}: want at least 1, got {parsed.GetValue(Threads)}");

    /// <returns>The descriptor of the mask model, opened only if the bank needs one; null if none is named and none is installed.</returns>
    public static string? BackgroundOf(ParseResult parsed) => parsed.GetValue(Background) ?? DefaultEncoder.Mask();

    public OnnxDevice DeviceOf(ParseResult parsed) => new()
    {
        Provider = Enum.Parse<Provider>(parsed.GetRequiredValue(ProviderName), ignoreCase: true),
        Report = text => Console.Error.WriteLine($"mrfad: {text}"),
    };

    /// <summary>Warns if another provider than the CPU is chosen: HLGFA is trained and evaluated on the CPU only.</summary>
    public void WarnIfNotCpu(ParseResult parsed)
    {
        if (parsed.GetRequiredValue(ProviderName) != "cpu")
            Console.Error.WriteLine($"mrfad: {ProviderName.Name}: HLGFA models are trained and evaluated on the CPU; 'inspect' and 'run' take others");
    }

    public string EncoderOf(ParseResult parsed) => parsed.GetValue(Encoder) ?? DefaultEncoder.Path();
}
