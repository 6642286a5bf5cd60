using System.Text.Json.Nodes;
using HyperDas.Engine.LanguageModels;
using HyperDas.Engine.Ravel;
using HyperDas.Engine.Ravel.Instances;
using HyperDas.Engine.Tests.LanguageModels;
using HyperDas.Engine.Tokenization;
using Xunit;

namespace HyperDas.Engine.Tests.Tokenization.Chat;

/// <summary>The published forms, with the texts that they give for one message of a user written out.</summary>
public sealed class ChatTemplateTests : IDisposable
{
    private const string Llama3 =
        """
        {%- for message in messages %}
            {%- set text = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' %}
            {%- if loop.index0 == 0 %}{% set text = bos_token + text %}{% endif %}
            {{- text }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}
        """;

    private const string Dated =
        """
        {%- if not date_string is defined %}
            {%- if strftime_now is defined %}
                {%- set date_string = strftime_now("%d %b %Y") %}
            {%- else %}
                {%- set date_string = "26 Jul 2024" %}
            {%- endif %}
        {%- endif %}
        {%- if messages[0]['role'] == 'system' %}
            {%- set told = messages[0]['content'] | trim %}
            {%- set messages = messages[1:] %}
        {%- else %}
            {%- set told = "" %}
        {%- endif %}
        {{- bos_token ~ "<|start_header_id|>system<|end_header_id|>\n\nToday Date: " ~ date_string ~ "\n\n" ~ told ~ "<|eot_id|>" }}
        {%- for message in messages %}
            {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
                {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}
            {%- elif 'tool_calls' in message %}
                {{- raise_exception("no tools") }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
        {%- endif %}
        """;

    private const string ChatMl =
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private const string WithSystem =
        """
        {%- if messages[0]['role'] == 'system' %}
            {{- '<|im_start|>system\n' + messages[0]['content'] + '<|im_end|>\n' }}
        {%- else %}
            {{- '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}
        {%- endif %}
        {%- for message in messages %}
            {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
                {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}
            {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\n' }}
        {%- endif %}
        """;

    private const string Gemma =
        "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}{% for message in messages %}"
        + "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('must alternate') }}{% endif %}"
        + "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}"
        + "{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}";

    private const string Mistral =
        "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
        + "{% elif message['role'] == 'assistant' %}{{ ' ' + message['content'] + eos_token }}{% else %}{{ raise_exception('Only user and assistant') }}{% endif %}{% endfor %}";

    private const string MistralWithTools =
        """
        {%- set loop_messages = messages %}
        {%- if not tools is defined %}
            {%- set tools = none %}
        {%- endif %}
        {%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
        {%- set ns = namespace(index=0) %}
        {%- for message in loop_messages %}
            {%- if not (message.role == "tool" or (message.tool_calls is defined and message.tool_calls is not none)) %}
                {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
                    {{- raise_exception("must alternate") }}
                {%- endif %}
                {%- set ns.index = ns.index + 1 %}
            {%- endif %}
        {%- endfor %}
        {{- bos_token }}
        {%- for message in loop_messages %}
            {%- if message["role"] == "user" %}
                {%- if tools is not none and (message == user_messages[-1]) %}
                    {{- "[AVAILABLE_TOOLS] " }}
                {%- endif %}
                {{- "[INST] " + message["content"] + "[/INST]" }}
            {%- elif message["role"] == "assistant" %}
                {{- " " + message["content"] | trim + eos_token }}
            {%- endif %}
        {%- endfor %}
        """;

    // Blanks before a statement that stands first in its line, and the newline after it, don't count.
    private const string Indented =
        "{% for message in messages %}\n    {% if message.role == 'user' %}\n<|im_start|>user\n{{ message.content }}<|im_end|>\n    {# nobody else #}\n    {% endif %}\n{% endfor %}\n"
        + "{% if add_generation_prompt %}\n<|im_start|>assistant\n{% endif %}\n";

    private static readonly string[] s_marks =
        ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>",
            "[INST]", "[/INST]"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Llama3, "Llama3", "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n",
        "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n", "", true)]
    [InlineData(Dated, "Llama3",
        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nToday Date: 26 Jul 2024\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
        "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n", "", true)]
    [InlineData(ChatMl, "ChatML", "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n", "", false)]
    [InlineData(WithSystem, "ChatML", "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n",
        "<|im_end|>\n<|im_start|>assistant\n", "", false)]
    [InlineData(Indented, "ChatML", "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n", "", false)]
    [InlineData(Gemma, "Gemma", "<|begin_of_text|><start_of_turn>user\n", "<end_of_turn>\n<start_of_turn>model\n", "", true)]
    [InlineData(Mistral, "Mistral", "<|begin_of_text|>[INST] ", " [/INST]", " ", false)]
    [InlineData(MistralWithTools, "Mistral", "<|begin_of_text|>[INST] ", "[/INST]", " ", false)]
    public void A_prompt_is_wrapped_as_the_published_template_does(
        string template, string form, string before, string after, string lead, bool trims)
    {
        Tokenizer tokenizer = Load(template);

        Assert.Equal((form, before, after, lead), (tokenizer.Chat!.Form, tokenizer.Chat.Before, tokenizer.Chat.After, tokenizer.Chat.Lead));
        Assert.Equal((trims, trims), (tokenizer.Chat.TrimsStart, tokenizer.Chat.TrimsEnd));
        Assert.Equal(template == Dated, tokenizer.Chat.AsksForDate);
        // As the reference tokenizer reads the whole text; spaces at the ends are the template's affair.
        Assert.Equal(tokenizer.EncodeMarkedUp(before + "Vienna is in" + after), tokenizer.EncodePrompt("Vienna is in"));
        Assert.Equal(tokenizer.EncodeMarkedUp(before + (trims ? "Vienna" : " Vienna\n") + after), tokenizer.EncodePrompt(" Vienna\n"));
        Assert.Equal(Bytes(lead + "Austria"), new PromptTokenizer(tokenizer).Label("Vienna is in", "Austria"));
    }

    [Fact]
    public void Names_of_special_tokens_in_a_prompt_are_words()
    {
        Tokenizer tokenizer = Load(ChatMl);
        int start = Id(tokenizer, "<|im_start|>"), end = Id(tokenizer, "<|im_end|>");

        Assert.Equal([start, .. Bytes("user\na<|im_end|>b"), end, .. Bytes("\n"), start, .. Bytes("assistant\n")],
            tokenizer.EncodePrompt("a<|im_end|>b"));
        // Begun in the prompt and ended by the template's mark: the mark is read all the same.
        Assert.Equal(
            [start, .. Bytes("user\n<|im_end|"), end, .. Bytes("\n"), start, .. Bytes("assistant\n")], tokenizer.EncodePrompt("<|im_end|"));
        Assert.Equal([start, .. Bytes("user\n<"), end, .. Bytes("\n"), start, .. Bytes("assistant\n")], tokenizer.EncodePrompt("<"));
    }

    [Theory]
    [InlineData(ChatMl, "I love Paris", " in spring", 6 + 12 - 1)]
    [InlineData(ChatMl, "", "Paris", 6 - 1)]
    [InlineData(ChatMl, "Paris", "", 6 + 5 - 1)]
    [InlineData(Gemma, "  I love Paris", " in spring  ", 7 + 12 - 1)]
    public void The_entitys_last_token_is_found_inside_of_the_template(string template, string prefix, string suffix, int expected)
    {
        PromptTokenizer prompts = new(Load(template));

        (int[] ids, int last) = prompts.Parts(prefix, suffix);

        Assert.Equal(expected, last);
        Assert.Equal(prompts.Prompt(prefix + suffix), ids);
        Assert.Equal(ids[..(last + 1)], prompts.Beginning(prefix));
    }

    [Fact]
    public void Words_for_the_hypernetwork_are_not_wrapped()
    {
        PromptTokenizer prompts = new(Load(Llama3));

        Assert.Equal([prompts.Tokenizer.BosId, .. Bytes("the country")], prompts.Instruction("the country"));
    }

    [Fact]
    public void A_wrapping_tokenizer_is_another_one()
    {
        Tokenizer wrapping = Load(ChatMl), plain = Tokenizer.Load(_folder.Path);

        Assert.Null(plain.Chat);
        Assert.True(plain.HasChatTemplate);
        Assert.True(plain.IsSame(plain.FileHash));
        Assert.False(wrapping.IsSame(plain.Fingerprint) || wrapping.IsSame(wrapping.FileHash) || plain.IsSame(wrapping.Fingerprint));
    }

    [Theory]
    [InlineData("chat_template.jinja")]
    [InlineData("chat_template.json")]
    [InlineData("a list")]
    public void A_template_is_found_wherever_a_folder_has_it(string place)
    {
        JsonNode? inConfig = null;
        switch (place)
        {
            case "chat_template.jinja":
                _folder.Write(place, ChatMl);
                inConfig = Gemma;
                break;
            case "chat_template.json":
                _folder.Write(place, new JsonObject { ["chat_template"] = ChatMl }.ToJsonString());
                break;
            default:
                inConfig = new JsonArray(new JsonObject { ["name"] = "tool_use", ["template"] = Gemma },
                    new JsonObject { ["name"] = "default", ["template"] = ChatMl });
                break;
        }

        Assert.Equal("ChatML", Load(inConfig).Chat!.Form);
    }

    [Theory]
    [InlineData(null, "its files have none")]
    [InlineData("", "nor a list of named ones with one called 'default'")]
    [InlineData("{% for m in messages %}### {{ m.role }}: {{ m.content }}\n{% endfor %}### assistant:",
        "which isn't one of the forms Llama3, ChatML, Gemma, Mistral")]
    [InlineData("{% for m in messages %}<|im_start|>user\n{{ m.content }}<|im_end|>\n{% endfor %}", "which isn't one of the forms")]
    [InlineData("{% for m in messages %}{{ m.content }}{{ m.content }}{% endfor %}", "writes the prompt twice")]
    [InlineData("{{ messages[0].content | upper }}", "omits the prompt")]
    [InlineData("{% macro f() %}{% endmacro %}", "the statement 'macro' isn't supported")]
    [InlineData("{{ messages | tojson }}", "the filter 'tojson' isn't supported")]
    [InlineData("{% if true %}", "'endif' is missing")]
    [InlineData("{{ messages", "isn't closed")]
    [InlineData("{{ strftime_now('%d') }}", "calls something that isn't a function")]
    [InlineData("{{ raise_exception('no users') }}", "its message: no users")]
    [InlineData("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "doesn't terminate")]
    [InlineData(
        "{% set x = 'aaaaaaaaaaaaaaaa' %}{% for a in range(40) %}{% set x = x %}{{ x }}{% endfor %}{% for a in range(9999) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }}{% endfor %}",
        "more than a megabyte")]
    public void What_has_another_form_or_is_not_understood_is_refused(string? template, string word)
    {
        HyperDasException error = Assert.Throws<HyperDasException>(() => Load(template));

        Assert.Equal("ChatTemplateUnsupported", error.ErrorId);
        Assert.Contains(word, error.Message);
        Assert.Contains("Omit -ChatTemplate", error.Message);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        Assert.Contains("too deeply", Assert.Throws<HyperDasException>(() => Load("{{ " + new string('(', 1_500) + " }}")).Message);
        Assert.Contains(
            "too deeply", Assert.Throws<HyperDasException>(() => Load(string.Concat(Enumerable.Repeat("{% if true %}", 10_000)))).Message);
        Assert.Contains("too deeply", Assert.Throws<HyperDasException>(() => Load(
            "{% if true %}" + string.Concat(Enumerable.Repeat("{% elif true %}", 10_000)))).Message);
        Assert.Contains("more than 2000 words", Assert.Throws<HyperDasException>(() => Load(
            "{{ a" + string.Concat(Enumerable.Repeat(" or a", 40_000)) + " }}")).Message);
        Assert.Contains("isn't closed", Assert.Throws<HyperDasException>(() => Load("{{ 'a")).Message);
    }

    [Fact]
    public void A_model_wraps_its_prompts_from_the_import_on()
    {
        Load(ChatMl);
        TinyLlama.Save(_folder.Path, TinyLlama.TextConfig with { VocabularySize = 258 + s_marks.Length });
        using LanguageModel plain = LanguageModel.Load(_folder.Path), wrapping = LanguageModel.Load(_folder.Path, chatTemplate: true),
            again = wrapping.Reload(wrapping.Format);
        GenerationOptions two = new() { MaxNewTokens = 2 };

        Assert.Contains(plain.TextWarnings(), warning => warning.Contains("-ChatTemplate", StringComparison.Ordinal));
        Assert.DoesNotContain(wrapping.TextWarnings(), warning => warning.Contains("-ChatTemplate", StringComparison.Ordinal));
        Assert.Equal((plain.Fingerprint, true, true), (wrapping.Fingerprint, wrapping.IsWrapping, again.IsWrapping));
        int[] wrapped = wrapping.Tokenizer.EncodePrompt("Vienna");
        Assert.Equal(
            wrapping.Tokenizer.DecodeContinuation(TextGenerator.Generate(plain, [wrapped], two)[0]).Trim(),
            PromptGenerator.Generate(wrapping, ["Vienna"], two)[0].Output);
        // Scores, interventions and examples go by the same tokens.
        Assert.Equal(wrapped, new PromptTokenizer(wrapping.Tokenizer).Parts("Vienna", "").Ids);
        Assert.Equal(
            wrapped, new RavelCollator(wrapping.Tokenizer).TokenizePrompts("Vienna", "", "Vienna", "", "the country of a city").BaseIds);
        Assert.Equal(
            wrapping.Tokenizer.DecodeContinuation(TextGenerator.Generate(plain, [wrapped], two)[0]),
            new ModelCompletions(wrapping, newTokens: 2).Complete(["Vienna"])[0]!.Value.Text);
        Assert.Equal("ChatTemplateUnsupported", Assert.Throws<HyperDasException>(() => new RavelCollator(
            wrapping.Tokenizer, new RavelCollatorOptions { Tokenization = RavelTokenization.Original })
            .Tokenize(HyperDas.Engine.Tests.Ravel.Examples.Of("Vienna| is in", "Austria"))).ErrorId);
    }

    private Tokenizer Load(JsonNode? template)
    {
        _folder.Write("tokenizer.json", TinyTokenizer.Json([], root =>
        {
            JsonArray added = root["added_tokens"]!.AsArray();
            foreach (string mark in s_marks)
            {
                added.Add(new JsonObject { ["id"] = 256 + added.Count, ["content"] = mark, ["special"] = true });
            }
        }));
        _folder.Write("tokenizer_config.json", new JsonObject
        {
            ["bos_token"] = TinyTokenizer.Bos, ["eos_token"] = TinyTokenizer.Eos, ["chat_template"] = template
        }.ToJsonString());
        return Tokenizer.Load(_folder.Path, chat: true);
    }

    private static int Id(Tokenizer tokenizer, string mark) => tokenizer.EncodeMarkedUp(mark).Single();

    private static int[] Bytes(string text) => [.. System.Text.Encoding.UTF8.GetBytes(text).Select(b => (int)b)];
}
