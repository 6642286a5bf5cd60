using System.Text.Json;

namespace HyperDas.Engine.Tokenization.Reading;

/// <summary>Reads a vocabulary with its merges and added tokens, from any of the file formats.</summary>
/// <param name="file">The file, for errors.</param>
internal sealed class VocabularyReader(TokenizerFile file)
{
    /// <summary>Eight times any published vocabulary; prevents a damaged file from requesting more memory than its own size.</summary>
    internal const int MaxTokens = 1 << 21;

    /// <summary>Tokens with their ids, in file order.</summary>
    internal Dictionary<string, int> Vocabulary(JsonElement tokens)
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        HashSet<int> ids = [];
        foreach (JsonProperty token in tokens.EnumerateObject())
        {
            if (token.Name.Length == 0)
            {
                throw file.Corrupt("its vocabulary has a token without text");
            }
            int id = CheckedId(token.Value.GetInt32(), token.Name);
            if (!ids.Add(id))
            {
                throw file.Corrupt($"two tokens, one of them '{token.Name}', have the id {id}");
            }
            vocabulary[token.Name] = id;
        }
        return vocabulary.Count > 0 ? vocabulary : throw file.Corrupt("its vocabulary is empty");
    }

    /// <summary>Merges, each as <c>left right</c>.</summary>
    internal List<string> Merges(JsonElement list)
    {
        List<string> merges = [];
        foreach (JsonElement merge in list.EnumerateArray())
        {
            bool isPair = merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2;
            if (isPair && (merge[0].GetString()!.Contains(' ') || merge[1].GetString()!.Contains(' ')))
            {
                throw file.Unsupported($"model.merges[{merges.Count}] joins tokens that have spaces inside ({merge.GetRawText()})");
            }
            merges.Add(Merge(
                isPair
                    ? $"{merge[0].GetString()} {merge[1].GetString()}"
                    : merge.GetString() ?? throw file.Corrupt($"model.merges[{merges.Count}] is null"),
                $"model.merges[{merges.Count}]"));
        }
        return merges;
    }

    /// <summary>Checks a merge.</summary>
    internal string Merge(string pair, string where)
    {
        int space = pair.IndexOf(' ');
        return space <= 0 || space == pair.Length - 1 || pair.IndexOf(' ', space + 1) >= 0
            ? throw file.Corrupt($"{where} is '{pair}'; a merge must be two tokens separated by one space")
            : pair;
    }

    /// <summary>The tokens of an <c>added_tokens</c> list.</summary>
    internal List<AddedToken> AddedTokens(JsonElement list, Dictionary<string, int> vocabulary)
    {
        List<AddedToken> tokens = [];
        Dictionary<int, string> taken = vocabulary.ToDictionary(token => token.Value, token => token.Key);
        Dictionary<string, int> given = new(StringComparer.Ordinal);
        foreach (JsonElement token in list.EnumerateArray())
        {
            string text = token.GetProperty("content").GetString() ?? throw file.Corrupt("an added token has no content");
            int id = CheckedId(token.GetProperty("id").GetInt32(), text);
            // Some files list a token in both places; a different token with the same id would be hidden.
            if (!taken.TryAdd(id, text) && taken[id] != text)
            {
                throw file.Corrupt($"'{taken[id]}' and the added token '{text}' both have the id {id}");
            }
            if (text.Length > 0)
            {
                if (!given.TryAdd(text, id))
                {
                    throw file.Corrupt($"the added token '{text}' is listed twice, with the ids {given[text]} and {id}");
                }
                tokens.Add(Added(id, text, token, why => file.Corrupt(why)));
            }
        }
        return tokens;
    }

    /// <summary>An added token with the flags of its object.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="text">Its text.</param>
    /// <param name="flags">The object.</param>
    /// <param name="corrupt">Makes the error for a flag that is neither true nor false.</param>
    internal static AddedToken Added(int id, string text, JsonElement flags, Func<string, HyperDasException> corrupt)
    {
        bool special = Is("special");
        return new AddedToken(
            id, text, special, Is("lstrip"), Is("rstrip"), Is("single_word"), Is("normalized", !special));

        bool Is(string key, bool missing = false) => !flags.TryGetProperty(key, out JsonElement value) ? missing : value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null => false,
            _ => throw corrupt($"'{key}' of the added token '{text}' is {value.GetRawText()}; it must be true or false"),
        };
    }

    private int CheckedId(int id, string token) =>
        id is >= 0 and < MaxTokens
            ? id
            : throw file.Corrupt($"it gives the token '{token}' the id {id}; ids must be from 0 to {MaxTokens - 1}");
}
