using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Inspection;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Control;

/// <summary><c>cmd/teach</c>: what learning a false alarm would change, and, confirmed, a new version that knows it.</summary>
public sealed class TeachBank(DetectorBanks banks, RecentFrames recent) : IStationCommand
{
    public string Name => "teach";

    public async Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        try
        {
            var preview = CommandPayload.Read(command, MessageJson.Default.TeachCommand) switch
            {
                { Verdict: { } verdict, Confirm: null, Discard: null } => await Of(recent.Find(verdict)?.Camera).PreviewAsync(verdict, cancellationToken),
                { Verdict: null, Confirm: { } lesson, Discard: null } => With(lesson).Confirm(lesson, command.Signer ?? "mqtt", cancellationToken),
                { Verdict: null, Confirm: null, Discard: { } lesson } => With(lesson).Discard(lesson),
                _ => throw new CommandException(CommandErrorCode.BadRequest, "'teach' takes one of 'verdict', 'confirm' and 'discard'"),
            };
            return new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(preview, MessageJson.Default.CorrectionPreview) };
        }
        catch (Exception e) when (e is UpdateRefusedException or ImageFormatException or ImageMismatchException)
        {
            throw new CommandException(CommandErrorCode.Refused, e.Message, e);
        }
    }

    private CorrectionService Of(string? camera) => (banks.Of(camera) ?? banks.Station).Corrections;

    /// <summary>The one that has the lesson; where none has it, the station's says so.</summary>
    private CorrectionService With(Guid lesson) => (banks.All.FirstOrDefault(b => b.Corrections.Has(lesson)) ?? banks.Station).Corrections;
}
