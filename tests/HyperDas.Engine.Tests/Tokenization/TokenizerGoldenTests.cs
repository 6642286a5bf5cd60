using System.Globalization;
using System.Text;
using System.Text.Json;
using HyperDas.Engine.Tests.Golden;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Tokenization;

/// <summary>
/// Ids, offsets and decoded texts of the reference tokenizer, for every folder with a <c>golden.json</c> that the golden root or the shared
/// data holds: which families there are is the data's affair.
/// </summary>
public sealed class TokenizerGoldenTests
{
    public static TheoryData<string> Folders()
    {
        TheoryData<string> folders = [.. Roots().Where(Directory.Exists).SelectMany(root =>
            Directory.EnumerateFiles(root, "golden.json", SearchOption.AllDirectories).Select(file => Path.GetDirectoryName(file)!))
            .Distinct().Order(StringComparer.Ordinal)];
        return folders.Count > 0 ? folders : [""];
    }

    [SkippableTheory]
    [MemberData(nameof(Folders))]
    public void Every_golden_text_has_the_reference_ids(string folder)
    {
        Tokenizer tokenizer = Open(folder);

        List<string> wrong = [];
        foreach (JsonElement row in Rows(folder, "golden.json"))
        {
            string text = row.GetProperty("text").GetString()!;
            int[] expected = Ints(row.GetProperty("ids")), plain = tokenizer.Encode(text);
            bool holdsSpecial = tokenizer.SpecialNames(text).Count > 0;
            if (!tokenizer.EncodeMarkedUp(text).SequenceEqual(expected) || plain.SequenceEqual(expected) == holdsSpecial
                || plain.Any(tokenizer.IsSpecial) && !UsesUnknown(plain))
            {
                wrong.Add($"'{text}': {string.Join(' ', tokenizer.EncodeMarkedUp(text))} instead of {string.Join(' ', expected)}");
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} texts: {string.Join("\n", wrong.Take(10))}");

        bool UsesUnknown(int[] ids) => ids.Where(tokenizer.IsSpecial).All(id => tokenizer.TokenText(id) == "<unk>");
    }

    [SkippableTheory]
    [MemberData(nameof(Folders))]
    public void Every_golden_text_has_the_reference_offsets_prefix_and_decoded_texts(string folder)
    {
        Tokenizer tokenizer = Open(folder);
        Skip.IfNot(File.Exists(Path.Combine(folder, "golden_more.json")), $"'{folder}' has no golden_more.json");
        bool trims = File.ReadAllText(Path.Combine(folder, Tokenizer.FileName)) is string json
            && TrimsOffsets(JsonDocument.Parse(json).RootElement.GetProperty("post_processor"));

        List<string> wrong = [];
        foreach (JsonElement row in Rows(folder, "golden_more.json"))
        {
            string text = row.GetProperty("text").GetString()!;
            int[] ids = Ints(row.GetProperty("ids"));
            IReadOnlyList<TokenSpan> spans = tokenizer.EncodeWithOffsets(text, readsSpecial: true);
            string[] tokens = [.. row.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)];
            Compare("ids", string.Join(' ', ids), string.Join(' ', spans.Select(span => span.Id)));
            Compare("prefix", string.Join(' ', Ints(row.GetProperty("ids_with_template"))), string.Join(' ', tokenizer.Prefix.Before(ids)));
            Compare(
                "offsets",
                string.Join(' ', row.GetProperty("offsets").EnumerateArray().Select(pair => $"{pair[0].GetInt32()}-{pair[1].GetInt32()}")),
                string.Join(' ', spans.Select((span, i) => Offset(text, span, trims && i < tokens.Length ? tokens[i] : ""))));
            Compare("decoded", row.GetProperty("decoded").GetString()!, tokenizer.DecodeMarkedUp(ids));
            Compare("decoded without special tokens", row.GetProperty("decoded_without_special").GetString()!, tokenizer.Decode(ids));

            void Compare(string what, string expected, string actual)
            {
                if (expected != actual)
                {
                    wrong.Add($"{what} of '{text}': '{actual}' instead of '{expected}'");
                }
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count}: {string.Join("\n", wrong.Take(10))}");
    }

    [SkippableFact]
    public void A_tokenizer_of_another_trainer_loads_and_takes_its_beginning_from_config_json()
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.Require("data", "parity", "city", "model"));

        Assert.Equal((1, 2), (tokenizer.BosId, tokenizer.PadId));
        Assert.Equal(2560, tokenizer.VocabularySize);
    }

    private static string[] Roots() => Environment.GetEnvironmentVariable(GoldenCase.FolderVariable) is { Length: > 0 } chosen
        ? [chosen]
        : [Path.Combine(SharedData.RepositoryRoot(), "tests", "Fixtures", "golden"),
            .. new[] { SharedData.Find("golden-families"), SharedData.Find("data", "tokenizers") }.OfType<string>()];

    private static Tokenizer Open(string folder)
    {
        Skip.If(folder.Length == 0, "no folder with a golden.json: needs the shared data");
        Skip.IfNot(File.Exists(Path.Combine(folder, Tokenizer.FileName)), $"'{folder}' has no tokenizer.json beside its golden.json");
        return Tokenizer.Load(folder);
    }

    private static List<JsonElement> Rows(string folder, string name) =>
        [.. JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, name))).RootElement.EnumerateArray()];

    private static int[] Ints(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetInt32())];

    // The reference's byte-level post-processor leaves white space out of offsets where the file says so; ours cover every character.
    private static bool TrimsOffsets(JsonElement processor) => processor.ValueKind == JsonValueKind.Object
        && ((processor.TryGetProperty("processors", out JsonElement parts) && parts.EnumerateArray().Any(TrimsOffsets))
            || (processor.GetProperty("type").GetString() == "ByteLevel" && processor.TryGetProperty("trim_offsets", out JsonElement trims)
                && trims.GetBoolean()));

    private static string Offset(string text, TokenSpan span, string trimmed)
    {
        int start = CodePoints(text, span.Start), end = CodePoints(text, span.End);
        start = Math.Min(end, start + trimmed.TakeWhile(IsSpace).Count());
        end = Math.Max(start, end - trimmed.Reverse().TakeWhile(IsSpace).Count());
        return string.Create(CultureInfo.InvariantCulture, $"{start}-{end}");

        static bool IsSpace(char c) => c == 'Ġ' || char.IsWhiteSpace(c);
    }

    private static int CodePoints(string text, int end) => Encoding.UTF32.GetByteCount(text.AsSpan(0, end).ToString()) / 4;
}
