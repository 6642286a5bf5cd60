using HyperDas.Engine.Tokenization.Unicode;

namespace HyperDas.Engine.Ravel;

/// <summary>Finds names and values with a probably unintended spelling. All are used exactly as written.</summary>
public static class NameCheck
{
    /// <summary>Remarks about a domain, in sentences.</summary>
    /// <param name="domain">The domain.</param>
    public static IEnumerable<string> Of(RavelDomain domain)
    {
        string[] names = [.. domain.Entities.Select(entity => entity.Name)];
        string[] values = [.. domain.Entities.SelectMany(entity => entity.Values.Values).Distinct()];
        return
        [
            .. Blank($"entities of '{domain.Name}'", names, "prompts keep it, but it isn't treated as part of the entity"),
            .. Blank($"values of '{domain.Name}'", values, "no answer contains it, so their facts count as unknown"),
            .. Form($"'{domain.Name}'", names.Concat(values)),
            .. Twins(domain.Name, names),
        ];
    }

    /// <summary>Remarks about a dataset from another source, in sentences.</summary>
    /// <param name="dataset">The dataset.</param>
    public static IEnumerable<string> Of(RavelDataset dataset)
    {
        string[] names =
        [
            .. dataset.Train.Concat(dataset.Val).Concat(dataset.Test)
                .SelectMany(example => (string[])[example.BaseEntity, example.SourceEntity]).Distinct()
        ];
        return
        [
            .. Blank($"entities of '{dataset.Name}'", names, "prompts keep it, but it isn't treated as part of the entity"),
            .. Form($"'{dataset.Name}'", names)
        ];
    }

    private static IEnumerable<string> Blank(string whose, IEnumerable<string> texts, string effect)
    {
        string[] odd = [.. texts.Where(text => text.Length > 0 && text.Trim().Length < text.Length)];
        return odd.Length == 0 ? [] : [$"{odd.Length} {whose} begin or end with a space, e.g. \"{odd[0]}\": {effect}."];
    }

    private static IEnumerable<string> Form(string whose, IEnumerable<string> texts)
    {
        string[] odd = [.. texts.Where(text => ComposedForm.Of(text) != text)];
        return odd.Length == 0 ? []
            : [$"{odd.Length} names in {whose} have decomposed accented letters (NFD), e.g. \"{odd[0]}\". They are used unchanged; most text, and therefore most models' training data, is composed (NFC)."];
    }

    private static IEnumerable<string> Twins(string domain, IEnumerable<string> names) => names
        .GroupBy(name => ComposedForm.Of(name.Trim()), StringComparer.Ordinal).Where(twins => twins.Count() > 1).Take(1)
        .Select(twins =>
            $"The entity \"{twins.Key}\" of '{domain}' occurs {twins.Count()} times in different spellings, which count as different entities.");
}
