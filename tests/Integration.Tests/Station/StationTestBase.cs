using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>A broker of its own for each test, a client that listens to the station, and a folder for parts.</summary>
public abstract class StationTestBase(LearnedStation learned) : IClassFixture<LearnedStation>, IAsyncLifetime
{
    protected LearnedStation Learned => learned;

    protected TemporaryFolder Folder { get; } = new();

    protected HttpClient Http { get; } = new();

    protected MosquittoBroker Broker { get; private set; } = null!;

    protected Listener Listener { get; private set; } = null!;

    protected string Parts => Folder.File("parts");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Parts);
        Broker = await MosquittoBroker.StartNewAsync();
        Listener = await Listener.ConnectedAsync(Broker.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        await Broker.DisposeAsync();
        Http.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected AgentProcess Run(string cameras, IReadOnlyDictionary<string, string>? environment = null) =>
        AgentProcess.Start(["run", "--config", learned.Configure(Folder, Broker.Port, cameras)], environment);
}
