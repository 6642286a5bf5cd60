namespace HyperDas.Engine.Checkpoints;

/// <summary>How a stored tensor holds the weights of its roles.</summary>
public enum WeightLayout
{
    /// <summary>The roles' rows, one role after the other.</summary>
    Rows,

    /// <summary>The same, transposed: <c>[inputs, outputs]</c> (GPT-2's Conv1D).</summary>
    Columns,

    /// <summary>Rows head by head, and within each head role by role (GPT-NeoX).</summary>
    RowsByHead,
}

/// <summary>A tensor in a checkpoint, and the roles of its weights.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Block">0-based index of the block; -1 outside of blocks.</param>
/// <param name="Layout">Its layout.</param>
/// <param name="Roles">The roles, in their order in the tensor.</param>
public sealed record StoredWeight(string Name, int Block, WeightLayout Layout, params WeightRole[] Roles)
{
    /// <summary>A tensor that holds one weight in the layout in which it is used.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="role">The role.</param>
    /// <param name="block">0-based index of the block; -1 outside of blocks.</param>
    public StoredWeight(string name, WeightRole role, int block = -1)
        : this(name, block, WeightLayout.Rows, role)
    {
    }

    /// <summary>Shape in the file.</summary>
    /// <param name="config">The model's shape.</param>
    public long[] Shape(ModelConfig config)
    {
        long[][] parts = [.. Roles.Select(role => WeightShapes.Of(config, role))];
        long rows = parts.Sum(p => p[0]);
        return parts[0].Length == 1 ? [rows] : Layout == WeightLayout.Columns ? [parts[0][1], rows] : [rows, parts[0][1]];
    }

    /// <summary>Names of single weights: that of the tensor that holds it, followed by the role where it holds more than one.</summary>
    /// <param name="weights">The tensors of a checkpoint.</param>
    public static Dictionary<(WeightRole Role, int Block), string> NamesByRole(IEnumerable<StoredWeight> weights) => weights
        .SelectMany(stored => stored.Roles.Select(
            role => (Key: (role, stored.Block), Name: stored.Roles.Length == 1 ? stored.Name : $"{stored.Name}[{role}]")))
        .ToDictionary(pair => pair.Key, pair => pair.Name);
}
