using MrfAd.Engine.Features;
using MrfAd.Engine.Search;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Banks;

/// <summary>The searches over a bank's branches: on the device that runs the encoder where that is a GPU and all of them fit, else on the CPU.</summary>
public sealed class BankSearches : IDisposable
{
    private readonly SearchDevice? _device;
    private readonly List<DeviceSearch> _own = [];
    private readonly GraphPlacement? _refused;

    /// <param name="bank">The bank, which must stay open as long as this object is used.</param>
    /// <param name="device">The device to search on; null means the CPU. An approximate search, where the bank asks for one, always runs on the CPU.</param>
    public BankSearches(BankFile bank, OnnxDevice? device)
    {
        if (device is not null and not { Provider: Provider.Cpu } && bank.Description.Options.Search == SearchMethod.Exact)
        {
            try
            {
                var exact = bank.BranchNames.Select(bank.CreateExactSearch).ToList();
                var bytes = exact.Sum(e => DeviceSearch.BytesOf(e.Count, e.Dimension));
                if (bytes > device.SearchMemory)
                    throw new OnnxModelException(FormattableString.Invariant($"the bank's rows need {bytes / 1e6:0.0} MB of the device's memory, it may take {device.SearchMemory / 1e6:0.0} MB"));
                _device = SearchDevice.Open(device);
                Branches = [.. exact.Select(OnDevice)];
                return;
            }
            catch (OnnxModelException e)
            {
                Dispose();
                (_device, _refused) = (null, new GraphPlacement("search", WantedFrom(device), Provider.Cpu, [e.Message], new Dictionary<Provider, int>()));
            }
        }

        Branches = [.. bank.BranchNames.Select(bank.CreateSearch)];
    }

    /// <summary>One search for each branch, in the bank's order.</summary>
    public IReadOnlyList<IRowSearch> Branches { get; }

    /// <summary>The provider on which the searches run; null where only the CPU was requested.</summary>
    public GraphPlacement? Placement => _device?.Placement ?? _refused;

    public void Dispose()
    {
        _own.ForEach(s => s.Dispose());
        _own.Clear();
        _device?.Dispose();
    }

    private IRowSearch OnDevice(ExactSearch exact)
    {
        if (exact.Count < DeviceSearch.MinRows)
            return exact;
        _own.Add(new DeviceSearch(_device!, exact));
        _own[^1].Check();
        return _own[^1];
    }

    private static Provider WantedFrom(OnnxDevice device) => device.Provider == Provider.Auto ? Provider.Auto : Provider.Cuda;
}
