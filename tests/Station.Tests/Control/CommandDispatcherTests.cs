using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Control;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Reporting;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Control;

[Collection(nameof(Alone))]
public sealed partial class CommandDispatcherTests : IAsyncDisposable
{
    private static readonly StationTopics Topics = new("plant", "line", "s1");

    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly FakeLink _link = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly Counting _counting = new();
    private readonly Slow _slow = new();
    private CommandDispatcher? _desk;

    public async ValueTask DisposeAsync()
    {
        if (_desk is not null)
            await _desk.StopAsync(CancellationToken.None);
        _desk?.Dispose();
        _meter.Dispose();
        _folder.Dispose();
        await _link.DisposeAsync();
    }

    [Fact]
    public async Task A_command_is_answered_with_its_correlation_data()
    {
        await StartAsync();

        var reply = await AskAsync("count", "{}", correlation: 1);

        Assert.True(reply.Accepted);
        Assert.Equal(1, (int)reply.Result!);
    }

    [Fact]
    public async Task The_same_correlation_id_is_carried_out_once_and_answered_alike()
    {
        await StartAsync();

        var first = await AskAsync("count", "{}", correlation: 1);
        var again = await AskAsync("count", "{}", correlation: 1);
        var other = await AskAsync("count", "{}", correlation: 2);

        Assert.Equal([1, 1, 2], [(int)first.Result!, (int)again.Result!, (int)other.Result!]);
    }

    [Fact]
    public async Task A_command_that_expires_while_it_waits_is_refused()
    {
        await StartAsync();
        _counting.Hold = new TaskCompletionSource();
        Send("count", "{}", 1);
        await _counting.Started.Task.WaitAsync(TestTimeout.Value);

        _link.Receive(Message("count", "{}", 2) with { Expiry = TimeSpan.FromSeconds(5) });
        _clock.Advance(TimeSpan.FromSeconds(6));
        _counting.Hold.SetResult();
        await NextAsync();

        Assert.Equal(CommandErrorCode.Expired, (await NextAsync()).Error!.Code);
        Assert.Equal(1, _counting.Count);
    }

    [Fact]
    public async Task More_commands_than_may_wait_are_refused_at_once()
    {
        await StartAsync();
        _counting.Hold = new TaskCompletionSource();

        for (var i = 0; i < 80; i++)
            Send("count", "{}", i);
        var refused = await NextAsync();

        Assert.Equal(CommandErrorCode.Busy, refused.Error!.Code);
        _counting.Hold.SetResult();
    }

    [Theory]
    [InlineData("dance", "{}", CommandErrorCode.UnknownCommand)]
    [InlineData("", "{}", CommandErrorCode.UnknownCommand)]
    [InlineData("threshold", "[1]", CommandErrorCode.BadRequest)]
    [InlineData("threshold", """{"threshold":"high"}""", CommandErrorCode.BadRequest)]
    public async Task What_makes_no_sense_is_answered_with_its_kind_of_error(string name, string payload, CommandErrorCode code)
    {
        await StartAsync();

        Assert.Equal(code, (await AskAsync(name, payload, 1)).Error!.Code);
    }

    [Fact]
    public async Task A_retained_command_is_refused()
    {
        await StartAsync();

        _link.Receive(Message("count", "{}", 1) with { Retain = true });

        Assert.Equal(CommandErrorCode.BadRequest, (await NextAsync()).Error!.Code);
        Assert.Equal(0, _counting.Count);
    }

    [Fact]
    public async Task A_bug_in_a_command_is_an_answer_and_the_next_one_works()
    {
        await StartAsync();

        Assert.Equal(CommandErrorCode.Failed, (await AskAsync("crash", "{}", 1)).Error!.Code);
        Assert.True((await AskAsync("count", "{}", 2)).Accepted);
    }

    [Fact]
    public async Task Garbage_of_every_kind_is_refused_and_memory_does_not_grow()
    {
        await StartAsync();
        var random = new Random(1);
        var large = new byte[10_000_000];
        await GarbageAsync(random, large, 2000);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await GarbageAsync(random, large, 20_000);

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 4_000_000);
        Assert.True((await AskAsync("count", "{}", 70_000)).Accepted);
    }

    [Theory]
    [InlineData("cmd/count")]
    [InlineData("cam/verdict")]
    [InlineData("status")]
    [InlineData("update/refusal")]
    [InlineData("anything")]
    [InlineData("")]
    public async Task An_answer_is_never_sent_to_a_topic_of_the_station(string topic)
    {
        await StartAsync();

        _link.Receive(Message("dance", "{}", 1) with { ResponseTopic = $"{Topics.Root}/{topic}".TrimEnd('/') });
        await AskAsync("count", "{}", 2);

        Assert.Single(_link.Published);
    }

    private async Task GarbageAsync(Random random, byte[] large, int count)
    {
        string[] names = ["count", "threshold", "trigger", "+", "#", "\u0000", "cmd", new string('x', 30_000), "ä", ""];
        string[] payloads = ["", "null", "[]", "{", "{\"threshold\":", "{\"camera\":\"" + new string('y', 5000) + "\"}", new string('[', 5000), "\"\\ud800\"", "{\"a\":1,\"a\":2}"];
        for (var i = 0; i < count; i++)
        {
            var bytes = random.Next(3) switch
            {
                0 => Encoding.UTF8.GetBytes(payloads[random.Next(payloads.Length)]),
                1 => Noise(random),
                _ => random.Next(20) == 0 ? large : Encoding.UTF8.GetBytes("{\"camera\":" + random.Next() + "}"),
            };
            _link.Receive(new MqttMessage($"{Topics.Root}/cmd/{names[random.Next(names.Length)]}", bytes) { CorrelationData = Noise(random) });
            if (i % 50 == 0)
                await AskAsync("count", "{}", 100_000 + i);
        }
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(300)];
        random.NextBytes(bytes);
        return bytes;
    }

    [Fact]
    public async Task A_command_that_waits_for_another_machine_holds_up_no_other()
    {
        await StartAsync();
        Send("slow", "{}", 1);
        await _slow.Begun.Task;

        Assert.True((await AskAsync("count", "{}", 2)).Accepted);
        Assert.Equal(CommandErrorCode.Busy, (await AskAsync("slow", "{}", 3)).Error?.Code);
        _slow.End.SetResult();
        Assert.True((await ReplyAsync(1)).Accepted);
    }

    private async Task StartAsync(ECDsa? trusted = null, ControlOptions? options = null)
    {
        options ??= new ControlOptions { AllowUnsigned = trusted is null };
        if (trusted is not null)
        {
            await File.WriteAllTextAsync(_folder.File("office.pem"), trusted.ExportSubjectPublicKeyInfoPem());
            options = options with { TrustedKeys = [new TrustedKey { Id = "office", PublicKeyFile = _folder.File("office.pem") }] };
        }

        _desk = new CommandDispatcher(
            [_counting, _slow, new Crash(), new Parse()], new CommandVerifier(options, Topics, _clock), _link, Topics, new StationHealth(_clock), _meter, _clock, NullLogger<CommandDispatcher>.Instance);
        await _desk.StartAsync(CancellationToken.None);
        _link.Connect();
    }

    private static MqttMessage Message(string name, string payload, int correlation) => new($"{Topics.Root}/cmd/{name}", Encoding.UTF8.GetBytes(payload))
    {
        ResponseTopic = "answers",
        CorrelationData = BitConverter.GetBytes(correlation),
    };

    private void Send(string name, string payload, int correlation) => _link.Receive(Message(name, payload, correlation));

    private Task<CommandReply> AskAsync(string name, string payload, int correlation)
    {
        Send(name, payload, correlation);
        return ReplyAsync(correlation);
    }

    private async Task<CommandReply> ReplyAsync(int correlation)
    {
        while (true)
        {
            var message = await _link.NextAsync();
            if (message.CorrelationData.Span.SequenceEqual(BitConverter.GetBytes(correlation)))
                return JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.CommandReply)!;
        }
    }

    private async Task<CommandReply> NextAsync() => JsonSerializer.Deserialize((await _link.NextAsync()).Payload.Span, MessageJson.Default.CommandReply)!;

    private sealed class Counting : IStationCommand
    {
        public string Name => "count";

        public CommandKind Kind { get; set; } = CommandKind.Change;

        public int Count { get; private set; }

        public TaskCompletionSource? Hold { get; set; }

        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
        {
            Started.TrySetResult();
            if (Hold is not null)
                await Hold.Task.WaitAsync(cancellationToken);
            return new CommandReply { Command = Name, Accepted = true, Result = ++Count };
        }
    }

    /// <summary>A command that waits for another machine.</summary>
    private sealed class Slow : IStationCommand
    {
        public string Name => "slow";

        public bool IsSlow => true;

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
        {
            Begun.TrySetResult();
            await End.Task.WaitAsync(cancellationToken);
            return new CommandReply { Command = Name, Accepted = true };
        }
    }

    private sealed class Crash : IStationCommand
    {
        public string Name => "crash";

        public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken) => throw new InvalidOperationException("a bug");
    }

    private sealed class Parse : IStationCommand
    {
        public string Name => "threshold";

        public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
        {
            CommandPayload.Read(command, MessageJson.Default.ThresholdCommand);
            return Task.FromResult(new CommandReply { Command = Name, Accepted = true });
        }
    }
}
