using System.Text.Json;
using Microsoft.Data.Sqlite;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/teach</c>: previews how learning false rejects (overkill) would change the verdicts and, once confirmed, makes a new bank version with them.</summary>
public sealed class TeachBank(DetectorBanks banks, CorrectionFrames frames) : IStationCommand
{
    public string Name => "teach";

    public CommandKind Kind => CommandKind.Change;

    // A preview of a hundred parts takes minutes on a slow device.
    public bool IsSlow => true;

    public async Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        try
        {
            var preview = CommandPayload.Read(command, MessageJson.Default.TeachCommand) switch
            {
                { Verdict: { } verdict, Verdicts: null, Confirm: null, Discard: null } => await PreviewAsync([verdict], cancellationToken),
                { Verdict: null, Verdicts: { Count: > 0 and <= TeachCommand.MaxVerdicts } verdicts, Confirm: null, Discard: null } => await PreviewAsync(verdicts, cancellationToken),
                { Verdicts: { } verdicts, Verdict: null, Confirm: null, Discard: null } =>
                    throw new CommandException(CommandErrorCode.BadRequest, $"'verdicts': want 1 to {TeachCommand.MaxVerdicts} ids, got {verdicts.Count}"),
                { Verdict: null, Verdicts: null, Confirm: { } correction, Discard: null, AcceptMisses: var accepted } => Holding(correction).Confirm(correction, accepted, command.Signer ?? "mqtt", cancellationToken),
                { Verdict: null, Verdicts: null, Confirm: null, Discard: { } correction } => Holding(correction).Discard(correction),
                _ => throw new CommandException(CommandErrorCode.BadRequest, "'teach' takes one of 'verdict', 'verdicts', 'confirm' and 'discard'"),
            };
            return new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(preview, MessageJson.Default.CorrectionPreview) };
        }
        catch (Exception e) when (e is UpdateRefusedException or ImageFormatException or ImageMismatchException or SqliteException)
        {
            throw new CommandException(CommandErrorCode.Refused, e.Message, e);
        }
    }

    /// <summary>Previews a correction of the detector that judged the first of the verdicts that is known.</summary>
    private Task<CorrectionPreview> PreviewAsync(IReadOnlyList<Guid> verdicts, CancellationToken cancellation)
    {
        var first = verdicts.Select(frames.JudgedAs).FirstOrDefault(judged => judged is not null);
        return ((first is { } judged ? banks.Of(judged.Product, judged.Camera) : null) ?? banks.Station).Corrections.PreviewAsync(verdicts, cancellation);
    }

    /// <summary>Returns the service that holds the correction; where none does, the station's, which refuses it.</summary>
    private CorrectionService Holding(Guid correction) => (banks.All.FirstOrDefault(b => b.Corrections.Has(correction)) ?? banks.Station).Corrections;
}
