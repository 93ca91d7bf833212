using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Engine.Search;

/// <summary>
/// The two ONNX models of <see cref="DeviceSearch"/>. Vectors are relative to the bank's mean, in a unit in which its farthest row has the
/// length <see cref="Radius"/>; in fp16 they get eight more coordinates, so that one product gives −‖q−b‖²/2 itself:
/// (t·q, t, t, −t‖q‖²/2 as the sum of two) · (b, −‖b‖²/2 as the sum of two, 1, 1), the last four 0. Its rounding error is then a share of the
/// distance and not of the vectors' lengths. t is 1 but for queries so far away that fp16 would overflow.
/// </summary>
internal static class DeviceGraphs
{
    /// <summary>The distance of the farthest row from the mean, in the unit of the models. Distances from 0.01 to 360 then fit into fp16.</summary>
    public const float Radius = 16;

    /// <summary>The number of additional coordinates of a vector; matrix products are fastest with a multiple of eight.</summary>
    public const int ExtraCoordinates = 8;

    /// <summary>The number of consecutive rows in a group; only the best row of each group is a candidate.</summary>
    public const int GroupRows = 32;

    /// <summary>The number of best candidates that are compared again in fp32.</summary>
    public const int Candidates = 4;

    private const float Far = 200;

    // ‖q‖²/2 is the same for all rows, so it may be cut off where it would overflow.
    private const float MaxSquare = 30_000;

    private static readonly (string, long[], bool) LastAxis = ("axis", [1], false);

    /// <summary>Builds the model that turns rows [T, D] of the type, scales [T, 1] (int8 only), mean [1, D] and unit [1] into "prepared" [T, D + <see cref="ExtraCoordinates"/>] in fp16.</summary>
    public static byte[] Prepare(TensorType type)
    {
        var g = new GraphBuilder("rows");
        var rows = g.Input("rows", type, null, null);
        var values = type == TensorType.F32 ? rows : g.Cast(rows, TensorType.F32, "values");
        if (type == TensorType.I8)
            values = g.Mul(values, g.Input("scales", null, 1), "scaled");
        var halves = g.Cast(About(g, values), TensorType.F16, "halves");
        var square = HalfSquare(g, g.Cast(halves, TensorType.F32, "rounded"));
        var zero = g.Cast(Subtract(g, square, square, "nothing"), TensorType.F16, "zero");
        var one = g.Operator("Exp", "one", [zero]);
        var (high, low) = Parts(g, g.Operator("Neg", "negative", [square]));
        g.Output(g.Concat(1, "prepared", halves, high, low, one, one, zero, zero, zero, zero), TensorType.F16);
        return g.ToGraph(["prepared"]).ToBytes();
    }

    /// <summary>
    /// Builds the model that searches: from features as an encoder gives them, [1, P, D] or [1, D, h, w], patches [Q] (indices into P or h·w), mean [1, D], unit [1] and prepared
    /// rows [T, D + <see cref="ExtraCoordinates"/>], T a multiple of <see cref="GroupRows"/>, to "distance" [Q, 1] and "index" [Q, 1] for those patches.
    /// </summary>
    /// <param name="type">The type of the features: fp32 or fp16.</param>
    /// <param name="addsInFp32">True where the provider accumulates products of fp16 in fp32; otherwise the model computes the products of the same values in fp32.</param>
    public static byte[] Nearest(FeatureLayout layout, TensorType type, bool addsInFp32)
    {
        var g = new GraphBuilder("nearest");
        var patchesFirst = layout == FeatureLayout.PatchesFirst;
        var features = patchesFirst ? g.Input("features", type, 1, null, null) : g.Input("features", type, 1, null, null, null);
        var rows = g.Input("prepared", TensorType.F16, null, null);
        var all = g.Operator("Flatten", "all", [features], ("axis", [2], false)); // [P, D] or [D, P]
        var chosen = g.Operator("Gather", "chosen", [all, g.Input("patches", TensorType.I64, [null])], ("axis", [patchesFirst ? 0 : 1], false));
        var queries = type == TensorType.F32 ? chosen : g.Cast(chosen, TensorType.F32, "values");
        var query = About(g, patchesFirst ? queries : g.Transpose(queries, "patches-first", 1, 0));

        // All rows, in fp16.
        var square = HalfSquare(g, query);
        var far = g.Operator("Max", "far", [Number(g, "near", 1), g.Mul(g.Operator("Sqrt", "length", [square]), Number(g, "reach", MathF.Sqrt(2) / Far), "reaches")]);
        var factor = g.Operator("Reciprocal", "factor", [far]);
        var t = g.Cast(factor, TensorType.F16, "t");
        var zero = g.Cast(Subtract(g, factor, factor, "nothing"), TensorType.F16, "zero");
        var bounded = g.Operator("Min", "bounded", [g.Mul(square, factor, "shrunk"), Number(g, "most", MaxSquare)]);
        var (high, low) = Parts(g, g.Operator("Neg", "negative", [bounded]));
        var extended = g.Concat(1, "extended", g.Cast(g.Mul(query, factor, "drawn-in"), TensorType.F16, "halves"), t, t, high, low, zero, zero, zero, zero);
        var products = addsInFp32
            ? Products(g, "products", extended, rows)
            : g.Cast(Products(g, "sums", g.Cast(extended, TensorType.F32, "extended-values"), g.Cast(rows, TensorType.F32, "row-values")), TensorType.F16, "products");

        // The best row of each group of consecutive rows, and the best of those.
        var axis = g.Integers("first-axis", 0);
        var (best, places) = g.Operator(
            "MaxPool", "best", "places", [g.Operator("Unsqueeze", "line", [products, axis])], ("kernel_shape", [GroupRows], true), ("strides", [GroupRows], true));
        var (_, which) = g.Operator(
            "TopK", "top", "which", [g.Operator("Squeeze", "bests", [best, axis]), g.Integers("candidate-count", Candidates)], LastAxis, ("largest", [1], false));
        var flat = g.Operator("GatherElements", "flat", [g.Operator("Squeeze", "all-places", [places, axis]), which], LastAxis);
        var count = g.Operator("Shape", "count", [rows], ("start", [0], false), ("end", [1], false));
        var candidates = g.Operator("Mod", "candidates", [flat, count]); // [Q, Candidates]

        // The candidates' distances in fp32.
        var gathered = g.Operator("Gather", "gathered", [rows, candidates], ("axis", [0], false));
        var last = g.Integers("last-axis", 2);
        var own = g.Operator("Slice", "own", [gathered, g.Integers("from", 0), g.Integers("to", -ExtraCoordinates), last]);
        var differences = Subtract(g, g.Cast(own, TensorType.F32, "own-values"), g.Operator("Unsqueeze", "query", [query, g.Integers("middle-axis", 1)]), "differences");
        var squared = g.Operator("ReduceSumSquare", "squared", [differences, last], ("keepdims", [0], false));
        var (least, at) = g.Operator("TopK", "least", "at", [squared, g.Integers("one", 1)], LastAxis, ("largest", [0], false));
        g.Output(g.Operator("Div", "distance", [g.Operator("Sqrt", "root", [least]), new Tensor("unit")]));
        g.Output(g.Operator("GatherElements", "index", [candidates, at], LastAxis), TensorType.I64);
        return g.ToGraph(["distance", "index"]).ToBytes();
    }

    /// <returns>The products, [Q, T].</returns>
    private static Tensor Products(GraphBuilder g, string name, Tensor queries, Tensor rows) => g.Operator("Gemm", name, [queries, rows], ("transB", [1], false));

    private static Tensor About(GraphBuilder g, Tensor x) => g.Mul(Subtract(g, x, g.Input("mean", 1, null), "about-mean"), g.Input("unit", 1), "in-unit");

    /// <summary>Returns ‖x‖²/2 of each row, [n, 1].</summary>
    private static Tensor HalfSquare(GraphBuilder g, Tensor x) => g.Mul(g.Operator("ReduceSumSquare", "square", [x, g.Integers("value-axis", 1)]), Number(g, "half", 0.5f), "half-square");

    /// <summary>Splits x into the sum of two fp16 numbers.</summary>
    private static (Tensor High, Tensor Low) Parts(GraphBuilder g, Tensor x)
    {
        var high = g.Cast(x, TensorType.F16, "high");
        return (high, g.Cast(Subtract(g, x, g.Cast(high, TensorType.F32, "high-value"), "rest"), TensorType.F16, "low"));
    }

    private static Tensor Subtract(GraphBuilder g, Tensor a, Tensor b, string name) => g.Operator("Sub", name, [a, b]);

    private static Tensor Number(GraphBuilder g, string name, float value) => g.Constant(name, [value], 1);
}
