using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace MrfAd.Engine.Onnx;

/// <summary>
/// A model loaded into ONNX Runtime: the one file that touches its sessions. Runs on the CPU.
/// </summary>
public sealed class OnnxSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();

    /// <summary>Of ONNX Runtime.</summary>
    public static string RuntimeVersion => OrtEnv.Instance().GetVersionString();

    /// <param name="model">An ONNX file's bytes.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <param name="threads">Threads of one run.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the model.</exception>
    public OnnxSession(byte[] model, string name, int threads)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };

        // Between two runs the threads sleep: the search that follows needs the same cores.
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        try
        {
            _session = new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new OnnxModelException($"{name}: ONNX Runtime refuses the model: {e.Message}", e);
        }
    }

    /// <summary>A way to run the model over and over on one input shape, without allocating after the first run.</summary>
    public Run Prepare(string input, long[] shape, IReadOnlyList<string> outputs) => Prepare([(input, shape)], outputs);

    /// <inheritdoc cref="Prepare(string, long[], IReadOnlyList{string})"/>
    public Run Prepare(IReadOnlyList<(string Name, long[] Shape)> inputs, IReadOnlyList<string> outputs) => new(this, inputs, outputs);

    public void Dispose()
    {
        _runOptions.Dispose();
        _session.Dispose();
    }

    /// <summary>Input buffers, and output buffers that fit them.</summary>
    public sealed class Run : IDisposable
    {
        private readonly OnnxSession _owner;
        private readonly string[] _inputNames;
        private readonly string[] _outputNames;
        private readonly OrtValue[] _inputs;
        private readonly OrtValue[] _outputs;

        internal Run(OnnxSession owner, IReadOnlyList<(string Name, long[] Shape)> inputs, IReadOnlyList<string> outputs)
        {
            _owner = owner;
            _inputNames = [.. inputs.Select(i => i.Name)];
            _outputNames = [.. outputs];
            _inputs = [.. inputs.Select(i => OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, i.Shape))];
            _outputs = new OrtValue[outputs.Count];
            OutputShapes = new long[outputs.Count][];
        }

        /// <summary>The first input tensor's values, to be filled before <see cref="Execute"/>.</summary>
        public Span<float> Input => InputAt(0);

        /// <summary>The values of input i.</summary>
        public Span<float> InputAt(int i) => _inputs[i].GetTensorMutableDataAsSpan<float>();

        /// <summary>Known after the first <see cref="Execute"/>.</summary>
        public long[][] OutputShapes { get; }

        /// <exception cref="OnnxModelException">The model cannot run on this shape.</exception>
        public void Execute()
        {
            try
            {
                if (_outputs[0] is not null)
                {
                    _owner._session.Run(_owner._runOptions, _inputNames, _inputs, _outputNames, _outputs);
                    return;
                }

                // The first run tells the shapes of the outputs and leaves buffers for all later ones.
                var made = _owner._session.Run(_owner._runOptions, _inputNames, _inputs, _outputNames);
                for (var i = 0; i < _outputs.Length; i++)
                {
                    _outputs[i] = made[i];
                    OutputShapes[i] = made[i].GetTensorTypeAndShape().Shape;
                }
            }
            catch (OnnxRuntimeException e)
            {
                throw new OnnxModelException($"the encoder cannot run on this input: {e.Message}", e);
            }
        }

        /// <summary>The values of output i, until the next <see cref="Execute"/>.</summary>
        public ReadOnlySpan<float> Output(int i) => _outputs[i].GetTensorDataAsSpan<float>();

        public void Dispose()
        {
            foreach (var value in _inputs.Concat(_outputs))
                value?.Dispose();
        }
    }
}
