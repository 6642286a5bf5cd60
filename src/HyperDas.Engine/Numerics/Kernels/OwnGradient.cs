using System.Runtime.ExceptionServices;
using TorchSharp;
using static TorchSharp.torch;

namespace HyperDas.Engine.Numerics.Kernels;

/// <summary>
/// Base of backward passes written in managed code. libtorch calls them from native frames, which no exception may cross (it would end the
/// process), and TorchSharp keeps inputs and outputs until the step's dispose scope ends.
/// </summary>
internal static class OwnGradient
{
    [ThreadStatic]
    private static ExceptionDispatchInfo? t_failure;

    // The result of the last call on this thread: by the next call libtorch has its own reference.
    [ThreadStatic]
    private static List<Tensor?>? t_returned;

    /// <summary>Saves tensors for the backward pass. Gradients of outputs that nothing depends on arrive as invalid tensors.</summary>
    /// <param name="context">The node's context.</param>
    /// <param name="tensors">libtorch takes its references after the forward method has returned.</param>
    public static void Save(autograd.AutogradContext context, params List<Tensor> tensors)
    {
        context.save_for_backward(tensors);
        // TorchSharp would keep a tensor of each output's size only to know that size.
        context.set_materialize_grads(false);
    }

    /// <summary>Runs a backward pass. After a failure it returns no gradients and <see cref="Backward"/> throws.</summary>
    /// <param name="context">The node's context; what it saved is released.</param>
    /// <param name="gradients">Gradients of the outputs; disposed here.</param>
    /// <param name="inputs">Number of inputs.</param>
    /// <param name="work">Gets what was saved and the gradients, at least one of them valid; returns one gradient or null for each
    /// input, new tensors all.</param>
    /// <returns>As work.</returns>
    public static List<Tensor?> Run(autograd.AutogradContext context, IReadOnlyList<Tensor> gradients, int inputs,
        Func<List<Tensor>, IReadOnlyList<Tensor>, Tensor?[]> work)
    {
        Release();
        List<Tensor?> returned = [.. Enumerable.Repeat<Tensor?>(null, inputs)];
        try
        {
            using DisposeScope scope = NewDisposeScope();
            if (gradients.Any(g => !g.IsInvalid))
            {
                Tensor?[] results = work(context.get_saved_variables(), gradients);
                for (int i = 0; i < inputs; i++)
                {
                    returned[i] = results[i]?.MoveToOuterDisposeScope();
                }
            }
            context.Dispose();
        }
#pragma warning disable CA1031 // Whatever it is must not reach the native frames above; Backward throws it again.
        catch (Exception e)
#pragma warning restore CA1031
        {
            t_failure ??= ExceptionDispatchInfo.Capture(e);
        }
        foreach (Tensor gradient in gradients)
        {
            gradient.Dispose();
        }
        // The work may have run its own backward pass.
        Release();
        return t_returned = returned;
    }

    /// <summary>
    /// Stores the gradient of a leaf where libtorch would store it. Returned to libtorch it would be copied, because TorchSharp's object
    /// still holds it.
    /// </summary>
    /// <param name="input">An input of the node, as it was saved.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <returns>The gradient to return to libtorch: null for a leaf.</returns>
    public static Tensor? Accumulate(Tensor input, Tensor gradient)
    {
        if (!input.is_leaf)
        {
            return gradient;
        }
        using Tensor? present = input.grad;
        if (present is null)
        {
            input.grad = gradient;
        }
        else
        {
            present.add_(gradient);
        }
        return null;
    }

    /// <summary>Runs the backward pass of a loss. Use it wherever a step may contain a managed backward pass.</summary>
    /// <param name="loss">A scalar.</param>
    public static void Backward(Tensor loss)
    {
        loss.backward();
        Release();
        ExceptionDispatchInfo? failure = t_failure;
        t_failure = null;
        failure?.Throw();
    }

    private static void Release()
    {
        foreach (Tensor? tensor in t_returned ?? [])
        {
            tensor?.Dispose();
        }
        t_returned = null;
    }
}
