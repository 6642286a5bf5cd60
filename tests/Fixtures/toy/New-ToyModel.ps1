# Made the other files of this folder: hyperdas tests/Fixtures/toy/New-ToyModel.ps1
# A Llama with random weights (3 blocks, width 32) and a tokenizer whose tokens are the 256 bytes: a complete Hugging Face folder in
# 150 KB, for tests of what surrounds a model. It knows nothing.
param([string] $Path = $PSScriptRoot)

$hidden = 32; $inner = 64; $blocks = 3; $heads = 4; $keyValueHeads = 2; $vocabulary = 258
$keyValue = $hidden / $heads * $keyValueHeads

$config = [ordered]@{
    architectures = @('LlamaForCausalLM'); model_type = 'llama'; hidden_act = 'silu'; vocab_size = $vocabulary; hidden_size = $hidden
    intermediate_size = $inner; num_hidden_layers = $blocks; num_attention_heads = $heads; num_key_value_heads = $keyValueHeads
    rms_norm_eps = 1e-5; rope_theta = 10000.0; max_position_embeddings = 512; tie_word_embeddings = $true; torch_dtype = 'float32'
    bos_token_id = 256; eos_token_id = 257
}

# The byte-level alphabet: printable bytes stand for themselves, the others for the characters from U+0100 on.
# A dictionary of .NET: the keys of @{} are the same in both cases.
$tokens = [System.Collections.Generic.Dictionary[string, int]]::new()
$next = 256
foreach ($byte in 0..255) {
    $printable = $byte -in 33..126 -or $byte -in 161..172 -or $byte -in 174..255
    $tokens[[string][char]($printable ? $byte : $next++)] = $byte
}
$special = foreach ($name in 'begin_of_text', 'end_of_text') {
    [ordered]@{ id = $vocabulary - 2 + ($name -eq 'end_of_text'); content = "<|$name|>"; special = $true; normalized = $false;
        single_word = $false; lstrip = $false; rstrip = $false }
}
$tokenizer = [ordered]@{
    version = '1.0'; added_tokens = $special; normalizer = $null
    pre_tokenizer = [ordered]@{ type = 'ByteLevel'; add_prefix_space = $false; trim_offsets = $true; use_regex = $true }
    post_processor = $null
    decoder = [ordered]@{ type = 'ByteLevel'; add_prefix_space = $true; trim_offsets = $true; use_regex = $true }
    model = [ordered]@{ type = 'BPE'; unk_token = $null; vocab = $tokens; merges = @() }
}

$tokenizerConfig = [ordered]@{ add_bos_token = $true; bos_token = '<|begin_of_text|>'; eos_token = '<|end_of_text|>' }

$shapes = [ordered]@{ 'model.embed_tokens.weight' = $vocabulary, $hidden; 'model.norm.weight' = , $hidden }
foreach ($i in 0..($blocks - 1)) {
    $prefix = "model.layers.$i"
    $shapes["$prefix.self_attn.q_proj.weight"] = $hidden, $hidden
    $shapes["$prefix.self_attn.k_proj.weight"] = $keyValue, $hidden
    $shapes["$prefix.self_attn.v_proj.weight"] = $keyValue, $hidden
    $shapes["$prefix.self_attn.o_proj.weight"] = $hidden, $hidden
    $shapes["$prefix.mlp.gate_proj.weight"] = $inner, $hidden
    $shapes["$prefix.mlp.up_proj.weight"] = $inner, $hidden
    $shapes["$prefix.mlp.down_proj.weight"] = $hidden, $inner
    $shapes["$prefix.input_layernorm.weight"] = , $hidden
    $shapes["$prefix.post_attention_layernorm.weight"] = , $hidden
}

$random = [Random]::new(1)
$bytes = [System.IO.MemoryStream]::new()
$writer = [System.IO.BinaryWriter]::new($bytes)
$header = [ordered]@{}
foreach ($name in $shapes.Keys) {
    $start = $bytes.Position
    $count = 1; foreach ($size in $shapes[$name]) { $count *= $size }
    # Norm scales near 1; matrices uniform with a standard deviation of 0.2, enough for answers that differ from prompt to prompt.
    for ($n = 0; $n -lt $count; $n++) {
        $writer.Write([float]($name -like '*norm*' ? 1 : ($random.NextDouble() - 0.5) * 0.7))
    }
    $header[$name] = [ordered]@{ dtype = 'F32'; shape = @($shapes[$name]); data_offsets = @($start, $bytes.Position) }
}
[byte[]] $headerBytes = [System.Text.Encoding]::UTF8.GetBytes([System.Text.Json.JsonSerializer]::Serialize($header,
    [System.Text.Json.JsonSerializerOptions]::new()))

$json = [System.Text.Json.JsonSerializerOptions]::new()
$json.WriteIndented = $true
[System.IO.File]::WriteAllText("$Path/config.json", [System.Text.Json.JsonSerializer]::Serialize($config, $json) + "`n")
[System.IO.File]::WriteAllText("$Path/tokenizer.json", [System.Text.Json.JsonSerializer]::Serialize($tokenizer, $json) + "`n")
[System.IO.File]::WriteAllText("$Path/tokenizer_config.json", [System.Text.Json.JsonSerializer]::Serialize($tokenizerConfig, $json) + "`n")
$file = [System.IO.BinaryWriter]::new([System.IO.File]::Create("$Path/model.safetensors"))
$file.Write([long]$headerBytes.Length)
$file.Write($headerBytes)
$file.Write($bytes.ToArray())
$file.Dispose()
