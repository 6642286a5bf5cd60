using System.Text.Json;

namespace HyperDas.Engine.Checkpoints;

public sealed partial record ModelConfig
{
    /// <summary>
    /// The values that determine which function the weights compute, as JSON in a fixed order: the first part of a model's fingerprint. The
    /// values that every Llama has come first, in their original order; the others are written only where they differ from Llama's, which
    /// keeps existing fingerprints valid.
    /// </summary>
    /// <param name="config">The model's shape.</param>
    /// <returns>UTF-8.</returns>
    internal static byte[] FunctionOf(ModelConfig config)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            WriteSizes(json, config);
            WriteDifferences(json, config);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>Writes the values that every Llama's file has.</summary>
    /// <param name="json">The destination.</param>
    /// <param name="config">The model's shape.</param>
    internal static void WriteSizes(Utf8JsonWriter json, ModelConfig config)
    {
        json.WriteNumber("vocab_size", config.VocabularySize);
        json.WriteNumber("hidden_size", config.HiddenSize);
        json.WriteNumber("num_hidden_layers", config.BlockCount);
        json.WriteNumber("num_attention_heads", config.HeadCount);
        json.WriteNumber("num_key_value_heads", config.KeyValueHeadCount);
        json.WriteNumber("head_dim", config.HeadWidth);
        json.WriteNumber("intermediate_size", config.InnerWidth);
        json.WriteNumber("rms_norm_eps", config.NormEpsilon);
        json.WriteNumber("rope_theta", config.RopeTheta);
        if (config.RopeScaling is { } scaling)
        {
            json.WriteStartObject("rope_scaling");
            WriteScaling(json, scaling);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("rope_scaling");
        }
        json.WriteBoolean("tie_word_embeddings", config.TiedHead);
    }

    private static void WriteScaling(Utf8JsonWriter json, RopeScaling scaling)
    {
        json.WriteString("rope_type", scaling.Type);
        switch (scaling)
        {
            case Llama3RopeScaling llama3:
                json.WriteNumber("factor", llama3.Factor);
                json.WriteNumber("low_freq_factor", llama3.LowFrequencyFactor);
                json.WriteNumber("high_freq_factor", llama3.HighFrequencyFactor);
                json.WriteNumber("original_max_position_embeddings", llama3.OriginalLength);
                break;
            case LinearRopeScaling linear:
                json.WriteNumber("factor", linear.Factor);
                break;
            case DynamicRopeScaling dynamic:
                json.WriteNumber("factor", dynamic.Factor);
                json.WriteNumber("original_max_position_embeddings", dynamic.OriginalLength);
                break;
            case YarnRopeScaling yarn:
                json.WriteNumber("factor", yarn.Factor);
                json.WriteNumber("original_max_position_embeddings", yarn.OriginalLength);
                json.WriteNumber("beta_fast", yarn.FastTurns);
                json.WriteNumber("beta_slow", yarn.SlowTurns);
                json.WriteNumber("attention_factor", yarn.TableScale);
                json.WriteBoolean("truncate", yarn.WholeBounds);
                break;
            case LongRopeScaling longrope:
                WriteNumbers(json, "short_factor", longrope.ShortFactors);
                WriteNumbers(json, "long_factor", longrope.LongFactors);
                json.WriteNumber("original_max_position_embeddings", longrope.OriginalLength);
                json.WriteNumber("attention_factor", longrope.TableScale);
                break;
        }
    }

    private static void WriteNumbers(Utf8JsonWriter json, string key, IReadOnlyList<double> numbers)
    {
        json.WriteStartArray(key);
        foreach (double number in numbers)
        {
            json.WriteNumberValue(number);
        }
        json.WriteEndArray();
    }

    private static void WriteDifferences(Utf8JsonWriter json, ModelConfig config)
    {
        Number("local_rope_theta", config.AnyBlock(b => b.Rotary == RotaryUse.Local) ? config.LocalRopeTheta : null);
        Number("rotary_width", config.RotaryWidth == config.HeadWidth ? null : config.RotaryWidth);
        Number("embedding_scale", config.EmbeddingScale == 1 ? null : config.EmbeddingScale);
        Number("learned_positions", config.LearnedPositions ? config.MaxPositions : null);
        Number("logit_divisor", config.LogitDivisor == 1 ? null : config.LogitDivisor);
        Number("logit_cap", config.LogitCap);
        BlockSpec plain = new();
        if (config.AnyBlock(b => b != plain))
        {
            json.WriteStartArray("blocks");
            // One value if all are the same, whatever the configuration's notation.
            IEnumerable<BlockSpec> specs = config.Blocks is { } each && each.Distinct().Count() > 1 ? each : [config.BlockAt(0)];
            foreach (BlockSpec spec in specs)
            {
                WriteBlock(json, spec, plain);
            }
            json.WriteEndArray();
        }

        void Number(string key, double? value)
        {
            if (value is { } number)
            {
                json.WriteNumber(key, number);
            }
        }
    }

    private static void WriteBlock(Utf8JsonWriter json, BlockSpec spec, BlockSpec plain)
    {
        json.WriteStartObject();
        foreach ((string key, object? value, object? usual) in ((string, object?, object?)[])
        [
            ("norm", spec.Norm, plain.Norm), ("norm_place", spec.NormPlace, plain.NormPlace), ("head_norm", spec.HeadNorm, plain.HeadNorm),
            ("query_key_value_bias", spec.QueryKeyValueBias, plain.QueryKeyValueBias), ("output_bias", spec.OutputBias, plain.OutputBias),
            ("feed_forward_bias", spec.FeedForwardBias, plain.FeedForwardBias),
            ("parallel_residual", spec.ParallelResidual, plain.ParallelResidual),
            ("gated", spec.Gated, plain.Gated), ("activation", spec.Activation, plain.Activation), ("rotary", spec.Rotary, plain.Rotary),
            ("window", spec.Window, plain.Window), ("score_scale", spec.ScoreScale, plain.ScoreScale),
            ("score_cap", spec.ScoreCap, plain.ScoreCap),
            ("residual_scale", spec.ResidualScale, plain.ResidualScale),
        ])
        {
            if (Equals(value, usual))
            {
                continue;
            }
            switch (value)
            {
                case bool flag:
                    json.WriteBoolean(key, flag);
                    break;
                case int or double:
                    json.WriteNumber(key, Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture));
                    break;
                default:
                    json.WriteString(key, value?.ToString());
                    break;
            }
        }
        json.WriteEndObject();
    }
}
