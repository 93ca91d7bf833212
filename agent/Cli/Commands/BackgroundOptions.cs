using System.CommandLine;
using MrfAd.Cli.Models;
using MrfAd.Engine.Features;
using MrfAd.Engine.Masks;
using MrfAd.Onnx.Sessions;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary>The options by which commands that learn leave the background out.</summary>
internal sealed class BackgroundOptions
{
    private readonly Option<string?> _model = new("--background")
    {
        Description = "Leave the background out of learning and searching. A mask model's descriptor; without one: U²-Net-p, fetched when it is first used.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _fill = new("--background-fill")
    {
        Description = "What replaces the background in the encoder's input: keep (nothing), black, white, or the mean of ImageNet.",
        DefaultValueFactory = _ => "keep",
    };

    public void AddTo(Command command)
    {
        _fill.AcceptOnlyFromAmong("keep", "black", "white", "mean");
        command.Options.Add(_model);
        command.Options.Add(_fill);
    }

    /// <returns>The colour or pixels that replace the background; null if the whole image is learned.</returns>
    public BackgroundFill? FillOf(ParseResult parsed) =>
        parsed.GetResult(_model) is null ? null : Enum.Parse<BackgroundFill>(parsed.GetRequiredValue(_fill), ignoreCase: true);

    /// <returns>The mask model; null if no background is to be removed.</returns>
    /// <exception cref="FetchException">No mask model was named, and the default one is neither installed nor can it be downloaded.</exception>
    public MaskModel? Open(ParseResult parsed, int threads, OnnxDevice device) =>
        parsed.GetResult(_model) is null ? null : MaskModel.Open(parsed.GetValue(_model) ?? DefaultEncoder.Mask() ?? Fetch(), threads, device);

    private static string Fetch()
    {
        try
        {
            ModelFetchCommand.FetchShipped(DefaultEncoder.MaskModel, DefaultEncoder.MaskFolder);
        }
        catch (FetchException e)
        {
            throw new FetchException(
                $"--background: {e.Message}. On a machine with a network: mrfad model fetch {DefaultEncoder.MaskModel}; then put its file into {DefaultEncoder.MaskFolder}, or name another mask model", e);
        }

        return DefaultEncoder.Mask() ?? throw new FetchException($"--background: {DefaultEncoder.MaskFolder} cannot be written");
    }
}
