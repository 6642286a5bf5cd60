using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using HyperDas.Engine.Downloads;
using HyperDas.Engine.Evaluation;
using HyperDas.Engine.Evaluation.Checks;
using HyperDas.Engine.Experiments;
using HyperDas.Engine.Experiments.Plans;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Methods;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Downloads;
using HyperDas.Engine.Ravel.Instances;
using HyperDas.Engine.Reports;
using HyperDas.Engine.Reports.Plots;
using HyperDas.Engine.Tests.Experiments;
using HyperDas.Engine.Tests.Methods.Fixed;
using HyperDas.Engine.Tests.Ravel;
using HyperDas.Engine.Tests.Reports;
using HyperDas.Engine.Tests.Training;
using HyperDas.Engine.Tokenization;
using HyperDas.Engine.Training.Pretraining;
using HyperDas.Engine.Training.States;
using Xunit;

namespace HyperDas.Engine.Tests.Options;

/// <summary>The ranges of all option records hold whichever way an option comes in.</summary>
public sealed class OptionLawTests
{
    private const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance;

    private static readonly Type[] s_records =
    [
        .. typeof(TrainingOptions).Assembly.GetTypes().Concat(typeof(GenerationOptions).Assembly.GetTypes())
            .Where(type => type.IsPublic && !type.IsAbstract
                && (IsOptions(type) || type.GetProperties(Public).Any(p => p.IsDefined(typeof(RangeAttribute))))),
    ];

    // Options that a range says nothing about.
    private static readonly string[] s_free = ["Seed", "BootstrapSeed"];

    [Fact]
    public void Every_number_among_the_options_has_a_range()
    {
        IEnumerable<string> open =
            from record in s_records.Where(IsOptions)
            from property in record.GetProperties(Public)
            let type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType
            where property.CanWrite && (type == typeof(int) || type == typeof(long) || type == typeof(double) || type == typeof(TimeSpan))
                && !s_free.Contains(property.Name)
            where !property.IsDefined(typeof(RangeAttribute))
            select $"{record.Name}.{property.Name}";

        Assert.True(s_records.Length >= 20, string.Join(", ", s_records.Select(r => r.Name)));
        Assert.Empty(open);
    }

    [Fact]
    public void A_record_with_a_value_out_of_its_range_is_refused_by_name()
    {
        Assert.All(Wrong(s_records), wrong =>
        {
            OptionFault fault = Assert.Single(OptionLaw.Faults(wrong.Record));
            Assert.Equal(wrong.Property.Name, fault.Option);
            Assert.Contains(wrong.Property.Name, Assert.Throws<HyperDasException>(() => OptionLaw.ThrowIfBroken(
                wrong.Record)).Message, StringComparison.Ordinal);
        });
        Assert.All(s_records.Where(r => r != typeof(HypernetworkOptions)), record => Assert.Empty(OptionLaw.Faults(
            Activator.CreateInstance(record)!)));
    }

    [Fact]
    public void Where_a_record_comes_in_it_is_refused()
    {
        using LanguageModel target = FixedExamples.Target();
        using TemporaryFolder folder = new();
        using ReferenceInterpreter interpreter = new(target, 1, ReferenceMethod.NoIntervention);
        Tokenizer tokenizer = target.Tokenizer;
        RavelDomain[] domains = [MiniRavel.Read()];
        Dictionary<Type, Action<object>> doors = new()
        {
            [typeof(RavelBuildOptions)] = o => RavelDatasetBuilder.Build(domains, tokenizer, null!, (RavelBuildOptions)o),
            [typeof(RavelInstanceOptions)] = o => RavelInstanceBuilder.Build(domains, tokenizer, null!, (RavelInstanceOptions)o),
            [typeof(RavelScoringOptions)] = o => RavelScorer.Score(
                interpreter, TinyDataset.Create(), RavelSplit.Test, (RavelScoringOptions)o),
            [typeof(RavelCollatorOptions)] = o => _ = new RavelCollator(tokenizer, (RavelCollatorOptions)o),
            [typeof(GenerationOptions)] = o => TextGenerator.Generate(target, [[1]], (GenerationOptions)o),
            [typeof(PretrainingOptions)] = o => Pretrainer.Train(domains, (PretrainingOptions)o, folder.Path),
            [typeof(SubmissionOptions)] = o => ExperimentPlan.Of("experiment.yaml", (SubmissionOptions)o),
            [typeof(CheckpointInterval)] = o => TrainingState.Open(folder.Path, (CheckpointInterval)o).Dispose(),
            [typeof(ModelCheckOptions)] = o => ModelChecks.Of(target, (ModelCheckOptions)o),
            [typeof(PlotOptions)] = o => ScorePlot.Of([Samples.Score("Country", 90, 20)], (PlotOptions)o),
            [typeof(DownloadOptions)] = o => new ResumingDownload("", "", (DownloadOptions)o).Run(
                new Uri("http://127.0.0.1:9/"), Path.Combine(folder.Path, "part"), null, default),
        };
        // Training options have separate tests; options that aren't numbers have no range.
        Type[] elsewhere = [typeof(TrainingOptions), typeof(ExperimentTarget), typeof(ExperimentReadOptions), typeof(RavelSaveOptions)];

        Assert.Empty(s_records.Where(r => !r.IsAssignableTo(typeof(MethodOptions))).Except(elsewhere).Except(doors.Keys));
        Assert.All(Wrong(doors.Keys), wrong => Assert.StartsWith(
            wrong.Property.Name + " is ",
            Assert.Throws<HyperDasException>(() => doors[wrong.Record.GetType()](wrong.Record)).Message.Split(": ")[^1],
            StringComparison.Ordinal));
    }

    [Fact]
    public void Runs_that_no_document_has_are_refused_with_the_options()
    {
        SubmissionOptions options = new() { Reading = new ExperimentReadOptions(), Location = "", Shell = [], Module = "" };

        Assert.Empty(OptionLaw.Faults(options with { Index = [0, 3] }));
        Assert.Equal("Index", Assert.Single(OptionLaw.Faults(options with { Index = [] })).Option);
    }

    [Fact]
    public void A_training_from_CSharp_refuses_it()
    {
        using LanguageModel target = FixedExamples.Target();

        Assert.All(Wrong([typeof(TrainingOptions)]), wrong => Assert.Equal(
            "OptionInvalid", Refused(new DasOptions { Layer = 2 }, (TrainingOptions)wrong.Record)));
        Assert.All(Wrong([.. MethodCatalog.All.Select(m => m.OptionsType)]), wrong =>
        {
            MethodOptions method = (MethodOptions)wrong.Record;
            method = wrong.Property.Name == nameof(MethodOptions.Layer) ? method : method with { Layer = 2 };
            Assert.Equal(wrong.Property.Name == nameof(MethodOptions.Layer) ? "LayerInvalid" : "OptionInvalid",
                Refused(method, method.DefaultTraining()));
        });

        string Refused(MethodOptions method, TrainingOptions training) =>
            Assert.Throws<HyperDasException>(() => TrainingRuns.Run(target, TinyDataset.Create(), method, training)).ErrorId;
    }

    [Fact]
    public void A_document_and_a_setting_refuse_it()
    {
        foreach (MethodDescription method in MethodCatalog.All)
        {
            string name = JsonNamingPolicy.CamelCase.ConvertName(method.Method.ToString());
            foreach ((object _, PropertyInfo property, object value) in Wrong([method.OptionsType, typeof(TrainingOptions)])
                .Where(w => w.Value is not double.NaN))
            {
                bool training = property.ReflectedType == typeof(TrainingOptions);
                string key = JsonNamingPolicy.CamelCase.ConvertName(property.Name),
                    text = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                string layer = key == "layer" ? "" : "layer: 1, ";
                string document =
                    $"target: {{ path: m }}\ndata: {{ path: d }}\nmethod: {{ name: {name}, {layer}{(training ? "" : $"{key}: {text}")} }}\n" +
                    (training ? $"training: {{ {key}: {text} }}" : "");
                string path = $"{(training ? "training" : "method")}.{key}";

                Assert.Contains(ExperimentFile.Issues(document), issue => issue.Key == path);
                Assert.Contains(
                    ExperimentFile.Issues(
                        $"target: {{ path: m }}\ndata: {{ path: d }}\nmethod: {{ name: {name}, layer: 1 }}", $"{path}={text}"),
                    issue => issue.Key == path);
            }
        }
    }

    [Fact]
    public void A_document_and_a_setting_refuse_what_data_and_scores_are_made_with()
    {
        string[] others = ["target: { path: m }", "data: { path: d }", "method: { layer: 1 }"];
        int tried = 0;
        foreach (SectionShape section in SectionShape.All.Where(
            s => s.Property is nameof(Experiment.Data) or nameof(Experiment.Evaluation)))
        {
            string document = string.Join('\n', others.Where(o => !o.StartsWith($"{section.Name}:", StringComparison.Ordinal)));
            foreach (SectionPart part in section.Parts)
            {
                string given = part.For is null
                    ? ""
                    : $"path: d, {section.Chooser!.Name}: {JsonNamingPolicy.CamelCase.ConvertName($"{part.For}")}, ";
                foreach ((_, PropertyInfo property, object value) in Wrong([part.Record]).Where(w => w.Value is not double.NaN))
                {
                    string key = part.Keys.Single(k => k.Property.Name == property.Name).Name, path = $"{section.Name}.{key}";
                    string text = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                    string right = $"{document}\n{section.Name}: {{ {given} }}",
                        wrong = $"{document}\n{section.Name}: {{ {given}{key}: {text} }}";

                    Assert.Contains(ExperimentFile.Issues(wrong), issue => issue.Key == path);
                    Assert.Contains(ExperimentFile.Issues(right, $"{path}={text}"), issue => issue.Key == path);
                    tried++;
                }
            }
        }
        Assert.True(tried > 20, $"{tried} values");
    }

    [Fact]
    public void Settings_that_a_method_does_not_have_are_refused_where_they_differ_from_defaults()
    {
        MethodDescription mdas = MethodCatalog.Of(InterpreterMethod.Mdas);

        Assert.Equal(["LearningRate"], mdas.Unused(mdas.DefaultTraining() with { LearningRate = 0.1 }).Select(f => f.Option));
        Assert.Empty(mdas.Unused(mdas.DefaultTraining() with { RotationLearningRate = 0.1 }));
        Assert.Empty(mdas.Unused(new TrainingOptions()));
        Assert.All(MethodCatalog.All, m => Assert.Empty(m.Unused(m.DefaultTraining())));
        Assert.Empty(MethodCatalog.Of(InterpreterMethod.HyperDas)
            .Unused(new TrainingOptions { From = "x", Epochs = 9, LearningRate = 1 }.Faithful()));
    }

    // Each option with values just outside of its range, in a record that is right otherwise.
    private static IEnumerable<(object Record, PropertyInfo Property, object Value)> Wrong(IEnumerable<Type> records) =>
        from record in records
        from property in record.GetProperties(Public).Where(p => p.CanWrite)
        let range = property.GetCustomAttribute<RangeAttribute>()
        where range is not null
        from value in Outside(range, Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)
        select (With(record, property, value), property, value);

    private static IEnumerable<object> Outside(RangeAttribute range, Type type)
    {
        double least = Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture),
            most = Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
        yield return Value(range.MinimumIsExclusive ? least : least - 1);
        if (most < int.MaxValue)
        {
            yield return Value(most + 1);
        }
        if (type == typeof(double))
        {
            yield return double.NaN;
        }

        object Value(double number) => type == typeof(TimeSpan)
            ? TimeSpan.FromSeconds(number)
            : Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
    }

    private static bool IsOptions(Type type) =>
        type.Name.EndsWith("Options", StringComparison.Ordinal) || type == typeof(CheckpointInterval);

    private static object With(Type record, PropertyInfo property, object value)
    {
        object options = Activator.CreateInstance(record)!;
        property.SetValue(options, value);
        return options;
    }
}
