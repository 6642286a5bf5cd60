using HyperDas.Engine.Checkpoints;
using HyperDas.Engine.LanguageModels;

namespace HyperDas.Engine.Evaluation.Checks;

/// <summary>Checks what a model's files hold beside what was read.</summary>
internal static class FileChecks
{
    /// <summary>Every tensor of the files is read, buffers aside. Not required: files carry heads of other tasks, too.</summary>
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
            Compares = "tensors in the files, and keys of config.json, that nothing reads",
            Detail = model.Remarks.Count == 0
                ? "Everything in the files is read, or known to change nothing."
                : string.Join(" ", model.Remarks),
        };
    });

    /// <summary>The model gives the numbers that its folder holds from elsewhere; no step where it holds none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tolerance">What passes, as a share of the largest number of a vector.</param>
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
                const string Compares = $"hidden states and logits with the numbers in {ReferenceNumbers.FileName}";
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
