using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>Checks the content of a model's files.</summary>
internal static class FileChecks
{
    /// <summary>Whether every tensor of the files is read, except buffers. Not required: files may include heads for other tasks.</summary>
    /// <param name="model">The model.</param>
    public static CheckStep Unread(LanguageModel model) => new("AllTensorsRead", _ =>
    {
        model.ThrowIfDisposed();
        return new ModelCheck
        {
            Name = "AllTensorsRead",
            Model = model.Name,
            Passed = model.Remarks.Count == 0,
            Required = false,
            Count = model.Unread.Count,
            Compares = "unused tensors in the files and unknown keys of config.json",
            Detail = model.Remarks.Count == 0
                ? "Everything in the files is used, or known to have no effect."
                : string.Join(" ", model.Remarks),
        };
    });

    /// <summary>Whether the model reproduces reference values from another program in its folder; no step if there are none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tolerance">The largest difference that passes, relative to the largest element of a vector.</param>
    public static IEnumerable<CheckStep> Reference(LanguageModel model, double tolerance)
    {
        const string Name = "EqualsReference";
        string file = System.IO.Path.Combine(model.Adapter ?? model.Path, ReferenceNumbers.FileName);
        if (!File.Exists(file))
        {
            return [];
        }
        return
        [
            new CheckStep(Name, stop =>
            {
                model.ThrowIfDisposed();
                const string Compares = $"hidden states and logits with the values in {ReferenceNumbers.FileName}";
                try
                {
                    using SafetensorsFile numbers = SafetensorsFile.Open(file);
                    return new ReferenceNumbers(model, numbers).Compare(stop).ToCheck(Name, model.Name, tolerance, Compares);
                }
                catch (HyperDasException e) when (e.ErrorId is not "ModelDisposed")
                {
                    return new ModelCheck
                    {
                        Name = Name, Model = model.Name, Passed = false, Required = true, Compares = Compares, Detail = e.Message
                    };
                }
            }),
        ];
    }
}
