using HyperDas.Engine.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Ravel;

/// <summary>
/// Interchange examples as tensors, padded on the left (spec/hyperdas 6.5 and D.1). N = examples, T, S and Q = longest base with label,
/// source and instruction. The batch owns its tensors.
/// </summary>
public sealed class RavelBatch : IDisposable
{
    /// <summary>Value of <see cref="Labels"/> where there is no label.</summary>
    public const long NoLabel = -100;

    internal RavelBatch(IReadOnlyList<TokenizedExample> examples, int padId, int padMultiple, Device? device)
    {
        if (examples.Count == 0)
        {
            throw new HyperDasException("BatchEmpty", HyperDasErrorKind.InvalidArgument, "A batch needs at least one example.");
        }
        TorchRuntime.EnsureLoaded();
        using DisposeScope scope = NewDisposeScope();
        Device where = device ?? CPU;
        int count = examples.Count;
        int width = Width(example => example.BaseIds.Length);
        int sourceWidth = Width(example => example.SourceIds.Length);
        int instructionWidth = Width(example => example.InstructionIds.Length);
        BaseIds = Fill(width, padId, example => example.BaseIds.Length, (example, i) => example.BaseIds[i]);
        BaseMask = Fill(width, 0, example => example.BaseIds.Length, (_, _) => 1);
        BaseVisible = Fill(width, 0, example => example.BaseIds.Length, (example, i) => i < example.BaseVisible ? 1 : 0);
        Labels = Fill(width, NoLabel, example => example.BaseIds.Length, (example, i) => i >= example.PromptLength ? example.BaseIds[i] : NoLabel);
        SourceIds = Fill(sourceWidth, padId, example => example.SourceIds.Length, (example, i) => example.SourceIds[i]);
        SourceMask = Fill(sourceWidth, 0, example => example.SourceIds.Length, (_, _) => 1);
        SourceVisible = Fill(sourceWidth, 0, example => example.SourceIds.Length, (example, i) => i < example.SourceVisible ? 1 : 0);
        InstructionIds = Fill(instructionWidth, padId, example => example.InstructionIds.Length, (example, i) => example.InstructionIds[i]);
        InstructionMask = Fill(instructionWidth, 0, example => example.InstructionIds.Length, (_, _) => 1);
        BaseEntity = Own(tensor([.. examples.Select(example => (long)width - example.BaseIds.Length + example.BaseEntityIndex)], device: where));
        SourceEntity = Own(tensor([.. examples.Select(example => (long)sourceWidth - example.SourceIds.Length + example.SourceEntityIndex)], device: where));
        IsCause = Own(tensor([.. examples.Select(example => example.IsCause)], device: where));

        int Width(Func<TokenizedExample, int> length) => (examples.Max(length) + padMultiple - 1) / padMultiple * padMultiple;

        Tensor Fill(int columns, long pad, Func<TokenizedExample, int> length, Func<TokenizedExample, int, long> value)
        {
            long[] values = new long[count * columns];
            Array.Fill(values, pad);
            for (int n = 0; n < count; n++)
            {
                int tokens = length(examples[n]);
                for (int i = 0; i < tokens; i++)
                {
                    values[((n + 1) * columns) - tokens + i] = value(examples[n], i);
                }
            }
            return Own(tensor(values, [count, columns], device: where));
        }

        static Tensor Own(Tensor value) => value.DetachFromDisposeScope();
    }

    /// <summary>Base prompt and label, <c>[N, T]</c> int64.</summary>
    public Tensor BaseIds { get; }

    /// <summary>1 on base tokens, 0 on padding, <c>[N, T]</c> int64.</summary>
    public Tensor BaseMask { get; }

    /// <summary>1 on base tokens that may be read and edited (the original's intervention mask), <c>[N, T]</c> int64.</summary>
    public Tensor BaseVisible { get; }

    /// <summary>Label tokens in their places, <see cref="NoLabel"/> elsewhere, <c>[N, T]</c> int64.</summary>
    public Tensor Labels { get; }

    /// <summary>Source prompt, <c>[N, S]</c> int64.</summary>
    public Tensor SourceIds { get; }

    /// <summary>1 on source tokens, 0 on padding, <c>[N, S]</c> int64.</summary>
    public Tensor SourceMask { get; }

    /// <summary>1 on source tokens that may be read and patched in, <c>[N, S]</c> int64.</summary>
    public Tensor SourceVisible { get; }

    /// <summary>Text that names the concept, <c>[N, Q]</c> int64.</summary>
    public Tensor InstructionIds { get; }

    /// <summary>1 on instruction tokens, 0 on padding, <c>[N, Q]</c> int64.</summary>
    public Tensor InstructionMask { get; }

    /// <summary>Column of the base entity's last token, <c>[N]</c> int64.</summary>
    public Tensor BaseEntity { get; }

    /// <summary>Column of the source entity's last token, <c>[N]</c> int64.</summary>
    public Tensor SourceEntity { get; }

    /// <summary>Whether the answer must change, <c>[N]</c> bool.</summary>
    public Tensor IsCause { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor owned in (Tensor[])[
            BaseIds, BaseMask, BaseVisible, Labels, SourceIds, SourceMask, SourceVisible,
            InstructionIds, InstructionMask, BaseEntity, SourceEntity, IsCause])
        {
            owned.Dispose();
        }
    }
}
