using System.Text.Json;

namespace HyperDas.Engine.Checkpoints.Families;

/// <summary>
/// Handles the keys of a <c>config.json</c> that the family didn't read. Keys known to change the computation of some family are errors
/// unless their value has no effect; keys known to have no effect are ignored; any other key produces a remark.
/// </summary>
internal static class ConfigKeys
{
    /// <summary>Keys that change what some family computes, and what their value must be to change nothing.</summary>
    private static readonly Dictionary<string, Predicate<JsonElement>> s_changing = new(StringComparer.Ordinal)
    {
        ["alibi"] = Off, ["use_alibi"] = Off, ["attn_config"] = Off, ["clip_qkv"] = Off, ["parallel_attn"] = Off,
            ["new_decoder_architecture"] = Off,
        ["attention_bias"] = Off, ["mlp_bias"] = Off, ["qkv_bias"] = Off, ["use_bias"] = Off, ["use_qkv_bias"] = Off,
        ["attention_out_bias"] = Off, ["o_bias"] = Off,
        ["bias"] = Off, ["lm_head_bias"] = Off, ["attention_in_bias"] = Off, ["use_qk_norm"] = Off, ["qk_norm"] = Off,
        ["qk_layernorm"] = Off, ["use_qk_layernorm"] = Off,
        ["use_parallel_residual"] = Off, ["parallel_residual"] = Off, ["use_sliding_window"] = Off, ["sliding_window"] = Off,
        ["attention_window"] = Off,
        ["attention_chunk_size"] = Off, ["attn_temperature_tuning"] = Off, ["use_mrope"] = Off, ["mrope_section"] = Off,
        ["rope_interleaved"] = Off, ["rope_interleave"] = Off,
        ["partial_rotary_factor"] = One, ["rotary_pct"] = One, ["rotary_dim"] = Off, ["rope_pct"] = One,
        ["use_rotary_embedding"] = On, ["rotary"] = On,
        ["rope_local_base_freq"] = Off, ["local_rope_theta"] = Off, ["global_rope_theta"] = Off, ["no_rope_layers"] = AllOnes,
        ["layer_types"] = AllFull, ["sliding_window_pattern"] = Off, ["_sliding_window_pattern"] = Off,
        ["global_attn_every_n_layers"] = Off,
        ["attn_logit_softcapping"] = Off, ["final_logit_softcapping"] = Off, ["attn_logit_softcap"] = Off,
        ["router_logit_softcapping"] = Off,
        ["query_pre_attn_scalar"] = Off, ["attention_multiplier"] = One, ["embedding_multiplier"] = One, ["residual_multiplier"] = One,
        ["logits_scaling"] = One,
        ["logit_scale"] = One, ["lm_head_multiplier"] = One, ["scale_emb"] = One, ["scale_depth"] = Off,
        ["dim_model_base"] = Off, ["use_mup"] = Off,
        ["mup_width_scale"] = One, ["mup_embeddings_scale"] = One, ["mup_attn_multiplier"] = One, ["scale_embedding"] = Off,
        ["scale_attn_by_inverse_layer_idx"] = Off, ["scale_attn_weights"] = On, ["add_cross_attention"] = Off, ["is_encoder_decoder"] = Off,
        ["use_bidirectional_attention"] = Off, ["bidirectional"] = Off, ["embedding_size"] = Off, ["word_embed_proj_dim"] = Off,
        ["do_layer_norm_before"] = On,
        ["layernorm_kind"] = Off, ["norm_type"] = Off, ["apply_residual_connection_post_layernorm"] = Off, ["activation_function"] = Off,
        ["num_experts"] = Off, ["num_local_experts"] = Off, ["n_routed_experts"] = Off, ["moe_num_experts"] = Off, ["q_lora_rank"] = Off,
        ["kv_lora_rank"] = Off,
        ["attn_layer_period"] = Off, ["mamba_d_state"] = Off, ["attention_sinks"] = Off, ["ffn_dim_multiplier"] = One,
        ["num_kv_shared_layers"] = Off,
        ["quantization_config"] = Never, ["compression_config"] = Never, ["text_config"] = Off, ["vision_config"] = Off,
        ["layer_norm_scale"] = Off,
    };

    private static readonly HashSet<string> s_harmless = new(StringComparer.Ordinal)
    {
        "model_type", "architectures", "transformers_version", "torch_dtype", "dtype", "use_cache", "auto_map", "id2label",
            "label2id", "num_labels",
        "problem_type", "finetuning_task", "task_specific_params", "return_dict", "output_hidden_states",
        "output_attentions", "torchscript",
        "use_bfloat16", "multiple_of", "pruned_heads", "chunk_size_feed_forward", "is_decoder", "cross_attention_hidden_size",
        "tie_encoder_decoder", "prefix",
        "tokenizer_class", "decoder_start_token_id", "tf_legacy_loss", "remove_invalid_values", "exponential_decay_length_penalty",
        "max_length", "min_length", "do_sample",
        "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k", "top_p", "typical_p",
        "repetition_penalty",
        "length_penalty", "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "output_scores",
        "return_dict_in_generate",
        "forced_bos_token_id", "forced_eos_token_id", "suppress_tokens", "begin_suppress_tokens", "pretraining_tp", "cache_implementation",
        "n_ctx", "max_window_layers",
        "no_rope_layer_interval", "reorder_and_upcast_attn", "summary_activation", "summary_first_dropout", "summary_proj_to_labels",
        "summary_type", "summary_use_proj",
        "unsloth_version", "unsloth_fixed", "gradient_checkpointing", "keys_to_ignore_at_inference", "num_logits_to_keep",
        "original_max_position_embeddings",
        "classifier_dropout", "hidden_activation", "max_sequence_length", "model_max_length", "is_llama_config", "attn_implementation",
        "_attn_implementation",
        "rope_scaling", "rope_parameters", "rotary_emb_base", "rope_theta", "layer_norm_eps", "rms_norm_eps", "use_flash_attn", "head_dim",
        "num_key_value_heads", "sliding_window_size", "transformers.js_config",
    };

    /// <summary>Checks the keys that weren't read: throws, ignores or adds a remark.</summary>
    /// <param name="config">The file, after the family read it.</param>
    /// <param name="family">Name of the family.</param>
    /// <param name="maxPositions">The model's maximum length: a window of that length hides nothing.</param>
    public static void Check(ConfigReader config, string family, int maxPositions)
    {
        List<string> unknown = [];
        foreach (JsonProperty property in config.Root.EnumerateObject().Where(p => !config.Asked(p.Name)))
        {
            if (property.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }
            if (s_changing.TryGetValue(property.Name, out Predicate<JsonElement>? changesNothing))
            {
                if (!changesNothing(property.Value) && !(property.Name == "sliding_window" && HidesNothing(property.Value, maxPositions)))
                {
                    throw config.Unsupported(
                        property.Name, Shown(property.Value),
                        property.Name is "quantization_config" or "compression_config"
                            ? "quantised weights aren't supported: use the model's folder in float16, bfloat16 or float32"
                            : $"the family \"{family}\" doesn't support it");
                }
            }
            else if (!s_harmless.Contains(property.Name) && !IsHarmless(property.Name))
            {
                unknown.Add(property.Name);
            }
        }
        if (unknown.Count > 0)
        {
            config.Remarks.Add(
                $"{ModelConfig.FileName} has {(unknown.Count == 1 ? "an unknown key" : "unknown keys")}: {string.Join(", ", unknown)}.");
        }
    }

    private static bool IsHarmless(string key) =>
        key.StartsWith('_') || key.EndsWith("_token_id", StringComparison.Ordinal) || key.EndsWith("_token", StringComparison.Ordinal)
        || key.Contains("dropout", StringComparison.Ordinal) || key.EndsWith("_pdrop", StringComparison.Ordinal)
        || key.StartsWith("initializer", StringComparison.Ordinal) || key.StartsWith("init_", StringComparison.Ordinal);

    private static bool HidesNothing(JsonElement window, int maxPositions) =>
        window.ValueKind == JsonValueKind.Number && window.TryGetInt32(out int width) && width >= maxPositions;

    private static string Shown(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= 60 ? text : text[..57] + "...";
    }

    private static bool Off(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.False or JsonValueKind.Null => true,
        JsonValueKind.Number => value.TryGetDouble(out double number) && number == 0,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private static bool Never(JsonElement value) => false;

    private static bool On(JsonElement value) => value.ValueKind == JsonValueKind.True;

    private static bool One(JsonElement value) => value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out double number) && number == 1;

    private static bool AllOnes(JsonElement value) => value.ValueKind == JsonValueKind.Array
        && value.EnumerateArray().All(v => One(v) || On(v));

    private static bool AllFull(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.String && v.ValueEquals("full_attention"));
}
