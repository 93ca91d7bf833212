using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Control;

/// <summary>
/// Receives the commands below <c>cmd/</c>. Each is checked, carried out once for each correlation id, and answered on its response topic with a result or a
/// typed error. Malformed and unknown commands are refused and counted.
/// </summary>
public sealed partial class CommandDispatcher(
    IReadOnlyList<IStationCommand> commands, CommandVerifier verifier, IMqttLink link, StationTopics topics, StationHealth health, MrfAdMeter meter, TimeProvider clock,
    ILogger<CommandDispatcher> log) : Worker(health)
{
    // In bytes; the longest command is a signed one of a few hundred bytes.
    private const int MaxPayload = 64 * 1024;

    // Maximum number of commands that wait; more than that is a flood.
    private const int MaxWaiting = 64;

    // Maximum number of replies that wait for the broker; beyond it the oldest is dropped, and its sender may ask again.
    private const int MaxWaitingReplies = 1000;

    // Maximum number of remembered replies: a sender that got no reply asks again within a minute or so.
    private const int MaxRemembered = 1000;

    private readonly Dictionary<string, IStationCommand> _commands = commands.ToDictionary(c => c.Name, StringComparer.Ordinal);
    private readonly Channel<(MqttMessage Message, long At)> _calls = Channel.CreateBounded<(MqttMessage, long)>(MaxWaiting);
    private readonly Channel<MqttMessage> _replies = Channel.CreateBounded<MqttMessage>(new BoundedChannelOptions(MaxWaitingReplies) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly ConcurrentDictionary<string, CommandReply> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _answered = new();
    private readonly SemaphoreSlim _turn = new(1), _slowTurn = new(1);
    private string _lastRefusal = "";

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        link.Subscribe(topics.Command("+"), (_, _) => Task.CompletedTask, Accept);
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Carries out a command that did not come over MQTT and whose sender has been authorised.</summary>
    public async Task<CommandReply> CarryOutAsync(CommandCall call, CancellationToken cancellationToken)
    {
        var reply = await CarryOutAsync(call.Name, command => command.RunAsync(call, cancellationToken), cancellationToken);
        Count(reply);
        return reply;
    }

    protected override Task RunAsync(CancellationToken stopping) => Task.WhenAll(WorkAsync(stopping), ReplyAsync(stopping));

    /// <summary>Accepts or answers a command. Runs on the network thread, before the message is acknowledged.</summary>
    private bool Accept(MqttMessage message)
    {
        var name = StationTopics.CommandName(message.Topic);
        if (message.Payload.Length > MaxPayload)
            Answer(message, Refusal(name, CommandErrorCode.TooLarge, $"want at most {MaxPayload} bytes, got {message.Payload.Length}"));
        else if (_commands.TryGetValue(name, out var command) && command.BeforeAcknowledgement)
            // The task is complete when it is returned.
            Answer(message, CarryOutAsync(message, clock.GetTimestamp(), CancellationToken.None).GetAwaiter().GetResult());
        else if (!_calls.Writer.TryWrite((message, clock.GetTimestamp())))
            Answer(message, Refusal(name, CommandErrorCode.Busy, $"{MaxWaiting} commands wait already"));
        return false;
    }

    private async Task WorkAsync(CancellationToken stopping)
    {
        var slow = new List<Task>();
        try
        {
            await foreach (var (message, at) in _calls.Reader.ReadAllAsync(stopping))
            {
                if (_commands.TryGetValue(StationTopics.CommandName(message.Topic), out var command) && command.IsSlow)
                    slow.Add(AnswerAsync(message, at, stopping));
                else
                    await AnswerAsync(message, at, stopping);
                slow.RemoveAll(task => task.IsCompletedSuccessfully);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The sender gets no reply and asks again.
            await Task.WhenAll(slow).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AnswerAsync(MqttMessage message, long at, CancellationToken stopping) => Answer(message, await CarryOutAsync(message, at, stopping));

    private async Task<CommandReply> CarryOutAsync(MqttMessage message, long at, CancellationToken cancellationToken)
    {
        var name = StationTopics.CommandName(message.Topic);
        var correlation = message.CorrelationData.IsEmpty ? null : Convert.ToHexStringLower(message.CorrelationData.Span);
        // A trigger detects repetitions itself, over restarts.
        var isKept = correlation is not null && _commands.GetValueOrDefault(name) is { Kind: not CommandKind.Trigger };
        var key = !isKept ? null : $"{name} {correlation} {message.ResponseTopic}";
        if (key is not null && _answers.TryGetValue(key, out var answer))
            return answer;
        answer = await CarryOutAsync(
            name,
            command =>
            {
                if (message.Retain)
                    throw new CommandException(CommandErrorCode.BadRequest, "a command must not be retained: it would be carried out at each connect");
                if (message.Expiry is { } expiry && clock.GetElapsedTime(at) > expiry)
                    throw new CommandException(CommandErrorCode.Expired, $"it expired after {expiry.TotalSeconds:0} s");
                var (payload, signer) = verifier.Open(name, command.Kind, message.Payload);
                return command.RunAsync(new CommandCall(name, payload, correlation, signer, message.Sender()), cancellationToken);
            },
            cancellationToken);
        if (key is not null)
            Remember(key, answer);
        return answer;
    }

    private async Task<CommandReply> CarryOutAsync(string name, Func<IStationCommand, Task<CommandReply>> run, CancellationToken cancellationToken)
    {
        try
        {
            if (!_commands.TryGetValue(name, out var command))
                throw new CommandException(CommandErrorCode.UnknownCommand, $"there is no command '{Shortened(name)}'; there are {string.Join(", ", _commands.Keys)}");
            if (command.BeforeAcknowledgement)
                return await run(command);
            var turn = command.IsSlow ? _slowTurn : _turn;
            if (!await turn.WaitAsync(command.IsSlow ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, cancellationToken))
                throw new CommandException(CommandErrorCode.Busy, $"'{name}' has to wait for a command that takes long: try again when {string.Join(" or ", _commands.Values.Where(c => c.IsSlow).Select(c => $"'{c.Name}'"))} has ended");
            try
            {
                return await run(command);
            }
            finally
            {
                turn.Release();
            }
        }
        catch (CommandException e)
        {
            return Refusal(name, e.Code, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogFailed(Shortened(name), e);
            return Refusal(name, CommandErrorCode.Failed, e.Message);
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        _slowTurn.Dispose();
        base.Dispose();
    }

    private void Remember(string key, CommandReply answer)
    {
        // A command that failed, or came too early, may be tried again.
        if (answer.Error?.Code is CommandErrorCode.Failed or CommandErrorCode.Busy or CommandErrorCode.NotReady || !_answers.TryAdd(key, answer))
            return;
        _answered.Enqueue(key);
        if (_answered.Count > MaxRemembered && _answered.TryDequeue(out var oldest))
            _answers.TryRemove(oldest, out _);
    }

    private void Answer(MqttMessage message, CommandReply reply)
    {
        var known = Count(reply);
        // A trigger that comes too early or too often is reported by its verdict. Equal refusals in a row are logged once.
        if (reply.Error is { Code: not (CommandErrorCode.Busy or CommandErrorCode.NotReady) } refusal && Interlocked.Exchange(ref _lastRefusal, $"{known} {refusal.Code}") != $"{known} {refusal.Code}")
            LogRefused(Shortened(reply.Command), refusal.Message);
        if (StationMessages.Reply(message, reply) is not { } answer)
            return;
        // A reply must not pass for a verdict, a state or a command of this station: who asks may not write those.
        if (answer.Topic == topics.Root || answer.Topic.StartsWith($"{topics.Root}/", StringComparison.Ordinal))
            LogOwnTopic(Shortened(reply.Command), Shortened(answer.Topic));
        else
            _replies.Writer.TryWrite(answer);
    }

    /// <returns>The command's name as a metric label, or "unknown".</returns>
    private string Count(CommandReply reply)
    {
        var known = _commands.ContainsKey(reply.Command) ? reply.Command : "unknown";
        meter.Commanded(known, reply.Error is { } error ? MetricLabel.Of(error.Code) : "accepted");
        return known;
    }

    private async Task ReplyAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var reply in _replies.Reader.ReadAllAsync(stopping))
                await PublishAsync(reply, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The station stops; the sender asks again.
        }
    }

    private async Task PublishAsync(MqttMessage reply, CancellationToken cancellationToken)
    {
        try
        {
            await link.PublishAsync(reply, cancellationToken);
        }
        catch (MqttLinkException e)
        {
            meter.PublishFailed(MetricLabel.Of(e.Failure));
            LogNoReply(Shortened(reply.Topic), e.Message);
        }
    }

    private static CommandReply Refusal(string command, CommandErrorCode code, string message) =>
        new() { Command = Shortened(command), Accepted = false, Error = new CommandError { Code = code, Message = message } };

    /// <summary>Returns a name that came from outside, cut to a length that may stand in a reply or a log.</summary>
    private static string Shortened(string name) => name.Length == 0 ? "(none)" : name.Length <= StationTopics.MaxNameLength ? name : name[..StationTopics.MaxNameLength];

    [LoggerMessage(111, LogLevel.Warning, "Command '{Command}' refused: {Why}")]
    private partial void LogRefused(string command, string why);

    [LoggerMessage(112, LogLevel.Warning, "No reply to {Topic}: {Why}")]
    private partial void LogNoReply(string topic, string why);

    [LoggerMessage(114, LogLevel.Warning, "No reply to '{Command}': its response topic {Topic} is one of this station's own")]
    private partial void LogOwnTopic(string command, string topic);

    [LoggerMessage(113, LogLevel.Error, "Command '{Command}' failed")]
    private partial void LogFailed(string command, Exception exception);
}
