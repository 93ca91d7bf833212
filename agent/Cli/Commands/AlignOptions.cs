using System.CommandLine;
using MrfAd.Engine.Alignment;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary>The options by which commands that learn align the parts.</summary>
internal sealed class AlignOptions
{
    private static readonly AlignmentOptions Defaults = new();

    private readonly Option<bool> _align = new("--align") { Description = "Align each part, shifted or turned, to one of the good images, which the bank carries: in learning and in every inspection." };
    private readonly Option<double> _angle = new("--align-angle") { Description = "Maximum angle in degrees to either side.", DefaultValueFactory = _ => Defaults.MaxAngle };
    private readonly Option<double> _shift = new("--align-shift") { Description = "Maximum shift of the part's centre as a share of the longer side.", DefaultValueFactory = _ => Defaults.MaxShift };
    private readonly Option<bool> _scale = new("--align-scale") { Description = "Sizes differ, too, by up to a tenth." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _align, _angle, _shift, _scale })
            command.Options.Add(option);
    }

    /// <returns>The range of alignment; null where parts are compared as they lie.</returns>
    /// <exception cref="UsageException">A value is out of range, or given without --align.</exception>
    public AlignmentOptions? Of(ParseResult parsed)
    {
        if (!parsed.GetValue(_align))
        {
            return new Option[] { _angle, _shift, _scale }.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } alone
                ? throw new UsageException($"{alone.Name}: want --align, too")
                : null;
        }

        var options = new AlignmentOptions { MaxAngle = parsed.GetValue(_angle), MaxShift = parsed.GetValue(_shift), Scale = parsed.GetValue(_scale) };
        return options.Fault is { } fault ? throw new UsageException($"--align: {fault}") : options;
    }
}
