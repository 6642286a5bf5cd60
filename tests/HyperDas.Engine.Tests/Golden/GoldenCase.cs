using System.Text.Json;
using HyperDas.Engine.Checkpoints;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HyperDas.Engine.Tests.Golden;

/// <summary>One folder of numbers from the original implementation: <c>manifest.json</c> and <c>fixture.safetensors</c>.</summary>
public sealed class GoldenCase : IDisposable
{
    /// <summary>Environment variable with a folder of cases to use instead of the repository's.</summary>
    public const string FolderVariable = "HYPERDAS_GOLDEN";

    private readonly JsonDocument _manifest;
    private readonly SafetensorsFile _tensors;

    private GoldenCase(string folder)
    {
        Folder = folder;
        _manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")));
        _tensors = SafetensorsFile.Open(Path.Combine(folder, "fixture.safetensors"));
    }

    /// <summary>The case's folder; <c>llama_*</c> cases are Hugging Face folders too.</summary>
    public string Folder { get; }

    public JsonElement Manifest => _manifest.RootElement;

    public IEnumerable<string> Names => _tensors.Entries.Keys;

    /// <summary>Folder of a case: another root may hold models alone, and then the repository's other cases go with them.</summary>
    public static string FolderOf(string name) =>
        Path.Combine(Root(), name) is string chosen && Directory.Exists(chosen) ? chosen : Path.Combine(OwnRoot(), name);

    /// <summary>Whether the case is there: not every case is part of the repository.</summary>
    public static bool Exists(string name) => File.Exists(Path.Combine(FolderOf(name), "manifest.json"));

    public static GoldenCase Open(string name) => new(FolderOf(name));

    public bool Contains(string tensor) => _tensors.Entries.ContainsKey(tensor);

    /// <summary>Loads a tensor; it belongs to the caller (or the caller's dispose scope).</summary>
    public Tensor this[string tensor] => _tensors.Load(tensor);

    /// <summary>
    /// Asserts that two tensors agree in every element within a tolerance relative to the largest magnitude expected, or to 1 where all are
    /// smaller: a sum's rounding error grows with its terms, and each processor adds them in another order.
    /// </summary>
    /// <param name="expected">What should be; infinities must be matched exactly.</param>
    /// <param name="actual">What is.</param>
    /// <param name="tolerance">Largest difference allowed, as a share of that magnitude.</param>
    /// <param name="what">What is compared, for the message.</param>
    public static void AssertClose(Tensor expected, Tensor actual, double tolerance, string what = "tensor") =>
        AssertWithin(expected, actual, tolerance * Math.Max(1, Magnitude(expected)), what);

    /// <summary>Asserts that two tensors agree within an absolute tolerance in every element.</summary>
    /// <param name="expected">What should be; infinities must be matched exactly.</param>
    /// <param name="actual">What is.</param>
    /// <param name="absTol">Largest difference allowed.</param>
    /// <param name="what">What is compared, for the message.</param>
    public static void AssertWithin(Tensor expected, Tensor actual, double absTol, string what = "tensor")
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.True(
            expected.shape.AsSpan().SequenceEqual(actual.shape),
            $"{what}: expected shape [{string.Join(", ", expected.shape)}], found [{string.Join(", ", actual.shape)}]");
        Tensor e = expected.detach().cpu().to_type(ScalarType.Float64).reshape(-1);
        Tensor a = actual.detach().cpu().to_type(ScalarType.Float64).reshape(-1);
        Tensor difference = where(e.eq(a), zeros_like(e), (e - a).abs()).nan_to_num(double.PositiveInfinity, double.PositiveInfinity);
        if (difference.numel() == 0 || difference.max().item<double>() <= absTol)
        {
            return;
        }
        long worst = difference.argmax().item<long>();
        Assert.Fail(
            $"{what}: {difference.gt(absTol).sum().item<long>()} of {difference.numel()} elements differ by more than {absTol}; the worst, " +
            $"[{string.Join(", ", Unravel(worst, expected.shape))}], is {a[worst].item<double>()} instead of {e[worst].item<double>()}");
    }

    /// <summary>As <see cref="AssertClose(Tensor, Tensor, double, string)"/>, in the rows that a mask selects.</summary>
    /// <param name="mask">1 = compare; its shape is the leading part of the tensors' shape.</param>
    public static void AssertCloseWhere(Tensor mask, Tensor expected, Tensor actual, double tolerance, string what = "tensor")
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = mask.to_type(ScalarType.Bool);
        AssertClose(expected[rows], actual[rows], tolerance, what);
    }

    public void Dispose()
    {
        _manifest.Dispose();
        _tensors.Dispose();
    }

    // Infinities, and the numbers that stand for them in masks, have no rounding error.
    private static double Magnitude(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sizes = values.detach().cpu().to_type(ScalarType.Float64).abs().reshape(-1);
        Tensor finite = sizes[sizes < 1e30];
        return finite.numel() == 0 ? 0 : finite.max().item<double>();
    }

    internal static string Root() =>
        Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen ? chosen : OwnRoot();

    private static string OwnRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && folder.GetFiles("*.sln").Length == 0)
        {
            folder = folder.Parent;
        }
        return Path.Combine(
            folder?.FullName ?? throw new DirectoryNotFoundException("No solution file above the tests."), "tests", "Fixtures", "golden");
    }

    private static long[] Unravel(long index, long[] shape)
    {
        long[] place = new long[shape.Length];
        for (int axis = shape.Length - 1; axis >= 0; axis--)
        {
            (index, place[axis]) = Math.DivRem(index, shape[axis]);
        }
        return place;
    }
}
