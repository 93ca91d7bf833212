using Microsoft.ML.OnnxRuntime;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Sessions;

/// <content>A run of the model, repeated on inputs of one shape.</content>
public sealed partial class OnnxSession
{
    /// <summary>Input buffers and matching output buffers, which are bound to the model once.</summary>
    public sealed class Run : IDisposable
    {
        private readonly OnnxSession _owner;
        private readonly string[] _inputNames;
        private readonly string[] _outputNames;
        private readonly IReadOnlyList<bool>? _keepOnDevice;
        private readonly RuntimeTensor[] _inputs;
        private readonly RuntimeTensor[] _outputs;
        private readonly float[]?[] _widened; // fp32 copies of fp16 outputs
        private readonly OrtIoBinding _binding;

        internal Run(OnnxSession owner, IReadOnlyList<(string Name, long[] Shape)> inputs, IReadOnlyList<string> outputs, IReadOnlyList<bool>? keepOnDevice)
        {
            _owner = owner;
            _inputNames = [.. inputs.Select(i => i.Name)];
            _outputNames = [.. outputs];
            _keepOnDevice = keepOnDevice;
            _inputs = [.. inputs.Select(i => RuntimeTensor.Here(TensorType.F32, i.Shape))];
            _outputs = new RuntimeTensor[outputs.Count];
            _widened = new float[outputs.Count][];
            OutputShapes = new long[outputs.Count][];
            _binding = owner._session.CreateIoBinding();
            BindInputs();
        }

        /// <summary>The first input tensor's values, to be filled before <see cref="Execute"/>.</summary>
        public Span<float> Input => InputAt(0);

        /// <summary>Returns the buffer of input i.</summary>
        public Span<float> InputAt(int i) => _inputs[i].Values<float>();

        /// <summary>Binds an input to a tensor, which its owner keeps: one on the device is used in place; of one in this process's memory the current values are copied to the device.</summary>
        public void Bind(string input, RuntimeTensor tensor) => _binding.BindInput(input, tensor.Value);

        /// <summary>The shapes of the outputs, known after the first <see cref="Execute"/>.</summary>
        public long[][] OutputShapes { get; }

        /// <exception cref="OnnxModelException">The model cannot run on this shape.</exception>
        public void Execute()
        {
            try
            {
                if (!_owner.ComputesHere)
                    BindInputs();
                if (_outputs[0] is null)
                    ExecuteFirst();
                else
                    _owner._session.RunWithBinding(_owner._runOptions, _binding);
            }
            catch (OnnxRuntimeException e)
            {
                throw _owner.Failed(e);
            }
        }

        /// <summary>Returns the values of output i, valid until the next <see cref="Execute"/>.</summary>
        public ReadOnlySpan<float> Output(int i)
        {
            if (_widened[i] is not { } values)
                return _outputs[i].Values<float>();
            var halves = _outputs[i].Values<Float16>();
            for (var k = 0; k < values.Length; k++)
                values[k] = (float)BitConverter.UInt16BitsToHalf(halves[k].value);
            return values;
        }

        /// <summary>Returns the values of output i of 64-bit integers, valid until the next <see cref="Execute"/>.</summary>
        public ReadOnlySpan<long> Integers(int i) => _outputs[i].Values<long>();

        /// <summary>Returns output i in place, after the first <see cref="Execute"/>; each <see cref="Execute"/> overwrites its values.</summary>
        public RuntimeTensor Tensor(int i) => _outputs[i];

        public void Dispose()
        {
            _binding.Dispose();
            foreach (var tensor in _inputs.Concat(_outputs))
                tensor?.Dispose();
        }

        /// <summary>Binding copies the values to the device where the provider has memory of its own: there it is repeated for each run.</summary>
        private void BindInputs()
        {
            for (var i = 0; i < _inputs.Length; i++)
                Bind(_inputNames[i], _inputs[i]);
        }

        /// <summary>Executes the first run, which determines the outputs' shapes and allocates buffers for all later runs.</summary>
        private void ExecuteFirst()
        {
            for (var i = 0; i < _outputNames.Length; i++)
            {
                if (_keepOnDevice?[i] == true)
                    _owner.LeaveOnDevice(_binding, _outputNames[i]);
                else
                    _binding.BindOutputToDevice(_outputNames[i], OrtMemoryInfo.DefaultInstance);
            }

            var made = _owner._session.RunWithBoundResults(_owner._runOptions, _binding);
            _binding.ClearBoundOutputs();
            for (var i = 0; i < _outputs.Length; i++)
            {
                var keepOnDevice = _keepOnDevice?[i] == true;
                _binding.BindOutput(_outputNames[i], made[i]);
                _outputs[i] = new RuntimeTensor(made[i], !keepOnDevice || _owner.ComputesHere);
                OutputShapes[i] = _outputs[i].Shape;
                if (!keepOnDevice && _outputs[i].Type == TensorType.F16)
                    _widened[i] = new float[made[i].GetTensorTypeAndShape().ElementCount];
            }

            _owner.ReadProfile();
        }
    }
}
