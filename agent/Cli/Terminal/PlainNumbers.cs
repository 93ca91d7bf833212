using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace MrfAd.Cli.Terminal;

/// <summary>Parses numbers of the command line with a point as the decimal separator and no thousands separator: "0,5" is refused, not read as 5.</summary>
internal static class PlainNumbers
{
    public static void Want(Command command)
    {
        foreach (var below in command.Subcommands)
            Want(below);
        foreach (var option in command.Options)
        {
            switch (option)
            {
                case Option<double> number:
                    number.CustomParser = Parse<double>;
                    break;
                case Option<double?> number:
                    number.CustomParser = result => Parse<double>(result);
                    break;
                case Option<float?> number:
                    number.CustomParser = result => Parse<float>(result);
                    break;
            }
        }
    }

    private static T Parse<T>(ArgumentResult result)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        var text = result.Tokens[0].Value;
        if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && T.IsFinite(value))
            return value;
        result.AddError($"{(result.Parent as OptionResult)?.Option.Name}: want a number such as 0.5, got '{text}'");
        return default;
    }
}
