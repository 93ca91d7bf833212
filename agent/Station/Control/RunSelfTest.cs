using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/selftest</c>: inspects the reference parts now.</summary>
public sealed class RunSelfTest(DetectorBanks banks) : IStationCommand
{
    public string Name => "selftest";

    public async Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.DetectorCommand);
        var detector = CommandPayload.Find(banks, wanted.Product, wanted.Camera);
        try
        {
            var result = await detector.SelfTest.RunOnceAsync(cancellationToken);
            return new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(result, MessageJson.Default.SelfTestMessage) };
        }
        catch (UpdateRefusedException e)
        {
            throw new CommandException(CommandErrorCode.NotFound, e.Message, e);
        }
    }
}
