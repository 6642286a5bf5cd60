using System.Text.Json;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Tokenization;

public sealed class TokenizerGoldenTests
{
    [SkippableFact]
    public void Llama3_gives_the_reference_ids_for_every_golden_text()
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.Require("data", "tokenizers", "llama3"));
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("data", "tokenizers", "llama3", "golden.json")));

        List<string> wrong = [];
        foreach (JsonElement row in golden.RootElement.EnumerateArray())
        {
            string text = row.GetProperty("text").GetString()!;
            int[] expected = [.. row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            int[] plain = tokenizer.Encode(text);
            bool marked = text.Contains("<|");
            if (!tokenizer.EncodeMarkedUp(text).SequenceEqual(expected) || plain.SequenceEqual(expected) == marked
                || tokenizer.Decode(plain) != text || !SpansCover(tokenizer, text, plain))
            {
                wrong.Add(text);
            }
        }
        Assert.Empty(wrong);
        Assert.Equal((128000, 128001, 128001), (tokenizer.BosId, tokenizer.EosId, tokenizer.PadId));
    }

    [SkippableFact]
    public void A_tokenizer_of_another_trainer_loads_and_takes_its_beginning_from_config_json()
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.Require("data", "parity", "city", "model"));

        Assert.Equal((1, 2), (tokenizer.BosId, tokenizer.PadId));
        Assert.Equal(2560, tokenizer.VocabularySize);
    }

    private static bool SpansCover(Tokenizer tokenizer, string text, int[] ids)
    {
        IReadOnlyList<TokenSpan> spans = tokenizer.EncodeWithOffsets(text);
        int end = 0;
        foreach (TokenSpan span in spans)
        {
            if (span.Start > end || span.End < end)
            {
                return false;
            }
            end = span.End;
        }
        return end == text.Length && spans.Select(span => span.Id).SequenceEqual(ids);
    }
}
