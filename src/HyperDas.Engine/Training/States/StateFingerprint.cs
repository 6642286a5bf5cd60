using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Numerics;

namespace HyperDas.Engine.Training.States;

/// <summary>The inputs of a training by name: trainings with equal parts compute the same.</summary>
internal sealed class StateFingerprint
{
    private const int NamedDifferences = 4;
    private const string HeldPart = "Dtype", ComputedPart = "ComputeDtype";

    private static readonly JsonSerializerOptions s_json = new()
    {
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly SortedDictionary<string, string> _parts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _earlier = [];
    // Implicit values of earlier versions: their states resume if nothing else differs.
    private readonly HashSet<string> _asBefore = new(StringComparer.Ordinal);
    private readonly HashSet<string> _withoutEffect = new(StringComparer.Ordinal);

    /// <summary>The parts by name.</summary>
    public IReadOnlyDictionary<string, string> Parts => _parts;

    /// <summary>The fingerprint of a training on a target model.</summary>
    /// <param name="method">The method.</param>
    /// <param name="model">The target model.</param>
    public static StateFingerprint Of(string method, LanguageModel model)
    {
        StateFingerprint fingerprint = new StateFingerprint()
            .Add("Method", method)
            .Add("Model", model.Fingerprint)
            .Add("Tokenizer", model.Tokenizer.Fingerprint, earlier: model.Tokenizer.Chat is null ? model.Tokenizer.FileHash : null)
            .Add(HeldPart, model.Dtype.ToString())
            .Add("Device", model.Device);
        // If both are the same, states are as before the second one was added.
        return model.ComputeDtype == model.Dtype ? fingerprint : fingerprint.Add(ComputedPart, model.ComputeDtype.ToString());
    }

    /// <summary>The target's number formats with which a training began.</summary>
    /// <param name="saved">Parts of a saved fingerprint.</param>
    /// <param name="place">Location of the fingerprint, for display.</param>
    /// <returns>Null for a training without a target model, or if the formats can't be read.</returns>
    public static NumberFormat? FormatOf(IReadOnlyDictionary<string, string> saved, string place) =>
        saved.TryGetValue(HeldPart, out string? held) && Enum.TryParse(held, out ModelDtype dtype)
            && Enum.TryParse(saved.GetValueOrDefault(ComputedPart, held), out ModelDtype computed)
            ? new NumberFormat(dtype, computed, $"as '{place}' began", Automatic: true)
            : null;

    /// <summary>Adds a short value.</summary>
    /// <param name="name">Name of the part.</param>
    /// <param name="value">The value.</param>
    /// <param name="earlier">Value written by earlier versions; null if it is the same.</param>
    public StateFingerprint Add(string name, string value, string? earlier = null)
    {
        _parts.Add(name, value);
        if (earlier is not null)
        {
            _earlier.Add(name, earlier);
        }
        return this;
    }

    /// <summary>Adds every property of an option record.</summary>
    /// <param name="options">The record.</param>
    /// <param name="addedLater">Properties that older versions lacked, and the values that they implied: omitted where they have these
    /// values, which keeps older states valid.</param>
    public StateFingerprint AddOptions(object options, params (string Name, string Value)[] addedLater)
    {
        string prefix = options.GetType().Name;
        foreach (JsonProperty property in JsonSerializer.SerializeToElement(options, options.GetType(), s_json).EnumerateObject())
        {
            if (!addedLater.Contains((property.Name, property.Value.ToString())))
            {
                string name = $"{prefix}.{property.Name}", value = property.Value.ToString();
                _parts.Add(name, value);
                if (options.GetType().GetProperty(property.Name)?.GetCustomAttribute<BeforeAttribute>()?.Values.Contains(value) == true)
                {
                    _asBefore.Add(name);
                }
            }
        }
        return this;
    }

    /// <summary>Adds those settings of a training that affect its method; earlier versions also wrote the others.</summary>
    /// <param name="options">Options of the training.</param>
    /// <param name="settings">Names of the method's settings.</param>
    public StateFingerprint AddTraining(TrainingOptions options, IReadOnlySet<string> settings)
    {
        AddOptions(options);
        foreach (string name in typeof(TrainingOptions).GetProperties().Select(p => p.Name).Where(name => !settings.Contains(name)))
        {
            _parts.Remove($"{nameof(TrainingOptions)}.{name}");
            _withoutEffect.Add($"{nameof(TrainingOptions)}.{name}");
        }
        return this;
    }

    /// <summary>Adds a part that only some trainings have.</summary>
    /// <param name="has">Whether this training has it.</param>
    /// <param name="add">Adds the part.</param>
    public StateFingerprint AddIf(bool has, Func<StateFingerprint, StateFingerprint> add) => has ? add(this) : this;

    /// <summary>Adds the hash of a long value.</summary>
    /// <param name="name">Name of the part.</param>
    /// <param name="content">Records, lists, texts and numbers.</param>
    public StateFingerprint AddContent(string name, object content)
    {
        using SHA256 hash = SHA256.Create();
        using (CryptoStream stream = new(Stream.Null, hash, CryptoStreamMode.Write))
        {
            JsonSerializer.Serialize(stream, content, content.GetType(), s_json);
        }
        return Add(name, Convert.ToHexStringLower(hash.Hash!));
    }

    /// <summary>Adds the learned content of domains, independent of the location of their files.</summary>
    /// <param name="domains">The domains.</param>
    public StateFingerprint AddDomains(IEnumerable<RavelDomain> domains) =>
        AddContent("Domains", domains.Select(d => new { d.Name, d.Attributes, d.Entities, d.Templates, d.Distractors }).ToArray());

    /// <summary>Adds the pool of training pairs.</summary>
    /// <param name="pool">The pool.</param>
    public StateFingerprint AddPool(RavelPairPool pool) => AddIf(
        pool.Options.OtherDomainShare > 0,
        f => f.Add(nameof(RavelBuildOptions.OtherDomainShare), FormattableString.Invariant($"{pool.Options.OtherDomainShare}"))).AddIf(
        pool.Options.OpeningShare > 0,
        f => f.Add(nameof(RavelBuildOptions.OpeningShare), FormattableString.Invariant($"{pool.Options.OpeningShare}"))).AddContent(
        "Pairs",
        new
        {
            Facts = pool.KnownFacts.Select(f => $"{f.Domain}\n{f.Entity}\n{f.Template}").Order(StringComparer.Ordinal).ToArray(),
            Domains = pool.Domains.Select(
                d => new { d.Name, d.Attributes, d.Entities, d.Templates, d.Distractors, d.Descriptions }).ToArray(),
            pool.Options.EntitySplit,
            pool.Options.InstructionStyle,
            pool.Options.AbsentShare,
        });

    /// <summary>The differences from a saved fingerprint, for display; empty for none.</summary>
    /// <param name="saved">Parts of the saved one.</param>
    public string Differences(IReadOnlyDictionary<string, string> saved)
    {
        string[] all =
        [
            .. _parts.Keys.Union(saved.Keys).Where(name => !_withoutEffect.Contains(name))
                .Where(name => saved.ContainsKey(name) || !_asBefore.Contains(name))
                .Where(name => saved.GetValueOrDefault(name) is var kept && kept != _parts.GetValueOrDefault(name)
                    && (kept is null || kept != _earlier.GetValueOrDefault(name)))
                .Select(name => $"{name} was {Short(saved.GetValueOrDefault(name))} and is {Short(_parts.GetValueOrDefault(name))}"),
        ];
        string more = all.Length > NamedDifferences ? $" and {all.Length - NamedDifferences} more" : "";
        return string.Join(", ", all.Take(NamedDifferences)) + more;
    }

    private static string Short(string? value) => value switch
    {
        null => "absent",
        "" => "empty",
        { Length: 64 } hash when hash.All(char.IsAsciiHexDigitLower) => hash[..8],
        _ => value,
    };
}
