using HyperDas.Engine.Tokenization;

namespace HyperDas.Engine.Ravel;

/// <summary>Tokenises interchange examples (docs/methods.md#tokens-and-what-is-visible).</summary>
public sealed class RavelCollator
{
    private readonly PromptTokenizer _prompts;

    /// <summary>Creates a collator.</summary>
    /// <param name="tokenizer">The target model's tokenizer.</param>
    /// <param name="options">Tokenisation options; null for the defaults.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>.</exception>
    public RavelCollator(Tokenizer tokenizer, RavelCollatorOptions? options = null)
    {
        _prompts = new PromptTokenizer(tokenizer);
        Options = options ?? new RavelCollatorOptions();
        OptionLaw.ThrowIfBroken(Options);
    }

    /// <summary>Creates a collator with the visible tokens that a dataset allows.</summary>
    /// <param name="tokenizer">The target model's tokenizer.</param>
    /// <param name="options">All other options.</param>
    /// <param name="dataset">The examples' dataset.</param>
    /// <exception cref="HyperDasException"><c>OptionInvalid</c>.</exception>
    public RavelCollator(Tokenizer tokenizer, RavelCollatorOptions options, RavelDataset dataset)
        : this(tokenizer, options with { MaxTokens = dataset.MaxTokens })
    {
    }

    /// <summary>Tokenisation options.</summary>
    public RavelCollatorOptions Options { get; }

    /// <summary>Tokenises one example, whatever its length.</summary>
    /// <param name="example">The example.</param>
    /// <exception cref="HyperDasException"><c>PromptEmpty</c>: a prompt has no token.</exception>
    public TokenizedExample Tokenize(RavelExample example) => Options.Tokenization == RavelTokenization.Original
        ? TokenizeAsOriginal(example)
        : Tokenize(
            example.BasePrefix, example.BaseSuffix, example.SourcePrefix, example.SourceSuffix, example.Instruction,
            example.MustChange, example.Label,
            example.ValuesAreVerbatim) with
        {
            Concept = new ConceptKey(example.Domain, example.Attribute), IsAbsent = example.Wording == RavelWording.Absent,
        };

    /// <summary>Tokens of an example with another description of its concept.</summary>
    /// <param name="tokens">Its tokens.</param>
    /// <param name="example">The example with the other description.</param>
    internal TokenizedExample Reworded(TokenizedExample tokens, RavelExample example) => tokens with
    {
        InstructionIds = _prompts.Instruction(example.Instruction), IsAbsent = example.Wording == RavelWording.Absent,
    };

    /// <summary>Tokenises two prompts for an intervention without a label.</summary>
    /// <param name="basePrefix">The editable part of the base prompt: up to and including the entity, or all of it.</param>
    /// <param name="baseSuffix">The rest of the base prompt; may be empty.</param>
    /// <param name="sourcePrefix">The readable part of the source prompt.</param>
    /// <param name="sourceSuffix">The rest of the source prompt; may be empty.</param>
    /// <param name="concept">The concept in plain language.</param>
    /// <exception cref="HyperDasException"><c>PromptEmpty</c>: a prompt has no token.</exception>
    public TokenizedExample TokenizePrompts(
        string basePrefix, string baseSuffix, string sourcePrefix, string sourceSuffix, string concept) =>
        Tokenize(basePrefix, baseSuffix, sourcePrefix, sourceSuffix, concept, isCause: true, label: "");

    /// <summary>Tokenises the examples that can be learned from: those within the length limit that have a label token.</summary>
    /// <param name="examples">The examples.</param>
    /// <returns>Those kept, in order, with their tokens.</returns>
    public IReadOnlyList<(RavelExample Example, TokenizedExample Tokens)> TokenizeUsable(IEnumerable<RavelExample> examples) =>
        TokenizeRows(examples).Usable;

    /// <summary>Tokenises examples and counts the unusable ones.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="cancellation">Checked at every example.</param>
    public TokenizedRows TokenizeRows(IEnumerable<RavelExample> examples, CancellationToken cancellation = default)
    {
        List<(RavelExample, TokenizedExample)> usable = [];
        int tooLong = 0, withoutLabel = 0;
        foreach (RavelExample example in examples)
        {
            cancellation.ThrowIfCancellationRequested();
            TokenizedExample tokens = Tokenize(example);
            if (!Fits(tokens))
            {
                tooLong++;
            }
            else if (tokens.LabelLength == 0)
            {
                withoutLabel++;
            }
            else
            {
                usable.Add((example, tokens));
            }
        }
        return new TokenizedRows(usable, new UnusableExamples(tooLong, withoutLabel, Options.MaxTokens));
    }

    /// <summary>Whether both prompts are within the length limit.</summary>
    /// <param name="example">A tokenised example.</param>
    public bool Fits(TokenizedExample example) => example.BaseIds.Length <= Options.MaxTokens
        && example.SourceIds.Length <= Options.MaxTokens;

    private TokenizedExample Tokenize(
        string basePrefix, string baseSuffix, string sourcePrefix, string sourceSuffix, string instruction, bool isCause, string label,
        bool verbatim = false)
    {
        (int[] baseIds, int baseEntity) = _prompts.Parts(basePrefix, baseSuffix);
        (int[] sourceIds, int sourceEntity) = _prompts.Parts(sourcePrefix, sourceSuffix);
        if (Options.Position == FixedPosition.PromptLastToken)
        {
            (baseEntity, sourceEntity) = (baseIds.Length - 1, sourceIds.Length - 1);
        }
        return new TokenizedExample
        {
            BaseIds =
                [.. baseIds, .. verbatim ? _prompts.Tokenizer.EncodeContinuation(label) : _prompts.Label(basePrefix + baseSuffix, label)],
            PromptLength = baseIds.Length,
            BaseVisible = Options.BaseSuffixVisible ? baseIds.Length : baseEntity + 1,
            BaseEntityIndex = baseEntity,
            SourceIds = sourceIds,
            SourceVisible = Options.SourceSuffixVisible ? sourceIds.Length : sourceEntity + 1,
            SourceEntityIndex = sourceEntity,
            InstructionIds = _prompts.Instruction(instruction),
            IsCause = isCause,
        };
    }

    private TokenizedExample TokenizeAsOriginal(RavelExample example)
    {
        Tokenizer tokenizer = _prompts.Tokenizer;
        if (tokenizer.Chat is not null)
        {
            throw new HyperDasException(
                "ChatTemplateUnsupported", HyperDasErrorKind.InvalidOperation,
                "The original's tokenization (-Faithful, or Tokenization Original) doesn't support chat templates. Import the model without -ChatTemplate, or train without it.",
                tokenizer.Folder);
        }
        string prompt = example.BasePrompt;
        int[] baseIds = Cut(_prompts.Prompt(
            prompt + (example.ValuesAreVerbatim ? example.Label : PromptTokenizer.Continuation(example.BaseSuffix, example.Label))));
        int[] sourceIds = Cut(_prompts.Prompt(example.SourcePrompt));
        int promptLength = Math.Min(baseIds.Length, tokenizer.Prefix.Length + tokenizer.Encode(prompt).Length);
        int baseVisible = Hide(promptLength, Options.BaseSuffixVisible ? "" : example.BaseSuffix);
        int sourceVisible = Hide(sourceIds.Length, Options.SourceSuffixVisible ? "" : example.SourceSuffix);
        return new TokenizedExample
        {
            BaseIds = baseIds,
            PromptLength = promptLength,
            BaseVisible = baseVisible,
            BaseEntityIndex = Math.Min(_prompts.Parts(example.BasePrefix, example.BaseSuffix).LastPrefixToken, promptLength - 1),
            SourceIds = sourceIds,
            SourceVisible = sourceVisible,
            SourceEntityIndex = Math.Min(_prompts.Parts(example.SourcePrefix, example.SourceSuffix).LastPrefixToken, sourceIds.Length - 1),
            InstructionIds = _prompts.Instruction(example.Instruction),
            IsCause = example.MustChange,
            Concept = new ConceptKey(example.Domain, example.Attribute),
            IsAbsent = example.Wording == RavelWording.Absent,
        };

        int[] Cut(int[] ids) => ids.Length <= Options.MaxTokens ? ids : ids[..Options.MaxTokens];

        // An empty suffix hides nothing; in the original it hid everything (docs/methods.md#tokens-and-what-is-visible).
        int Hide(int length, string suffix) => Math.Max(1, length - tokenizer.EncodeContinuation(suffix).Length);
    }
}
