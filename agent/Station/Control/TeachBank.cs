using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/teach</c>: previews how learning a false reject (overkill) would change the verdicts and, once confirmed, makes a new bank version with it.</summary>
public sealed class TeachBank(DetectorBanks banks, RecentFrames recent) : IStationCommand
{
    public string Name => "teach";

    public CommandKind Kind => CommandKind.Change;

    public async Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        try
        {
            var preview = CommandPayload.Read(command, MessageJson.Default.TeachCommand) switch
            {
                { Verdict: { } verdict, Confirm: null, Discard: null } => await ForCamera(recent.Find(verdict)?.Camera).PreviewAsync(verdict, cancellationToken),
                { Verdict: null, Confirm: { } correction, Discard: null, AcceptMisses: var accepted } => Holding(correction).Confirm(correction, accepted, command.Signer ?? "mqtt", cancellationToken),
                { Verdict: null, Confirm: null, Discard: { } correction } => Holding(correction).Discard(correction),
                _ => throw new CommandException(CommandErrorCode.BadRequest, "'teach' takes one of 'verdict', 'confirm' and 'discard'"),
            };
            return new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(preview, MessageJson.Default.CorrectionPreview) };
        }
        catch (Exception e) when (e is UpdateRefusedException or ImageFormatException or ImageMismatchException)
        {
            throw new CommandException(CommandErrorCode.Refused, e.Message, e);
        }
    }

    private CorrectionService ForCamera(string? camera) => (banks.Of(camera) ?? banks.Station).Corrections;

    /// <summary>Returns the service that holds the correction; where none does, the station's, which refuses it.</summary>
    private CorrectionService Holding(Guid correction) => (banks.All.FirstOrDefault(b => b.Corrections.Has(correction)) ?? banks.Station).Corrections;
}
