namespace MrfAd.Onnx.Sessions;

/// <summary>The device on which graphs run, and its settings.</summary>
public sealed record OnnxDevice
{
    public static OnnxDevice Cpu { get; } = new();

    public Provider Provider { get; init; } = Provider.Cpu;

    /// <summary>The folder in which TensorRT keeps the engines it has built (<see cref="EngineCache"/>); null means that it builds them at each start.</summary>
    public string? EngineFolder { get; init; }

    /// <summary>Maximum GPU memory for a bank's rows, bytes; banks that need more are searched on the CPU. Null means all free memory.</summary>
    public long? SearchMemory { get; init; }

    /// <summary>The sessions that equal encoders share; null means that each encoder loads its own.</summary>
    public SharedSessions? Shared { get; init; }

    /// <summary>Called with a sentence about each step that takes long or failed.</summary>
    public Action<string>? Report { get; init; }
}
