using System.Reflection;
using System.Text.Json;

namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>
/// A family of models: what its <c>config.json</c> means and where its weights are. It computes nothing. A new family is a new subclass in
/// this folder, which is discovered automatically, and a fixture (docs/families.md).
/// </summary>
internal abstract class ModelFamily
{
    private static readonly Lazy<ModelFamily[]> s_all = new(() =>
    [
        .. Loadable(typeof(ModelFamily).Assembly.GetTypes).Where(t => t.IsSubclassOf(typeof(ModelFamily)) && !t.IsAbstract)
            .Select(t => (ModelFamily)Activator.CreateInstance(t)!).OrderBy(f => f.Type, StringComparer.Ordinal),
    ]);

    /// <summary>All families, by name.</summary>
    public static IReadOnlyList<ModelFamily> All => s_all.Value;

    /// <summary>Its <c>model_type</c>.</summary>
    public abstract string Type { get; }

    /// <summary>The Hugging Face classes whose files it reads: the one with a head first.</summary>
    public abstract IReadOnlyList<string> Architectures { get; }

    /// <summary>Prefix of the tensor names, except in files that were saved without the head.</summary>
    protected virtual string Prefix => "model.";

    /// <summary>Reads a configuration.</summary>
    /// <param name="config">The file.</param>
    protected abstract ModelConfig Read(ConfigReader config);

    /// <summary>The tensors of a checkpoint in a fixed order, with their roles.</summary>
    /// <param name="config">The model's shape.</param>
    public abstract IEnumerable<StoredWeight> Weights(ModelConfig config);

    /// <summary>
    /// A small new model of this family for training from scratch, as <c>config.json</c>; null where the family doesn't support that.
    /// </summary>
    /// <param name="sizes">Its sizes.</param>
    public virtual string? Sketch(NewModelSizes sizes) => null;

    /// <summary>Whether a tensor is computed rather than learned: a mask or a table.</summary>
    /// <param name="name">Its name.</param>
    public virtual bool IsBuffer(string name) => name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    /// <summary>Names under which a checkpoint may hold a tensor.</summary>
    /// <param name="name">Its usual name.</param>
    public IEnumerable<string> NamesOf(string name) => name.StartsWith(Prefix, StringComparison.Ordinal)
        ? [name, name[Prefix.Length..]]
        : [name];

    /// <summary>The family of a configuration.</summary>
    /// <param name="config">The configuration.</param>
    public static ModelFamily Of(ModelConfig config) => All.First(f => f.Type == config.Family);

    /// <summary>Reads and checks a configuration.</summary>
    /// <param name="root">The file.</param>
    /// <param name="path">Its path, for errors.</param>
    /// <exception cref="HyperDasException"><c>ModelConfigInvalid</c>, <c>ModelFormatUnsupported</c>.</exception>
    public static ModelConfig Read(JsonElement root, string path)
    {
        ConfigReader config = new(root, path);
        string supported = string.Join(", ", All.Select(f => f.Type));
        string type = config.Text("model_type") ?? throw config.Invalid("model_type", "missing", $"it must be one of {supported}");
        ModelFamily family = All.FirstOrDefault(f => f.Type == type)
            ?? throw config.Unsupported("model_type", $"\"{type}\"", $"these families are supported: {supported}");
        family.RefuseOtherArchitectures(config);
        ModelConfig read = family.Read(config);
        ConfigKeys.Check(config, type, read.MaxPositions);
        return read with { Family = type, Remarks = [.. config.Remarks], Source = root.GetRawText() };
    }

    /// <summary>
    /// Types of an assembly, except those of other rooms whose own dependencies are missing: a program may use models alone.
    /// </summary>
    /// <param name="types">Returns them, as <see cref="Assembly.GetTypes"/> does.</param>
    internal static IEnumerable<Type> Loadable(Func<Type[]> types)
    {
        try
        {
            return types();
        }
        catch (ReflectionTypeLoadException e)
        {
            return e.Types.OfType<Type>();
        }
    }

    private void RefuseOtherArchitectures(ConfigReader config)
    {
        if (config.Texts("architectures") is { Length: > 0 } claimed
            && !claimed.Any(c => Architectures.Contains(c, StringComparer.OrdinalIgnoreCase)))
        {
            throw config.Unsupported(
                "architectures", $"\"{claimed[0]}\"",
                $"it contradicts 'model_type', \"{Type}\", which requires {string.Join(" or ", Architectures)}");
        }
    }
}
