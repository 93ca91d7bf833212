using System.Text.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Keys;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Updates;

/// <summary>Updates with a valid bank.</summary>
public sealed class UpdateTests : IAsyncLifetime
{
    private readonly UpdateLab _lab = new();

    public async ValueTask InitializeAsync() => await _lab.StartAsync();

    public async ValueTask DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task After_a_restart_the_chunks_that_are_there_are_not_asked_for_again()
    {
        var path = _lab.Make();
        var asked = new List<int>();
        var half = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _lab.Status.Changed += () =>
        {
            // Three of the five chunks have arrived.
            if (_lab.Status.Update is { Progress: >= 0.6 })
                half.TrySetResult();
        };
        _lab.Broker.Passing = message =>
        {
            if (message.Topic == _lab.Topics.UpdateWant)
                asked.Add((int)JsonNode.Parse(message.Payload.Span)!["from"]!);
            return message.Topic.EndsWith("/3", StringComparison.Ordinal) ? null : message;
        };
        var pushing = _lab.PushAsync(path);
        await half.Task.WaitAsync(TestTimeout.Value);
        await _lab.StopAsync();
        asked.Clear();
        _lab.Broker.Passing = message =>
        {
            if (message.Topic == _lab.Topics.UpdateWant)
                asked.Add((int)JsonNode.Parse(message.Payload.Span)!["from"]!);
            return message;
        };
        await _lab.StartAsync();

        Assert.Equal(UpdateResult.Accepted, (await pushing).Result);
        Assert.Equal(3, asked[0]);
        Assert.Equal(6, _lab.Bank.Detector.Info!.BankVersion);
    }

    [Fact]
    public async Task Too_many_alarms_among_the_first_verdicts_bring_the_old_bank_back()
    {
        Assert.Equal(Verdict.Ok, _lab.Judge(50));
        await _lab.PushAsync(_lab.Make());

        // Up to a third of the first twenty verdicts may be NG.
        for (var i = 0; i < 7; i++)
            Assert.Equal(Verdict.Ng, _lab.Judge(150));

        var last = await _lab.LastAsync(UpdateResult.RolledBack);
        Assert.Contains("7 of its first verdicts were NG", last.Reason, StringComparison.Ordinal);
        Assert.Equal((6, 5), (last.Bank.Version, _lab.Bank.Detector.Info!.BankVersion));
    }

    [Fact]
    public void The_count_of_first_verdicts_has_the_field_names_of_the_files_that_are_on_disk()
    {
        const string Stored = """{"left":12,"alarms":3,"most_alarms":4,"starts":1}""";

        var watched = JsonSerializer.Deserialize<WatchedVerdicts>(Stored, StationJson.Options)!;

        Assert.Equal(new WatchedVerdicts(Left: 12, Alarms: 3, MaxAlarms: 4, Starts: 1), watched);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Stored), JsonSerializer.SerializeToNode(watched, StationJson.Options)));
    }

    [Fact]
    public async Task First_verdicts_in_the_accepted_range_confirm_the_new_bank_over_a_restart()
    {
        await _lab.PushAsync(_lab.Make());
        for (var i = 0; i < 20; i++)
            _lab.Judge((byte)(i < 4 ? 150 : 50));

        await _lab.LastAsync(UpdateResult.Confirmed);
        await _lab.StopAsync();
        await _lab.StartAsync();

        Assert.Null(_lab.Bank.Store.Banks.Watched);
        Assert.Equal(6, _lab.Bank.Detector.Info!.BankVersion);
    }

    [Fact]
    public async Task An_offer_that_is_refused_is_the_last_outcome()
    {
        var older = _lab.Make(UpdateLab.Version - 1);

        var error = Assert.Throws<UpdateRefusedException>(() => _lab.Updates.Offer(Manifests.ReadBeside(older), "mqtt", "test"));

        Assert.Equal(error.Message, (await _lab.LastAsync(UpdateResult.Refused)).Reason);
    }

    [Fact]
    public async Task An_offer_that_the_disk_does_not_take_is_refused()
    {
        await _lab.StopAsync();
        _lab.Disk = new FullDisk(writes: 0);
        await _lab.StartAsync();

        Assert.Equal("it cannot be stored: No space left on device", await _lab.OfferAsync(Manifests.ReadBeside(_lab.Make())));
    }

    [Fact]
    public async Task A_file_that_ends_early_is_refused()
    {
        var path = _lab.Make();
        using (var file = File.OpenWrite(path))
            file.SetLength(file.Length - 1);

        Assert.Equal($"{path} cannot be fetched: {path} ends in chunk 4 of 5", (await _lab.FetchAsync(path)).Reason);
    }

    [Fact]
    public async Task A_golden_part_that_is_no_image_refuses_the_new_bank()
    {
        await RestartWithGoldenPartAsync();
        await File.WriteAllTextAsync(_lab.Folder.File("golden/good/text.png"), "no image", TestContext.Current.CancellationToken);

        var reason = (await _lab.PushAsync(_lab.Make())).Reason;

        Assert.StartsWith("a reference part cannot be read: ", reason, StringComparison.Ordinal);
        Assert.Contains("text.png", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bank_that_cannot_judge_a_golden_part_is_refused()
    {
        await RestartWithGoldenPartAsync();
        _lab.Inspecting = () => throw new ImageMismatchException("another size");

        var reason = (await _lab.PushAsync(_lab.Make())).Reason;

        Assert.Equal($"fake version {UpdateLab.Version} cannot judge {_lab.Folder.File("golden/good/10.png")}: another size", reason);
    }

    [Fact]
    public async Task A_previous_bank_that_cannot_be_opened_does_not_come_back()
    {
        await _lab.PushAsync(_lab.Make());
        await File.WriteAllTextAsync(_lab.Bank.Store.PathOf(_lab.Bank.Store.Banks.Previous), "no bank at all, only text", TestContext.Current.CancellationToken);

        var error = Assert.Throws<UpdateRefusedException>(() => _lab.Bank.RollBack("test", "asked for"));

        Assert.StartsWith("fake version 5 cannot be opened: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(6, _lab.Bank.Detector.Info!.BankVersion);
    }

    [Fact]
    public async Task The_bank_that_judges_is_not_taken_again()
    {
        var same = _lab.Signer.File("same.mrfbank");
        File.Copy(_lab.Folder.File("configured.mrfbank"), same);

        Assert.Equal("it judges already", (await _lab.PushAsync(_lab.Signer.Sign(same))).Reason);
    }

    [Fact]
    public async Task The_configured_bank_alone_needs_room_for_a_copy()
    {
        Assert.Equal(new FileInfo(_lab.Folder.File("configured.mrfbank")).Length, _lab.Bank.Store.BytesToBackUp);

        await _lab.PushAsync(_lab.Make());

        Assert.Equal(0, _lab.Bank.Store.BytesToBackUp);
    }

    [Fact]
    public async Task An_update_whose_key_is_no_longer_trusted_after_a_restart_is_given_up()
    {
        _lab.Updates.Offer(Manifests.ReadBeside(_lab.Make()), "mqtt", "test");
        await _lab.StopAsync();
        Assert.NotNull(IncomingOffer.Find(_lab.Bank.Store));
        using var other = new BankSigner();
        _lab.Options = _lab.Options with { TrustedKeys = [other.Trusted] };

        await _lab.StartAsync();

        await Poll.UntilAsync(() => IncomingOffer.Find(_lab.Bank.Store) is null, "the offer is deleted");
    }

    [Fact]
    public async Task A_bank_that_a_start_cannot_open_is_noted_in_the_audit_log_as_rolled_back_by_the_station()
    {
        await _lab.PushAsync(_lab.Make());
        await _lab.StopAsync();
        await File.WriteAllTextAsync(_lab.Bank.Store.PathOf(_lab.Bank.Store.Banks.Current), "no bank at all, only text", TestContext.Current.CancellationToken);

        await _lab.StartAsync();

        var last = JsonNode.Parse(File.ReadLines(Path.Combine(_lab.State, "audit.jsonl")).Last())!;
        Assert.Equal(("station", "rolled_back", 6), ((string?)last["by"], (string?)last["result"], (int?)last["version"]));
        Assert.Equal(UpdateLab.Version, _lab.Bank.Detector.Info!.BankVersion);
    }

    private async Task RestartWithGoldenPartAsync()
    {
        await _lab.StopAsync();
        _lab.AddGolden("good", 10);
        await _lab.StartAsync();
    }

    [Fact]
    public async Task Two_rollbacks_are_none()
    {
        await _lab.PushAsync(_lab.Make());

        Assert.Equal(5, _lab.Bank.RollBack("test", "asked for").Version);
        Assert.Equal(6, _lab.Bank.RollBack("test", "asked for").Version);
        Assert.Equal(5, _lab.Bank.Store.Banks.Previous!.Version);
    }

    [Fact]
    public async Task The_configured_file_replaced_by_hand_is_the_one_to_use()
    {
        await _lab.PushAsync(_lab.Make());
        await _lab.StopAsync();
        TestModel.Write(_lab.Folder.File("configured.mrfbank"), version: 9);

        await _lab.StartAsync();

        Assert.Equal(9, _lab.Bank.Detector.Info!.BankVersion);
    }

    [Fact]
    public async Task The_old_bank_can_come_back_although_its_file_was_written_over()
    {
        await _lab.PushAsync(_lab.Make());
        File.WriteAllText(_lab.Folder.File("configured.mrfbank"), "gone");

        Assert.Equal(5, _lab.Bank.RollBack("test", "asked for").Version);
    }

    [Fact]
    public async Task A_bank_comes_from_a_file()
    {
        Assert.Equal(UpdateResult.Accepted, (await _lab.FetchAsync(_lab.Make())).Result);
        Assert.Equal(6, _lab.Bank.Detector.Info!.BankVersion);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_bank_comes_from_a_server_that_cuts_each_answer(bool ranges)
    {
        await using var server = new CuttingServer(_lab.Make(), ranges) { MaxBytes = ranges ? 100_000 : 290_000 };

        Assert.Equal(UpdateResult.Accepted, (await _lab.FetchAsync(server.Address)).Result);
        Assert.True(server.Answers > 2);
        Assert.Equal(6, _lab.Bank.Detector.Info!.BankVersion);
    }

    [Fact]
    public async Task A_server_that_breaks_connections_off_is_asked_again()
    {
        await using var server = new CuttingServer(_lab.Make(), ranges: true) { MaxBytes = 100_000, Resets = true };

        Assert.Equal(UpdateResult.Accepted, (await _lab.FetchAsync(server.Address)).Result);
    }

    [Fact]
    public async Task A_broker_that_takes_no_chunks_ends_the_push()
    {
        _lab.Broker.Passing = message => message.Topic.Contains("/update/chunk/", StringComparison.Ordinal) ? throw new MqttLinkException(MqttFailure.Refused, "not authorised") : message;

        await using var link = _lab.Broker.Connect();
        var push = new BankPush(link, _lab.Topics, _lab.Make(), TimeProvider.System);
        var e = await Assert.ThrowsAsync<IOException>(() => push.RunAsync(null, CancellationToken.None).WaitAsync(TestTimeout.Value));

        Assert.Contains("not authorised", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signed_manifest_that_is_damaged_is_not_pushed()
    {
        var path = _lab.Make();
        File.WriteAllBytes(path + Manifests.Extension, Manifests.Bytes(Manifests.ReadBeside(path) with { Manifest = "{oops" }));

        var e = Assert.Throws<UpdateRefusedException>(() => new BankPush(_lab.Broker.Connect(), _lab.Topics, path, TimeProvider.System));

        Assert.StartsWith("the manifest cannot be read", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_version_is_refused_although_a_bank_of_another_name_judges_now()
    {
        Assert.Equal(UpdateResult.Accepted, (await _lab.PushAsync(_lab.Make(1, id: "other"))).Result);

        var outcome = await _lab.PushAsync(_lab.Make(4));

        Assert.Equal(UpdateResult.Refused, outcome.Result);
        Assert.Contains("fake version 4 is not newer than version 5", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_station_that_was_killed_before_it_wrote_its_public_key_starts_and_writes_it()
    {
        await _lab.StopAsync();
        var file = Path.Combine(_lab.State, "station-s1.pub");
        var before = File.ReadAllText(file);
        File.Delete(file);

        await _lab.StartAsync();

        Assert.Equal(before, File.ReadAllText(file));
    }

    [Fact]
    public async Task A_server_with_another_file_is_refused()
    {
        var path = _lab.Make();
        await using var server = new CuttingServer(path, ranges: true);
        var bytes = File.ReadAllBytes(path);
        bytes[200_000] ^= 1;
        File.WriteAllBytes(path, bytes);

        var outcome = await _lab.FetchAsync(server.Address);

        Assert.Equal(UpdateResult.Refused, outcome.Result);
        Assert.Contains("chunk 3 has other bytes than the manifest says", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal(5, _lab.Bank.Detector.Info!.BankVersion);
    }

    [Fact]
    public void A_private_key_is_encrypted_and_opens_with_its_passphrase_alone()
    {
        SigningKey.Create(_lab.Signer.File("keys"), "k", "secret").Dispose();
        var file = _lab.Signer.File("keys/k.key");

        Assert.Contains("ENCRYPTED PRIVATE KEY", File.ReadAllText(file), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal("k", SigningKey.Open(file, "secret").Id);
        Assert.Throws<IOException>(() => SigningKey.Open(file, "other"));
    }
}
