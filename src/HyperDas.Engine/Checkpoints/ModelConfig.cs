using System.Text.Json;
using HyperDas.Engine.Files;

namespace HyperDas.Engine.Checkpoints;

/// <summary>The shape of a language model, as its <c>config.json</c> gives it.</summary>
public sealed record ModelConfig
{
    /// <summary>Name of the file inside a model's folder.</summary>
    public const string FileName = "config.json";

    /// <summary>The only <c>model_type</c> that is understood.</summary>
    public const string ModelType = "llama";

    /// <summary>V, the number of tokens (<c>vocab_size</c>).</summary>
    public required int VocabularySize { get; init; }

    /// <summary>d, the width of the residual stream (<c>hidden_size</c>).</summary>
    public required int HiddenSize { get; init; }

    /// <summary>L, the number of blocks (<c>num_hidden_layers</c>).</summary>
    public required int BlockCount { get; init; }

    /// <summary>H, the number of query heads (<c>num_attention_heads</c>).</summary>
    public required int HeadCount { get; init; }

    /// <summary>G, the number of key/value heads (<c>num_key_value_heads</c>); divides H.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width of one head (<c>head_dim</c>); even.</summary>
    public required int HeadWidth { get; init; }

    /// <summary>Inner width of the feed-forward layer (<c>intermediate_size</c>).</summary>
    public required int InnerWidth { get; init; }

    /// <summary>ε of the normalisations (<c>rms_norm_eps</c>).</summary>
    public double RmsNormEpsilon { get; init; } = 1e-6;

    /// <summary>Base θ of the rotary embedding (<c>rope_theta</c>).</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>Llama-3.1's frequency scaling (<c>rope_scaling</c>), or null.</summary>
    public Llama3RopeScaling? RopeScaling { get; init; }

    /// <summary>Whether the output head is the embedding matrix (<c>tie_word_embeddings</c>).</summary>
    public bool TiedHead { get; init; }

    /// <summary>Longest text that the model was made for, in tokens (<c>max_position_embeddings</c>).</summary>
    public int MaxPositions { get; init; } = 2048;

    /// <summary>Token that starts a text (<c>bos_token_id</c>), or null.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Tokens that end a text (<c>eos_token_id</c>: one or a list).</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Number format that the file claims for the weights (<c>torch_dtype</c>), e.g. <c>bfloat16</c>, or null.</summary>
    public string? TorchDtype { get; init; }

    /// <summary>Reads and checks <c>config.json</c>.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="HyperDasException">
    /// <c>PathNotFound</c>; <c>ModelConfigInvalid</c>: a missing or impossible value; <c>ModelFormatUnsupported</c>: not a plain Llama.
    /// </exception>
    public static ModelConfig Load(string folder)
    {
        string path = Path.Combine(Path.GetFullPath(folder), FileName);
        using JsonDocument document = StrictJson.Open(path, ModelConfigReader.InvalidErrorId);
        return new ModelConfigReader(document.RootElement, path).Read();
    }

    /// <summary>Writes <c>config.json</c> so that Hugging Face's tools read it too.</summary>
    /// <param name="folder">The model's folder; created if needed.</param>
    /// <exception cref="HyperDasException"><c>WriteFailed</c>.</exception>
    public void Save(string folder) => AtomicFile.Write(Path.Combine(folder, FileName), stream =>
    {
        using Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteStartArray("architectures");
        json.WriteStringValue("LlamaForCausalLM");
        json.WriteEndArray();
        json.WriteString("model_type", ModelType);
        json.WriteString("hidden_act", "silu");
        json.WriteBoolean("attention_bias", false);
        json.WriteBoolean("mlp_bias", false);
        WriteFunction(json);
        json.WriteNumber("max_position_embeddings", MaxPositions);
        WriteTokens(json);
        json.WriteString("torch_dtype", TorchDtype ?? "float32");
        json.WriteEndObject();
    });

    /// <summary>Writes the values that decide which function the weights compute, in a fixed order.</summary>
    internal void WriteFunction(Utf8JsonWriter json)
    {
        json.WriteNumber("vocab_size", VocabularySize);
        json.WriteNumber("hidden_size", HiddenSize);
        json.WriteNumber("num_hidden_layers", BlockCount);
        json.WriteNumber("num_attention_heads", HeadCount);
        json.WriteNumber("num_key_value_heads", KeyValueHeadCount);
        json.WriteNumber("head_dim", HeadWidth);
        json.WriteNumber("intermediate_size", InnerWidth);
        json.WriteNumber("rms_norm_eps", RmsNormEpsilon);
        json.WriteNumber("rope_theta", RopeTheta);
        if (RopeScaling is { } scaling)
        {
            json.WriteStartObject("rope_scaling");
            json.WriteString("rope_type", "llama3");
            json.WriteNumber("factor", scaling.Factor);
            json.WriteNumber("low_freq_factor", scaling.LowFrequencyFactor);
            json.WriteNumber("high_freq_factor", scaling.HighFrequencyFactor);
            json.WriteNumber("original_max_position_embeddings", scaling.OriginalLength);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("rope_scaling");
        }
        json.WriteBoolean("tie_word_embeddings", TiedHead);
    }

    private void WriteTokens(Utf8JsonWriter json)
    {
        if (BosTokenId is { } bos)
        {
            json.WriteNumber("bos_token_id", bos);
        }
        if (EosTokenIds.Count == 1)
        {
            json.WriteNumber("eos_token_id", EosTokenIds[0]);
        }
        else if (EosTokenIds.Count > 1)
        {
            json.WriteStartArray("eos_token_id");
            foreach (int eos in EosTokenIds)
            {
                json.WriteNumberValue(eos);
            }
            json.WriteEndArray();
        }
    }
}
