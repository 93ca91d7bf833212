namespace MrfAd.Onnx.Sessions;

/// <summary>On what graphs are to run.</summary>
public sealed record OnnxDevice
{
    public static OnnxDevice Cpu { get; } = new();

    public Provider Provider { get; init; } = Provider.Cpu;

    /// <summary>Where TensorRT keeps the engines it has built (<see cref="EngineCache"/>); null: it builds them at each start.</summary>
    public string? EngineFolder { get; init; }

    /// <summary>Bytes of a GPU's memory that a bank's rows may take; banks that need more are searched on the CPU. Null: what there is.</summary>
    public long? SearchMemory { get; init; }

    /// <summary>Where equal encoders find each other's graphs; null: each loads its own.</summary>
    public SharedSessions? Shared { get; init; }

    /// <summary>Told, one sentence each, what takes long or did not work.</summary>
    public Action<string>? Say { get; init; }
}
