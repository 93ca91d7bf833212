using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/state</c>: returns the message of the topic <c>state</c>.</summary>
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
