using Microsoft.ML.OnnxRuntime;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Onnx.Sessions;

/// <content>A run of the model, repeated on inputs of one shape.</content>
public sealed partial class OnnxSession
{
    /// <summary>Input buffers, and output buffers that fit them, bound to the model once.</summary>
    public sealed class Run : IDisposable
    {
        private readonly OnnxSession _owner;
        private readonly string[] _inputNames;
        private readonly string[] _outputNames;
        private readonly IReadOnlyList<bool>? _left;
        private readonly RuntimeTensor[] _inputs;
        private readonly RuntimeTensor[] _outputs;
        private readonly float[]?[] _widened; // of outputs in fp16
        private readonly OrtIoBinding _binding;

        internal Run(OnnxSession owner, IReadOnlyList<(string Name, long[] Shape)> inputs, IReadOnlyList<string> outputs, IReadOnlyList<bool>? left)
        {
            _owner = owner;
            _inputNames = [.. inputs.Select(i => i.Name)];
            _outputNames = [.. outputs];
            _left = left;
            _inputs = [.. inputs.Select(i => RuntimeTensor.Here(TensorType.F32, i.Shape))];
            _outputs = new RuntimeTensor[outputs.Count];
            _widened = new float[outputs.Count][];
            OutputShapes = new long[outputs.Count][];
            _binding = owner._session.CreateIoBinding();
            BindInputs();
        }

        /// <summary>The first input tensor's values, to be filled before <see cref="Execute"/>.</summary>
        public Span<float> Input => InputAt(0);

        /// <summary>The values of input i.</summary>
        public Span<float> InputAt(int i) => _inputs[i].Values<float>();

        /// <summary>Takes an input from a tensor, which stays its owner's: from where it is on the device; from this process's memory its present values go there.</summary>
        public void Bind(string input, RuntimeTensor tensor) => _binding.BindInput(input, tensor.Value);

        /// <summary>Known after the first <see cref="Execute"/>.</summary>
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

        /// <summary>The values of output i, until the next <see cref="Execute"/>.</summary>
        public ReadOnlySpan<float> Output(int i)
        {
            if (_widened[i] is not { } values)
                return _outputs[i].Values<float>();
            var halves = _outputs[i].Values<Float16>();
            for (var k = 0; k < values.Length; k++)
                values[k] = (float)BitConverter.UInt16BitsToHalf(halves[k].value);
            return values;
        }

        /// <summary>The values of output i, of 64-bit whole numbers, until the next <see cref="Execute"/>.</summary>
        public ReadOnlySpan<long> Integers(int i) => _outputs[i].Values<long>();

        /// <summary>Output i where it is, known after the first <see cref="Execute"/>: its values are the next one's then.</summary>
        public RuntimeTensor Tensor(int i) => _outputs[i];

        public void Dispose()
        {
            _binding.Dispose();
            foreach (var tensor in _inputs.Concat(_outputs))
                tensor?.Dispose();
        }

        /// <summary>Binding copies the values to the device where the provider has memory of its own: there it is done anew for each run.</summary>
        private void BindInputs()
        {
            for (var i = 0; i < _inputs.Length; i++)
                Bind(_inputNames[i], _inputs[i]);
        }

        /// <summary>The first run tells the shapes of the outputs and leaves buffers for all later ones.</summary>
        private void ExecuteFirst()
        {
            for (var i = 0; i < _outputNames.Length; i++)
            {
                if (_left?[i] == true)
                    _owner.LeaveOnDevice(_binding, _outputNames[i]);
                else
                    _binding.BindOutputToDevice(_outputNames[i], OrtMemoryInfo.DefaultInstance);
            }

            var made = _owner._session.RunWithBoundResults(_owner._runOptions, _binding);
            _binding.ClearBoundOutputs();
            for (var i = 0; i < _outputs.Length; i++)
            {
                var left = _left?[i] == true;
                _binding.BindOutput(_outputNames[i], made[i]);
                _outputs[i] = new RuntimeTensor(made[i], !left || _owner.ComputesHere);
                OutputShapes[i] = _outputs[i].Shape;
                if (!left && _outputs[i].Type == TensorType.F16)
                    _widened[i] = new float[made[i].GetTensorTypeAndShape().ElementCount];
            }

            _owner.ReadProfile();
        }
    }
}
