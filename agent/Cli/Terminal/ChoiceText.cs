using System.Text;
using MrfAd.Engine.Banks;

namespace MrfAd.Cli.Terminal;

/// <summary>Describes how the shapes of features were chosen.</summary>
internal static class ChoiceText
{
    /// <returns>One sentence, such as "plain and unit, levelled: image AUROC 0.950, AU-PRO_0.05 0.822, 0.028 ± 0.007 better than plain (42 painted defects, 24 good images)".</returns>
    public static string Sentence(MapChoice choice)
    {
        var (first, chosen) = (choice.Tried[0], choice.Tried[choice.Chosen]);
        var why = choice.IsThin ? "kept, as the images are too few to tell" : chosen == first ? "none of the others is clearly better" : FormattableString.Invariant($"{chosen.Gain:0.000} ± {chosen.GainError:0.000} better than {first.Name}");
        return FormattableString.Invariant($"{chosen.Name}: image AUROC {chosen.ImageAuRoc:0.000}, AU-PRO_0.05 {chosen.AuPro:0.000}, {why} ({choice.Painted} painted defects, {choice.Good} good images, held out)");
    }

    /// <returns>The sentence, and a line for each candidate, of which the chosen one is marked.</returns>
    public static string Describe(MapChoice choice)
    {
        var width = choice.Tried.Max(t => t.Name.Length);
        var text = new StringBuilder($"chosen: {Sentence(choice)}\n  {"".PadRight(width)}  image AUROC  AU-PRO_0.05  better by");
        for (var i = 0; i < choice.Tried.Count; i++)
        {
            var t = choice.Tried[i];
            text.Append(FormattableString.Invariant($"\n{(i == choice.Chosen ? '*' : ' ')} {t.Name.PadRight(width)}  {t.ImageAuRoc,11:0.000}  {t.AuPro,11:0.000}"));
            if (i > 0)
                text.Append(FormattableString.Invariant($"  {t.Gain,6:+0.000;-0.000} ± {t.GainError:0.000}"));
        }

        return text.ToString();
    }
}
