namespace HyperDas.Engine.Checkpoints.Pickle;

/// <summary>Meaning of a name that a pickle may ask for.</summary>
internal enum PickleRole
{
    /// <summary>A dictionary.</summary>
    Dictionary,

    /// <summary>Creates a tensor from a storage: (storage, offset, size, strides, ...).</summary>
    Tensor,

    /// <summary>The same with a separate element type: (storage, offset, size, strides, gradient, hooks, type, ...).</summary>
    TypedTensor,

    /// <summary>Returns its first argument: a parameter is its tensor.</summary>
    Parameter,

    /// <summary>Calls its first argument with the third: a tensor of a class.</summary>
    OfClass,

    /// <summary>A shape, which is a tuple.</summary>
    Shape,

    /// <summary>A kind of storage, and with it an element type.</summary>
    Storage,

    /// <summary>An element type.</summary>
    ElementType,

    /// <summary>A class of tensors.</summary>
    TensorClass,
}

/// <summary>A name that a pickle of tensors may ask for. Names that aren't listed are errors, and nothing is ever executed.</summary>
/// <param name="Name">Module and name, with a dot between.</param>
/// <param name="Role">Its meaning.</param>
/// <param name="Dtype">For storages and element types, the safetensors name.</param>
internal sealed record PickleGlobal(string Name, PickleRole Role, string? Dtype = null)
{
    /// <summary>Element type of storages whose bytes may be of any type.</summary>
    public const string Untyped = "U8";

    private static readonly Dictionary<string, PickleGlobal> s_all = new PickleGlobal[]
    {
        new("collections.OrderedDict", PickleRole.Dictionary),
        new("torch._utils._rebuild_tensor", PickleRole.Tensor),
        new("torch._utils._rebuild_tensor_v2", PickleRole.Tensor),
        new("torch._utils._rebuild_tensor_v3", PickleRole.TypedTensor),
        new("torch._utils._rebuild_parameter", PickleRole.Parameter),
        new("torch._utils._rebuild_parameter_with_state", PickleRole.Parameter),
        new("torch._tensor._rebuild_from_type_v2", PickleRole.OfClass),
        new("torch.Size", PickleRole.Shape),
        new("torch.Tensor", PickleRole.TensorClass),
        new("torch.nn.parameter.Parameter", PickleRole.TensorClass),
        new("torch.nn.parameter.Buffer", PickleRole.TensorClass),
        Storage("FloatStorage", "F32"), Storage("DoubleStorage", "F64"), Storage("HalfStorage", "F16"), Storage("BFloat16Storage", "BF16"),
        Storage("LongStorage", "I64"), Storage("IntStorage", "I32"), Storage("ShortStorage", "I16"), Storage("CharStorage", "I8"),
        Storage("ByteStorage", Untyped), Storage("BoolStorage", "BOOL"), Storage("ComplexFloatStorage", "C64"),
        Storage("ComplexDoubleStorage", "C128"),
        Storage("UntypedStorage", Untyped), new("torch.storage.UntypedStorage", PickleRole.Storage, Untyped),
        Type("float32", "F32"), Type("float64", "F64"), Type("float16", "F16"), Type("bfloat16", "BF16"), Type("int64", "I64"),
        Type("int32", "I32"),
        Type("int16", "I16"), Type("int8", "I8"), Type("uint8", "U8"), Type("uint16", "U16"), Type("uint32", "U32"), Type("uint64", "U64"),
        Type("bool", "BOOL"),
        Type("complex64", "C64"), Type("complex128", "C128"), Type("float8_e4m3fn", "F8_E4M3"), Type("float8_e5m2", "F8_E5M2"),
        Type("float8_e4m3fnuz", "F8_E4M3FNUZ"), Type("float8_e5m2fnuz", "F8_E5M2FNUZ"), Type("float8_e8m0fnu", "F8_E8M0"),
    }.ToDictionary(g => g.Name, StringComparer.Ordinal);

    /// <summary>Finds a name; null where it isn't allowed.</summary>
    /// <param name="name">Module and name, with a dot between.</param>
    public static PickleGlobal? Find(string name) => s_all.GetValueOrDefault(name);

    private static PickleGlobal Storage(string name, string dtype) => new($"torch.{name}", PickleRole.Storage, dtype);

    private static PickleGlobal Type(string name, string dtype) => new($"torch.{name}", PickleRole.ElementType, dtype);
}
