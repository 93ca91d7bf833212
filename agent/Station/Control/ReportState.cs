using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Control;

/// <summary><c>cmd/state</c>: the state message as the result.</summary>
public sealed class ReportState(StationHealth health, StationMessages messages) : IStationCommand
{
    public string Name => "state";

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var now = health.Current;
        var state = JsonNode.Parse(messages.State(now).Payload.Span);
        return Task.FromResult(new CommandReply { Command = Name, Accepted = true, Result = state });
    }
}
