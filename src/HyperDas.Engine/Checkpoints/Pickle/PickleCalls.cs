namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>Results of the calls that a pickle of tensors may contain: descriptions of tensors. No tensor is created here.</summary>
internal static class PickleCalls
{
    /// <summary>The result of a call.</summary>
    /// <param name="callee">The callee.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="PickleException">Other arguments than tensors have.</exception>
    public static object? Call(PickleGlobal callee, object?[] arguments) => callee.Role switch
    {
        PickleRole.Dictionary => Dictionary(arguments),
        PickleRole.Tensor => Tensor(callee, arguments, null),
        PickleRole.TypedTensor => Tensor(callee, arguments, At(callee, arguments, 6) as PickleGlobal ?? throw Wrong(callee)),
        PickleRole.Parameter => At(callee, arguments, 0) as PickledTensor ?? throw Wrong(callee),
        PickleRole.OfClass when At(
            callee, arguments, 0) is PickleGlobal { Role: PickleRole.Tensor or PickleRole.TypedTensor or PickleRole.Parameter } inner
            && At(callee, arguments, 1) is PickleGlobal { Role: PickleRole.TensorClass } && At(callee, arguments, 2) is object?[] passed =>
                Call(inner, passed),
        PickleRole.Shape => At(callee, arguments, 0) as object?[] ?? throw Wrong(callee),
        _ => throw Wrong(callee),
    };

    private static PickleDictionary Dictionary(object?[] arguments)
    {
        PickleDictionary dictionary = new();
        foreach (object? item in arguments is [List<object?> pairs] ? pairs : [])
        {
            dictionary.Pairs.Add(item switch
            {
                List<object?> { Count: 2 } pair => new(pair[0], pair[1]),
                object?[] { Length: 2 } pair => new(pair[0], pair[1]),
                _ => throw new PickleException("an item of a dictionary isn't a pair"),
            });
        }
        return dictionary;
    }

    private static PickledTensor Tensor(PickleGlobal callee, object?[] arguments, PickleGlobal? type)
    {
        PickledStorage storage = At(callee, arguments, 0) as PickledStorage ?? throw Wrong(callee);
        string dtype = type is null ? storage.Dtype : type is { Role: PickleRole.ElementType, Dtype: { } own } ? own : throw Wrong(callee);
        long[] shape = Numbers(callee, At(callee, arguments, 2)), strides = Numbers(callee, At(callee, arguments, 3));
        long offset = At(callee, arguments, 1) is long first and >= 0 ? first : throw Wrong(callee);
        return shape.Length == strides.Length && shape.Length <= SafetensorsHeader.MaxDimensions
            ? new PickledTensor(storage, dtype, offset, shape, strides)
            : throw new PickleException(
                $"a tensor has {shape.Length} dimensions and {strides.Length} strides; at most {SafetensorsHeader.MaxDimensions} are possible");
    }

    private static long[] Numbers(PickleGlobal callee, object? tuple) => tuple is object?[] items
        && items.All(item => item is long and >= 0)
        ? [.. items.Select(item => (long)item!)]
        : throw Wrong(callee);

    private static object? At(PickleGlobal callee, object?[] arguments, int index) => index < arguments.Length
        ? arguments[index]
        : throw Wrong(callee);

    private static PickleException Wrong(PickleGlobal callee) => new($"'{callee.Name}' is used in a way that tensors don't need");
}
