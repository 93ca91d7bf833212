namespace MrfAd.Integration.Tests.Attacks;

/// <summary>
/// The attack suite: each row of the tables is carried out against one running station, and must have its outcome and leave the station as it was
/// (<see cref="AttackedStation"/>). A new attack is a new row.
/// </summary>
public sealed class AttackTests(AttackedStation station) : IClassFixture<AttackedStation>, IAsyncLifetime
{
    public static TheoryData<string> OverMqtt => [.. MqttAttacks.All.Select(a => a.Name)];

    public static TheoryData<string> OverHttp => [.. HttpAttacks.All.Select(a => a.Name)];

    public static TheoryData<string> InTheFolder => [.. FolderAttacks.All.Select(a => a.Name)];

    public async ValueTask InitializeAsync() => await station.StartedAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(OverMqtt))]
    public Task A_client_of_the_broker_neither_ends_the_station_nor_changes_how_it_judges(string attack) => station.WithstandsAsync(MqttAttacks.All, attack);

    [Theory]
    [MemberData(nameof(OverHttp))]
    public Task A_client_of_the_web_server_neither_ends_the_station_nor_changes_how_it_judges(string attack) => station.WithstandsAsync(HttpAttacks.All, attack);

    [Theory]
    [MemberData(nameof(InTheFolder))]
    public Task Files_in_a_watched_folder_neither_end_the_station_nor_change_how_it_judges(string attack) => station.WithstandsAsync(FolderAttacks.All, attack);
}
