using HyperDas.Engine.Tests.Fuzzing.Targets;
using Xunit;
using Xunit.Abstractions;

namespace HyperDas.Engine.Tests.Fuzzing;

/// <summary>
/// Thousands of damaged files of every format: each is read, or refused with an error that names it. See <see cref="FuzzRun"/> for longer
/// runs and for repeating one variant.
/// </summary>
[Trait("Lane", "Second")]
public sealed class FuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Damaged_safetensors_files_are_read_or_refused() => Run(new SafetensorsTarget());

    [Fact]
    public void Damaged_files_of_torch_save_are_read_or_refused() => Run(new TorchTarget());

    [Fact]
    public void Damaged_models_are_read_or_refused() => Run(new ModelTarget());

    [Fact]
    public void Damaged_tokenizers_are_read_or_refused() => Run(new TokenizerTarget());

    [Fact]
    public void Damaged_Arrow_datasets_are_read_or_refused() => Run(new ArrowTarget());

    [Fact]
    public void Damaged_benchmark_files_are_read_or_refused() => Run(new RavelTarget());

    [Fact]
    public void Damaged_datasets_of_JSON_Lines_are_read_or_refused() => Run(new DatasetTarget());

    [Fact]
    public void Damaged_interpreters_are_read_or_refused() => Run(new InterpreterTarget());

    [Fact]
    public void Damaged_training_states_are_read_or_refused() => Run(new StateTarget());

    [Fact]
    public void Damaged_experiments_are_read_or_refused() => Run(new ExperimentDocumentTarget());

    [Fact]
    public void Damaged_run_folders_are_read_or_refused() => Run(new RunTarget());

    [Fact]
    public void Damaged_run_folders_are_drawn_or_refused() => Run(new ReportTarget());

    [Fact]
    public void Damaged_backend_packages_are_installed_or_refused() => Run(new BackendTarget());

    [Fact]
    public void Damaged_benchmark_archives_are_unpacked_or_refused() => Run(new ArchiveTarget());

    private void Run(FuzzTarget target)
    {
        using (target)
        {
            output.WriteLine(new FuzzRun(target).Run());
        }
    }
}
